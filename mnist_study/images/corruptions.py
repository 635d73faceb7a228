"""Test digits as a careless hand or scanner might deliver them: still as large, no longer as MNIST is."""

from collections.abc import Callable

import numpy as np

from mnist_study.data.files import chosen

from .augmentation import change_strokes
from .checks import check_grey
from .preparation import resampling
from .warping import warp


def shifted(images: np.ndarray, rng: np.random.Generator, pixels: int = 4) -> np.ndarray:
    """Each image uint8 ``(N, H, W)`` moved by ``pixels`` down or up and right or left; what leaves it is lost."""
    padded = np.pad(images, ((0, 0), (pixels, pixels), (pixels, pixels)))
    corners = 2 * pixels * rng.integers(0, 2, (len(images), 2))
    rows, columns = (corners[:, axis, None] + np.arange(images.shape[axis + 1]) for axis in (0, 1))
    return padded[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]


def small(images: np.ndarray, rng: np.random.Generator | None = None, factor: float = 0.6) -> np.ndarray:
    """Each image shrunk by ``factor`` about its middle; paper around it."""
    down, across = (_shrinking(side, factor) for side in images.shape[1:])
    return np.rint(down @ images.astype(float) @ across.T).astype(np.uint8)


def _shrinking(side, factor):
    """The matrix ``(side, side)`` that shrinks a line of ``side`` pixels about its middle."""
    inner = side - 2 * round(side * (1 - factor) / 2)  # as much paper on either side, so that the middle stays
    shrink = np.zeros((side, side))
    shrink[(side - inner) // 2 :][:inner] = resampling(side, inner)
    return shrink


def thick(images: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """Every stroke's edge moved outwards by a pixel."""
    return change_strokes(images, np.ones(len(images)))


def thin(images: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """Every stroke's edge moved inwards by two thirds of a pixel."""
    return change_strokes(images, np.full(len(images), -2 / 3))


def rotated(images: np.ndarray, rng: np.random.Generator, degrees: float = 25) -> np.ndarray:
    """Each image turned by ``degrees``, this way or that."""
    angle = np.radians(degrees) * (2 * rng.integers(0, 2, (len(images), 1, 1)) - 1)
    return warp(images, ((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))


CORRUPTIONS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "shifted": shifted,
    "small": small,
    "thick": thick,
    "thin": thin,
    "rotated": rotated,
}


def corrupt(images: np.ndarray, name: str, rng: np.random.Generator) -> np.ndarray:
    """uint8 ``(N, H, W)``, changed as ``name`` in ``CORRUPTIONS`` says; ``rng`` chooses directions.

    Raises
    ------
    ValueError
        There is no such corruption, or these are no grey values.
    """
    check_grey(images)
    return chosen(name, CORRUPTIONS, "corruption")(images, rng)
