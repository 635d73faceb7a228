"""Which digits are taken for which."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Confusion:
    """``matrix[label, prediction]`` counts digits, int64 ``(classes, classes)``."""

    matrix: np.ndarray

    @property
    def errors(self):
        return int(self.matrix.sum() - np.trace(self.matrix))

    @property
    def recall(self):
        """Of the digits of each class, the share that was read right."""
        return np.diag(self.matrix) / self.matrix.sum(axis=1)

    @property
    def precision(self):
        """Of the digits that were read as each class, the share that are it; 1 where there are none."""
        read_as = self.matrix.sum(axis=0)
        return np.where(read_as > 0, np.diag(self.matrix) / np.maximum(read_as, 1), 1.0)

    def between(self, one, other):
        """Digits taken for one another, either way."""
        return int(self.matrix[one, other] + self.matrix[other, one])

    def most_confused(self, count):
        """The ``count`` unordered pairs with the most errors, worst first: ``[(4, 9, 83), …]``."""
        both = np.triu(self.matrix + self.matrix.T, k=1)
        worst = np.argsort(-both, axis=None, kind="stable")[:count]
        return [(int(i), int(j), int(both[i, j])) for i, j in zip(*np.unravel_index(worst, both.shape), strict=True)]


def confusion(labels, predictions, classes=10):
    """Count every pair of label and prediction, both int ``(N,)`` in 0..classes-1."""
    pairs = np.asarray(labels) * classes + predictions
    return Confusion(np.bincount(pairs, minlength=classes**2).reshape(classes, classes))
