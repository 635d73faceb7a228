"""Accuracies that say how many digits they missed, and means that say how far they spread."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Accuracy:
    """How many of ``total`` digits were read wrongly; prints as ``98.37 % (163 of 10 000 wrong)``."""

    errors: int
    total: int

    @property
    def share(self):
        """Of right answers, 0 to 1."""
        return 1 - self.errors / self.total

    def __str__(self):
        return f"{self.share:.2%} ({self.errors:,} of {self.total:,} wrong)".replace("%", " %", 1).replace(",", " ")


def accuracy(labels, predictions):
    """Compare two int arrays ``(N,)``."""
    return Accuracy(int(np.count_nonzero(np.asarray(labels) != predictions)), len(labels))


@dataclass(frozen=True)
class MeanStd:
    """Mean and sample standard deviation over seeds; prints as ``98.34 ± 0.06 % (5 seeds)``."""

    mean: float
    std: float
    count: int

    @classmethod
    def of(cls, values):
        """Of two or more shares, 0 to 1."""
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))

    def __str__(self):
        return f"{100 * self.mean:.2f} ± {100 * self.std:.2f} % ({self.count} seeds)"
