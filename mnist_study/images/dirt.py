"""What light, paper and camera add to a digit: each kind changes a batch, every image in its own way."""

from collections.abc import Callable

import numpy as np

from .warping import neighbourhood, sample, smooth_field

CHANCE = 0.25  # of each kind of dirt, in an image that becomes dirty: one or two of them in most


def soil(images: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Make a share of the images dirty, each with a random choice of ``DIRT``.

    Parameters
    ----------
    images : uint8 ``(N, H, W)``, ink bright on dark
    rng : numpy Generator
    share : of the images, 0 to 1

    Returns
    -------
    uint8 ``(N, H, W)``
    """
    dirty = rng.random(len(images)) < share
    changed = images[dirty].astype(np.float32) / 255
    for kind in DIRT:
        chosen = rng.random(len(changed)) < CHANCE
        changed[chosen] = kind(changed[chosen], rng)
    images = images.copy()
    images[dirty] = np.rint(255 * np.clip(changed, 0, 1))
    return images


def _loose(images, rng):
    """Not prepared: down to six tenths of the size, and anywhere on the paper."""
    zoom = rng.uniform(0.6, 1, (len(images), 1, 1)).astype(np.float32)
    room = rng.uniform(-1, 1, (2, len(images), 1, 1)).astype(np.float32)
    row, column = _places(images.shape)
    middle = (np.array(images.shape[1:], np.float32) - 1) / 2
    free = (images.shape[1] - 20 * zoom) / 2  # beside a digit in its box of 20 pixels
    rows, columns = (  # not by ``warp``, which rounds otherwise: ``cnn_robust`` was trained on these bits
        (places - centre - part * free) / zoom + centre
        for places, centre, part in zip((row, column), middle, room, strict=True)
    )
    rows, columns = np.broadcast_arrays(rows, columns)
    return sample(np.rint(255 * images), rows, columns) / np.float32(255)


def _hollow(images, rng):
    """Only the outlines of the strokes, as a pen draws letters on a poster."""
    outside = np.maximum.reduce(neighbourhood(images)) - images
    return outside / np.maximum(outside.max(axis=(1, 2), keepdims=True), 1e-6)


def _blur(images, rng):
    """Out of focus: a Gaussian of 0.5 to 1.5 pixels."""
    width = rng.uniform(0.5, 1.5, len(images)).astype(np.float32)
    down, across = (_gaussian(side, width) for side in images.shape[1:])
    return down @ images @ across


def _gaussian(side, width):
    """``(N, side, side)``: what each pixel of a line takes of each other."""
    apart = np.arange(side, dtype=np.float32)
    weights = np.exp(-(((apart - apart[:, None]) / width[:, None, None]) ** 2) / 2)
    return weights / weights.sum(axis=1, keepdims=True)


def _lines(images, rng):
    """One or two straight lines, of ink or of paper, one to three pixels wide."""
    for _ in range(2):
        distance = np.abs(_beyond(images, rng))
        half = rng.uniform(0.5, 1.5, (len(images), 1, 1)).astype(np.float32)
        ink = rng.integers(0, 2, (len(images), 1, 1)).astype(np.float32)
        images = images + np.clip(half + 0.5 - distance, 0, 1) * (ink - images)
    return images


def _blots(images, rng):
    """Four round blots of ink or of paper, half a pixel to two in radius."""
    row, column = _places(images.shape)
    for _ in range(4):
        at = rng.uniform(0, images.shape[1:], (len(images), 2)).astype(np.float32)[:, :, None, None]
        radius = rng.uniform(0.5, 2, (len(images), 1, 1)).astype(np.float32)
        ink = rng.integers(0, 2, (len(images), 1, 1)).astype(np.float32)
        distance = np.hypot(row - at[:, 0], column - at[:, 1])
        images = images + np.clip(radius + 0.5 - distance, 0, 1) * (ink - images)
    return images


def _negative(images, rng):
    """Beyond a random line, ink and paper change places."""
    return np.where(_beyond(images, rng) > 0, 1 - images, images)


def _light(images, rng):
    """Less contrast, a brighter paper, and both uneven."""
    amount = rng.uniform(0, 1, (3, len(images), 1, 1)).astype(np.float32)
    paper = 0.5 * amount[0] + 0.2 * amount[1] * smooth_field(rng, *images.shape)
    return images + paper - amount[2] * images * np.clip(paper, 0, 1)


def _noise(images, rng):
    """Grain of up to a third of full brightness."""
    size = rng.uniform(0, 0.35, (len(images), 1, 1)).astype(np.float32)
    return images + size * rng.standard_normal(images.shape, dtype=np.float32)


DIRT: tuple[Callable[[np.ndarray, np.random.Generator], np.ndarray], ...] = (
    _loose,
    _hollow,
    _blur,
    _lines,
    _blots,
    _negative,
    _light,
    _noise,
)


def _beyond(images, rng):
    """How far each pixel is on one side of a random line, in pixels: float32 ``(N, H, W)``."""
    row, column = _places(images.shape)
    angle = rng.uniform(0, 2 * np.pi, (len(images), 1, 1)).astype(np.float32)
    away = rng.uniform(0, 0.4 * images.shape[1], (len(images), 1, 1)).astype(np.float32)
    middle = (np.array(images.shape[1:], np.float32) - 1) / 2
    return np.cos(angle) * (row - middle[0]) + np.sin(angle) * (column - middle[1]) - away


def _places(shape):
    return np.arange(shape[1], dtype=np.float32)[:, None], np.arange(shape[2], dtype=np.float32)
