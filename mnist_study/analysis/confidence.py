"""How sure a network says it is, and how sure it may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

ROUNDING = 1e-3  # by which a probability may be above 1


@dataclass(frozen=True)
class Confidence:
    """The probability that a network gives its own answer, for each digit ``(N,)``, and whether the answer is right."""

    probability: np.ndarray
    correct: np.ndarray

    @property
    def mean(self) -> float:
        """Probability of the answer, on average."""
        return float(self.probability.mean())

    @property
    def accuracy(self) -> float:
        """Of right answers, 0 to 1."""
        return float(self.correct.mean())

    def share_below(self, threshold: float) -> float:
        """Of digits answered with less than ``threshold``."""
        return float(np.mean(self.probability < threshold))


def confidence(probabilities: ArrayLike, labels: ArrayLike) -> Confidence:
    """From probabilities ``(N, classes)`` and labels int ``(N,)``.

    Raises
    ------
    ValueError
        There are not as many rows as labels, a label is no class, or these are no probabilities.
    """
    probabilities, labels = rows_and_labels(probabilities, labels)
    low, high = probabilities.min(initial=0), probabilities.max(initial=0)
    if low < 0 or high > 1 + ROUNDING:
        raise ValueError(f"probabilities lie between 0 and 1, these between {low:.3g} and {high:.3g}: logits?")
    return Confidence(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)


def rows_and_labels(rows: ArrayLike, labels: ArrayLike, name: str = "probabilities") -> tuple[np.ndarray, np.ndarray]:
    """Finite ``rows`` ``(N, classes)``, called ``name``, and labels int ``(N,)`` of these classes, as arrays.

    Raises
    ------
    ValueError
        They are something else.
    """
    rows, labels = np.asarray(rows), np.asarray(labels)
    if rows.ndim != 2 or labels.shape != rows.shape[:1]:
        raise ValueError(f"{name} are (N, classes) and labels (N,); these are {rows.shape} and {labels.shape}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} are finite numbers; these hold NaN or infinity")
    classes = rows.shape[1]
    if len(labels) and (labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes):
        raise ValueError(f"labels of {classes} classes are whole numbers from 0 to {classes - 1}; these are others")
    return rows, labels
