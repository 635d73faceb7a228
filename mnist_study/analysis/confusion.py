"""Which digits are taken for which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mnist_study.data import MNIST, places_of


@dataclass(frozen=True)
class Confusion:
    """``matrix[label, prediction]`` counts digits, int64 ``(classes, classes)``; ``classes`` are their names.

    Raises
    ------
    ValueError
        There are not as many rows and columns as names.
    """

    matrix: np.ndarray
    classes: tuple[str, ...] = MNIST.classes

    def __post_init__(self) -> None:
        if self.matrix.shape != (len(self.classes), len(self.classes)):
            raise ValueError(f"a confusion matrix {self.matrix.shape} does not fit {len(self.classes)} classes")

    @property
    def errors(self) -> int:
        """How many digits were read wrongly."""
        return int(self.matrix.sum() - np.trace(self.matrix))

    @property
    def recall(self) -> np.ndarray:
        """Of the digits of each class, the share that was read right; 1 where there are none."""
        return self._right_of(self.matrix.sum(axis=1))

    @property
    def precision(self) -> np.ndarray:
        """Of the digits that were read as each class, the share that are it; 1 where there are none."""
        return self._right_of(self.matrix.sum(axis=0))

    @property
    def f1(self) -> np.ndarray:
        """The harmonic mean of precision and recall of each class."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / np.where(both > 0, both, 1)

    def _right_of(self, counts):
        return np.where(counts > 0, np.diag(self.matrix) / np.maximum(counts, 1), 1.0)

    @property
    def by_place(self) -> tuple["Confusion", ...]:
        """Which letter is taken for which, for each place of the names: of numbers, the tens and the ones.

        This one alone, where the names are not all combinations of letters.
        """
        places = places_of(self.classes)
        sides = tuple(map(len, places))
        joint = self.matrix.reshape(sides + sides)
        own = [{place, place + len(places)} for place in range(len(places))]
        rest = [tuple(axis for axis in range(joint.ndim) if axis not in axes) for axes in own]
        return tuple(Confusion(joint.sum(axis=axes), letters) for axes, letters in zip(rest, places, strict=True))

    @property
    def all_places_wrong(self) -> int:
        """How many digits were read wrongly in every place of their names."""
        places = places_of(self.classes)
        letters = np.indices(tuple(map(len, places))).reshape(len(places), -1)
        differ = letters[:, :, None] != letters[:, None, :]  # (places, labels, predictions)
        return int(self.matrix[differ.all(axis=0)].sum())

    def between(self, one: int, other: int) -> int:
        """Digits taken for one another, either way."""
        return int(self.matrix[one, other] + self.matrix[other, one])

    def worst(self, count: int) -> list[int]:
        """The ``count`` classes of which the smallest share was read right, worst first."""
        return np.argsort(self.recall, kind="stable")[:count].tolist()

    def mostly_read_as(self, label: int) -> tuple[int, int] | None:
        """The wrong class that the digits of a class were most often taken for, and how often; None without errors."""
        wrong = self.matrix[label].copy()
        wrong[label] = 0
        return (int(wrong.argmax()), int(wrong.max())) if wrong.any() else None

    def most_confused(self, count: int) -> list[tuple[int, int, int]]:
        """The ``count`` unordered pairs with the most errors, worst first: ``[(4, 9, 83), …]``."""
        one, other = np.triu_indices(len(self.classes), k=1)
        both = self.matrix[one, other] + self.matrix[other, one]
        worst = np.argsort(-both, kind="stable")[:count]
        return [(int(one[i]), int(other[i]), int(both[i])) for i in worst]


def confusion(labels: ArrayLike, predictions: ArrayLike, classes: Sequence[str] = MNIST.classes) -> Confusion:
    """Count every pair of label and prediction.

    Parameters
    ----------
    labels, predictions : int ``(N,)``, each of them in 0..len(classes) - 1
    classes : names of the classes, in the order of the labels

    Returns
    -------
    Confusion

    Raises
    ------
    ValueError
        There are not as many predictions as labels, or one of either is no class.
    """
    labels, predictions = _checked(labels, "label", classes), _checked(predictions, "prediction", classes)
    if labels.shape != predictions.shape:
        raise ValueError(f"each digit has a label and a prediction; here are {len(labels)} and {len(predictions)}")
    pairs = labels * len(classes) + predictions
    return Confusion(np.bincount(pairs, minlength=len(classes) ** 2).reshape(len(classes), -1), tuple(classes))


def _checked(numbers: ArrayLike, name: str, classes: Sequence[str]) -> np.ndarray:
    """``numbers`` as int64 ``(N,)``, every one of them a class."""
    numbers = np.asarray(numbers)
    if numbers.ndim != 1 or not (np.issubdtype(numbers.dtype, np.integer) or numbers.size == 0):
        raise ValueError(f"{name}s are integers (N,); these are {numbers.dtype} {numbers.shape}")
    outside = np.flatnonzero((numbers < 0) | (numbers >= len(classes)))
    if outside.size:
        first = int(outside[0])
        raise ValueError(f"{name} {first} is {numbers[first]}, but the classes are 0 to {len(classes) - 1}")
    return numbers.astype(np.int64)
