"""How sure a network says it is, and how sure it may be."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Confidence:
    """The probability that a network gives its own answer, for each digit ``(N,)``, and whether the answer is right."""

    probability: np.ndarray
    correct: np.ndarray

    @property
    def mean(self):
        return float(self.probability.mean())

    @property
    def accuracy(self):
        return float(self.correct.mean())

    def share_below(self, threshold):
        """Of digits answered with less than ``threshold``."""
        return float(np.mean(self.probability < threshold))


def confidence(probabilities, labels):
    """From probabilities ``(N, classes)`` and labels int ``(N,)``."""
    return Confidence(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels)
