"""Accuracies that say how many digits they missed, and means that say how far they spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Accuracy:
    """How many of ``total`` digits were read wrongly; prints as ``98.37 % (163 of 10 000 wrong)``."""

    errors: int
    total: int

    @property
    def fraction(self) -> float:
        """Of right answers, 0 to 1."""
        return 1 - self.errors / self.total

    @property
    def right(self) -> int:
        """How many digits were read rightly."""
        return self.total - self.errors

    def wilson(self, confidence: float = 0.95) -> tuple[float, float]:
        """The score interval of the share (Wilson, JASA 22, 1927): true shares under which such a count is no surprise.

        Good for few digits, and for none wrong, where ``share ± 1.96 standard errors`` is not.

        Parameters
        ----------
        confidence : how often such an interval holds the true share, between 0 and 1

        Returns
        -------
        low, high : floats, 0 to 1

        Raises
        ------
        ValueError
            There is no digit, or the confidence is not between 0 and 1.
        """
        if self.total < 1 or not 0 < confidence < 1:
            raise ValueError(f"no interval of confidence {confidence} from {self.total} digits")
        z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
        share, count = self.right / self.total, self.total
        centre = (share + z2 / (2 * count)) / (1 + z2 / count)
        half = sqrt(z2 * (share * (1 - share) / count + z2 / (4 * count**2))) / (1 + z2 / count)
        low, high = min(share, centre - half), max(share, centre + half)  # whatever rounding does, the share is inside
        return max(0.0, low), min(1.0, high)

    def __str__(self) -> str:
        return f"{self.fraction:.2%} ({self.errors:,} of {self.total:,} wrong)".replace("%", " %", 1).replace(",", " ")


def accuracy(labels: ArrayLike, predictions: ArrayLike) -> Accuracy:
    """Compare two int arrays ``(N,)``.

    Raises
    ------
    ValueError
        There are not as many predictions as labels, none at all, or ones are numbers and the others are not.
    """
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or labels.shape != predictions.shape:
        shapes = f"{labels.shape} and {predictions.shape}"
        raise ValueError(f"labels and predictions are (N,), one of each for a digit; these are {shapes}")
    if not len(labels):
        raise ValueError("no labels, no accuracy: one digit at least is needed")
    if len({each.dtype.kind in "biuf" for each in (labels, predictions)}) > 1:
        raise ValueError(f"labels of {labels.dtype} never equal predictions of {predictions.dtype}: make both numbers")
    return Accuracy(int(np.count_nonzero(labels != predictions)), len(labels))


@dataclass(frozen=True)
class MeanStd:
    """Mean and sample standard deviation over seeds; prints as ``98.34 ± 0.06 % (5 seeds)``."""

    mean: float
    std: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float] | np.ndarray) -> Self:
        """Of two or more shares, 0 to 1."""
        return cls(float(np.mean(values)), float(np.std(values, ddof=1)), len(values))

    def __str__(self) -> str:
        return f"{100 * self.mean:.2f} ± {100 * self.std:.2f} % ({self.count} seeds)"
