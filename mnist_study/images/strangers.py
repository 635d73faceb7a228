"""Pictures that are no digit, or not one: what a network that knows ten classes only should not answer."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mnist_study.data import MNIST
from mnist_study.data.files import chosen

from .drawn import curve, draw
from .preparation import prepare
from .strokes import CANVAS, rasterise

LETTERS: Mapping[str, Sequence[str]] = {  # that no digit looks like, as ``drawn.STYLES`` writes digits
    "A": ("0 100, 50 0 |, 100 100 / 20 62, 80 62", "0 100, 5 20, 50 0, 95 20, 100 100 / 2 55, 98 55"),
    "E": ("95 0, 0 0 |, 0 100 |, 95 100 / 0 50, 75 50", "90 10, 40 0, 15 25, 45 45 |, 5 70, 40 100, 95 90"),
    "F": ("95 0, 0 0 |, 0 100 / 0 48, 70 48",),
    "H": ("0 0, 0 100 / 100 0, 100 100 / 0 50, 100 50",),
    "K": ("0 0, 0 100 / 90 0, 0 55 |, 95 100",),
    "M": ("0 100, 0 0 |, 50 60 |, 100 0 |, 100 100", "0 100, 15 0 |, 50 70 |, 85 0 |, 100 100"),
    "N": ("0 100, 0 0 |, 100 100 |, 100 0",),
    "R": ("0 100, 0 0 |, 70 5, 75 40, 0 52 |, 90 100",),
    "T": ("0 0, 100 0 / 50 0, 50 100",),
    "W": ("0 0, 25 100 |, 50 35 |, 75 100 |, 100 0",),
    "X": ("0 0, 100 100 / 100 0, 0 100",),
    "e": ("10 55, 90 50 |, 70 10, 30 10, 5 55, 35 100, 95 85",),
    "k": ("10 0, 10 100 / 80 40, 10 70 |, 85 100",),
    "m": ("0 40, 0 100 / 0 60, 25 40, 45 60, 45 100 / 45 60, 75 40, 95 60, 95 100",),
    "w": ("0 40, 20 100 |, 50 55 |, 80 100 |, 100 40",),
}


def strangers(kind: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many pictures of one kind, prepared as a drawing on the pad is.

    Parameters
    ----------
    kind : in ``STRANGERS``
    count : int
    rng : numpy Generator; halves and pairs are made of MNIST's test digits

    Returns
    -------
    uint8 ``(count, 28, 28)``, ink bright on dark

    Raises
    ------
    ValueError
        There is no such kind.
    """
    return np.asarray(chosen(kind, STRANGERS, "kind of stranger")(count, rng), np.uint8).reshape(count, *MNIST.shape)


def _scribbles(count, rng):
    """A pen that wanders for four to fourteen turns."""
    return [_drawn([_wandering(rng, rng.integers(4, 15))], rng) for _ in range(count)]


def _wandering(rng, turns):
    points = np.cumsum(rng.normal(0, 0.5, (turns, 2)), axis=0)
    return curve(points, [False] * turns) * CANVAS / 2


def _letters(count, rng):
    names = sorted(LETTERS)
    return [_drawn(draw(names[each % len(names)], rng, LETTERS), rng) for each in range(count)]


def _halves(count, rng):
    """The upper or the lower half of a test digit; not of a 1, whose halves are 1s."""
    images = _test_digits(count, rng, without=1)
    upper = rng.random(count) < 0.5
    images[upper, 14:] = 0
    images[~upper, :14] = 0
    return prepare(images)


def _pairs(count, rng):
    """Two test digits side by side, made to fit where one should be."""
    wide = np.concatenate([_test_digits(count, rng), _test_digits(count, rng)], axis=2)
    return prepare(wide)


def _noise(count, rng):
    """Grain, from single pixels to spots of a few."""
    from scipy.ndimage import gaussian_filter

    grain = rng.normal(size=(count, 28, 28))
    coarse = np.array([gaussian_filter(each, size) for each, size in zip(grain, rng.uniform(0, 2, count), strict=True)])
    coarse = coarse.reshape(grain.shape)
    lowest, highest = (edge(coarse, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
    return np.rint(255 * (coarse - lowest) / (highest - lowest)).astype(np.uint8)


def _textures(count, rng):
    """Filled shapes with stripes or checks, grey all over, as pictures of clothes are."""
    row, column = np.mgrid[:28, :28] - 13.5
    images = np.empty((count, 28, 28))
    for each in images:
        angle, waist = rng.uniform(0, np.pi), rng.uniform(4, 12, 2)
        across = np.cos(angle) * row + np.sin(angle) * column
        along = np.cos(angle) * column - np.sin(angle) * row
        power = rng.uniform(1.5, 6)
        inside = np.abs(across / waist[0]) ** power + np.abs(along / waist[1]) ** power < 1
        waves = [np.sin(2 * np.pi * line / rng.uniform(2, 8)) for line in (across, along)]
        pattern = rng.uniform(0.4, 0.8) + 0.3 * (waves[0] * waves[1] if rng.random() < 0.5 else waves[0])
        each[:] = inside * pattern
    return prepare(np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8))


STRANGERS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "scribbles": _scribbles,
    "letters": _letters,
    "half digits": _halves,
    "two digits": _pairs,
    "noise": _noise,
    "textures": _textures,
}


def _drawn(strokes, rng):
    return rasterise(strokes, np.exp(rng.uniform(np.log(1.5), np.log(4.0))))


def _test_digits(count, rng, without=None):
    test = MNIST.load().test
    images = test.images[test.labels != without]
    return images[rng.integers(len(images), size=count)]
