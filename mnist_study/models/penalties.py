"""What large weights cost: L1, L2, or both."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Penalty:
    """l1 · sum |w| + l2 / 2 · sum w², over all weight matrices and no bias (Goodfellow et al., section 7.1)."""

    l1: float = 0.0
    l2: float = 0.0

    def value(self, weights: np.ndarray) -> float:
        return self.l1 * float(np.abs(weights).sum()) + self.l2 / 2 * float(weights @ weights)

    def add_gradient(self, weights: np.ndarray, gradient: np.ndarray) -> None:
        if self.l1:
            gradient += self.l1 * np.sign(weights)
        if self.l2:
            gradient += self.l2 * weights
