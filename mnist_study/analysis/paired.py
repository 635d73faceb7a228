"""Two networks on the same digits: do they differ by more than chance?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest


@dataclass(frozen=True)
class McNemar:
    """What two networks, ``one`` and ``other``, read of the same digits.

    Digits that both read, or neither, say nothing about which is better; the others are a fair coin if neither is
    (McNemar, Psychometrika 12, 1947).
    """

    only_one: int  # digits that the first alone read
    only_other: int
    both_wrong: int

    @property
    def p(self) -> float:
        """How often a fair coin falls as unevenly, exactly; 1 where the networks never differ."""
        tosses = self.only_one + self.only_other
        return float(binomtest(self.only_one, tosses).pvalue) if tosses else 1.0

    def verdict(self, one: str, other: str, things: str = "digits", level: float = 0.05) -> str:
        """In words: who reads more, or that these digits, or other ``things``, do not tell."""
        found = f"{self.only_one} {things} only {one} read, {self.only_other} only {other}; p = {self.p:.1g}"
        if self.p >= level:
            return f"{one} and {other} cannot be told apart on these {things} ({found})"
        better, worse = (one, other) if self.only_one > self.only_other else (other, one)
        return f"{better} reads more than {worse} ({found})"


def mcnemar(labels: ArrayLike, one: ArrayLike, other: ArrayLike) -> McNemar:
    """Compare the answers of two networks to the same digits.

    Parameters
    ----------
    labels, one, other : int ``(N,)``, what the digits are, and what each network read

    Raises
    ------
    ValueError
        They are not equally long lists.
    """
    labels, one, other = map(np.asarray, (labels, one, other))
    if not labels.shape == one.shape == other.shape or labels.ndim != 1:
        raise ValueError(f"labels and answers are (N,); these are {labels.shape}, {one.shape} and {other.shape}")
    first, second = one == labels, other == labels
    return McNemar(int((first & ~second).sum()), int((second & ~first).sum()), int((~first & ~second).sum()))
