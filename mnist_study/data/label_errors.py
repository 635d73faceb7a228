"""Test digits of MNIST whose label human raters did not confirm, with their votes.

An algorithm doubted 100 labels of the 10 000; each of these digits was shown to five people, who chose between the
label and the algorithm's guess, or said neither. Of 15 digits no majority chose the label. Digits that nobody was shown
may be wrong as well. Source: C. Northcutt, A. Athalye, J. Mueller, "Pervasive label errors in test sets destabilize
machine learning benchmarks", NeurIPS 2021, datasets and benchmarks track; the votes are on labelerrors.com.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

MAJORITY = 3  # of five raters


@dataclass(frozen=True)
class Rated:
    """What five raters said of one test digit."""

    index: int  # of the test digit
    label: int  # MNIST's
    guess: int  # the algorithm's
    for_label: int  # votes
    for_guess: int
    for_neither: int

    @property
    def verdict(self) -> str:
        """What the majority says: the guess, neither, or nothing, as there is none."""
        if self.for_guess >= MAJORITY:
            return f"most see a {self.guess}"
        return "most see neither" if self.for_neither >= MAJORITY else "there is no majority"

    def __str__(self) -> str:
        votes = f"{self.for_label} say {self.label}, {self.for_guess} say {self.guess}, {self.for_neither} neither"
        return f"Of five people {votes}: {self.verdict}"


REJECTED = tuple(
    Rated(*votes)
    for votes in (
        (947, 8, 9, 0, 5, 0),
        (1621, 0, 6, 2, 3, 0),
        (1901, 9, 4, 2, 3, 0),
        (2130, 4, 9, 2, 2, 1),
        (2462, 2, 0, 0, 4, 1),
        (2597, 5, 3, 0, 4, 1),
        (2654, 6, 1, 0, 2, 3),
        (3520, 6, 4, 2, 0, 3),
        (3558, 5, 0, 1, 4, 0),
        (5937, 5, 3, 1, 3, 1),
        (6651, 0, 6, 0, 5, 0),
        (6783, 1, 6, 2, 3, 0),
        (8527, 4, 9, 2, 2, 1),
        (9679, 6, 3, 2, 0, 3),
        (9729, 5, 6, 2, 3, 0),
    )
)


def is_rejected(index: ArrayLike) -> np.ndarray:
    """Whether raters rejected the label of test digits.

    Parameters
    ----------
    index : int, any shape: of test digits, in the order of ``load_mnist().test``

    Returns
    -------
    bool, the same shape
    """
    return np.isin(index, [rated.index for rated in REJECTED])
