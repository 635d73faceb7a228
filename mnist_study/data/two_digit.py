"""MNIST-100: two-digit numbers, 00 to 99, as one picture of 28 x 56 pixels and one of a hundred classes.

Every pair is made of two digits of the same split of MNIST, so that no digit of one split appears in another, and every
number comes equally often. No library's random stream is involved: the pairs are the same on every machine, for good.
"""

from functools import cached_property, partial
from pathlib import Path

import numpy as np

from .digits import Digits
from .mnist import MNIST, Mnist, load_mnist, pseudo_random
from .parts import side_by_side
from .tasks import TASKS, Task

NUMBERS = len(MNIST.classes) ** 2
SEED = 100
COUNTS = {"train": 48_000, "validation": 12_000, "test": 10_000}  # pairs
GAPS = (-4, 8)  # pixels between the ink of two loose digits; below 0 they overlap
HEIGHTS = (-3, 3)  # pixels by which a loose digit stands lower


class TwoDigit:
    """The three splits, each made of MNIST's when somebody asks for it.

    Parameters
    ----------
    mnist : Mnist, whose digits are paired
    loose : gaps and heights vary: two digits touch, overlap by up to 4 pixels or stand apart, one up to 6 pixels lower
        than the other; else each keeps its own half, as it stands in MNIST
    """

    def __init__(self, mnist: Mnist, loose: bool = False) -> None:
        self.mnist, self.loose = mnist, loose

    @cached_property
    def train(self) -> Digits:
        return self._pairs("train")

    @cached_property
    def validation(self) -> Digits:
        return self._pairs("validation")

    @cached_property
    def test(self) -> Digits:
        return self._pairs("test")

    def redrawn(self, rng: np.random.Generator) -> Digits:
        """As many training pairs, put together anew from the training digits."""
        return self._pairs("train", int(rng.integers(1 << 62)))

    def _pairs(self, split: str, seed: int = SEED) -> Digits:
        digits: Digits = getattr(self.mnist, split)
        left, right = pair_indices(digits.labels, COUNTS[split], seed)
        labels = digits.labels[left] * len(MNIST.classes) + digits.labels[right]
        if not self.loose:
            return Digits(side_by_side(digits.images[left], digits.images[right]), labels)
        key = pseudo_random(np.arange(3 * len(labels), dtype=np.uint64), seed + 3).reshape(3, -1)
        gaps, *heights = (
            (values % np.uint64(high - low + 1)).astype(int) + low
            for values, (low, high) in zip(key, (GAPS, HEIGHTS, HEIGHTS), strict=True)
        )
        return Digits(loosely(digits.images[left], digits.images[right], gaps, *heights), labels)


def load_two_digit(folder: Path | str | None = None, verify: bool = True, loose: bool = False) -> TwoDigit:
    """Two-digit numbers, built from MNIST's digits.

    Parameters
    ----------
    folder, verify : as for ``load_mnist``
    loose : gaps and heights vary (see ``TwoDigit``)

    Returns
    -------
    TwoDigit with ``.train`` (48 000 pairs), ``.validation`` (12 000) and ``.test`` (10 000): images uint8
    ``(N, 28, 56)``, labels 0 to 99

    Raises
    ------
    DataError
        As ``load_mnist``.
    """
    return TwoDigit(load_mnist(folder, verify), loose)


def pair_indices(labels: np.ndarray, count: int, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Which digits make up ``count`` pairs: every number equally often (± 1), every digit of a class too.

    Parameters
    ----------
    labels : int ``(N,)`` of single digits
    count : how many pairs

    Returns
    -------
    two int64 arrays ``(count,)``: indices of the left and of the right digits
    """
    digit = len(MNIST.classes)
    numbers = np.sort(np.arange(count) % NUMBERS)  # the first ones once more, where it does not go even
    sides = []
    for side, wanted in enumerate((numbers // digit, numbers % digit)):
        key = pseudo_random(np.arange(len(labels), dtype=np.uint64), seed + side)
        chosen = np.empty(count, np.int64)
        for label in range(digit):
            places = np.flatnonzero(wanted == label)
            own = np.flatnonzero(labels == label)
            chosen[places] = np.resize(own[np.argsort(key[own])], len(places))  # in turn, from the first again
        sides.append(chosen)
    order = np.argsort(pseudo_random(np.arange(count, dtype=np.uint64), seed + 2))
    return sides[0][order], sides[1][order]


def loosely(
    left: np.ndarray, right: np.ndarray, gaps: np.ndarray, lower_left: np.ndarray, lower_right: np.ndarray
) -> np.ndarray:
    """Two digits with so many pixels between their ink, in the middle; where they overlap, the darker ink shows.

    Parameters
    ----------
    left, right : uint8 ``(N, rows, columns)``
    gaps : int ``(N,)``, pixels from the last inked column of the left digit to the first of the right; below 0 they
        overlap
    lower_left, lower_right : int ``(N,)``, pixels by which each stands lower; less where ink would leave the picture

    Returns
    -------
    uint8 ``(N, rows, 2 columns)``
    """
    count, rows, columns = left.shape
    result = np.zeros((count, rows, 2 * columns), np.uint8)
    for image, one, other, gap, *lower in zip(result, left, right, gaps, lower_left, lower_right, strict=True):
        parts = [_ink(one), _ink(other)]
        start = (2 * columns - sum(part.shape[1] for _, part in parts) - gap) // 2
        for (top, part), down in zip(parts, lower, strict=True):
            height, width = part.shape
            top = min(max(top + down, 0), rows - height)
            place = image[top : top + height, start : start + width]
            np.maximum(place, part, out=place)
            start += width + gap
    return result


def _ink(image: np.ndarray) -> tuple[int, np.ndarray]:
    """The first row with ink, and the box that holds all of it."""
    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


CLASSES = tuple(f"{number:02}" for number in range(NUMBERS))
SHAPE = (MNIST.shape[0], 2 * MNIST.shape[1])
TWO_DIGIT = TASKS["two_digit"] = Task(
    "two_digit", SHAPE, CLASSES, load_two_digit, MNIST.checksums, parts=2, redraw=TwoDigit.redrawn
)
TASKS["two_digit_loose"] = Task(
    "two_digit_loose", SHAPE, CLASSES, partial(load_two_digit, loose=True), MNIST.checksums, redraw=TwoDigit.redrawn
)
