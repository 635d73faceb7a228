"""How sure a network says it is, and how sure it may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


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
        There are not as many rows of probabilities as labels.
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        shapes = f"{probabilities.shape} and {labels.shape}"
        raise ValueError(f"probabilities are (N, classes) and labels (N,); these are {shapes}")
    return Confidence(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)
