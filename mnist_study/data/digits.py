"""What flows through the study: images with their labels, and the three splits that a task is made of."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


@dataclass(frozen=True)
class Digits:
    """Images uint8 ``(N, rows, columns)``, ink bright on dark, and their labels int64 ``(N,)``."""

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: slice | np.ndarray) -> "Digits":
        """The digits that ``index`` (a slice, a mask or an integer array) selects."""
        return Digits(self.images[index], self.labels[index])

    def followed_by(self, others: "Digits") -> "Digits":
        """These digits and, behind them, ``others``."""
        return Digits(np.concatenate([self.images, others.images]), np.concatenate([self.labels, others.labels]))


class Splits(Protocol):
    """Digits to train on, to choose by, and for the last look."""

    @property
    def train(self) -> Digits: ...

    @property
    def validation(self) -> Digits: ...

    @property
    def test(self) -> Digits: ...
