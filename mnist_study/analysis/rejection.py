"""How a network that knows ten classes may say "this is no digit": a score of how strange it finds a picture."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, logsumexp

Score = Callable[[np.ndarray], np.ndarray]  # logits (N, classes) -> (N,), the higher, the stranger


def _entropy(logits: np.ndarray) -> np.ndarray:
    log_shares = log_softmax(logits, axis=1)
    return -(np.exp(log_shares) * log_shares).sum(axis=1)


def _gap(logits: np.ndarray) -> np.ndarray:
    second, first = np.sort(logits, axis=1)[:, -2:].T
    return second - first


SCORES: dict[str, Score] = {
    "probability": lambda logits: -log_softmax(logits, axis=1).max(axis=1),  # Hendrycks, Gimpel, ICLR 2017
    "entropy": _entropy,
    "gap": _gap,  # between the two likeliest answers
    "logit": lambda logits: -logits.max(axis=1),  # Hendrycks and others, ICML 2022
    "energy": lambda logits: -logsumexp(logits, axis=1),  # Liu, Wang, Owens, Li, NeurIPS 2020
}


@dataclass(frozen=True)
class FeatureDistance:
    """How far a picture's features lie from those of every class, in units of how far its own digits do.

    The squared Mahalanobis distance to the nearest class mean, with one covariance for all classes (Lee, Lee, Lee,
    Shin, NeurIPS 2018).
    """

    means: np.ndarray  # (classes, features)
    whitening: np.ndarray  # (features, features): takes the shared covariance to the identity

    @classmethod
    def fit(cls, features: ArrayLike, labels: ArrayLike, ridge: float = 1e-3) -> "FeatureDistance":
        """From features ``(N, features)`` of training digits and their labels int ``(N,)``.

        ``ridge`` is added to every variance, as a share of the mean of all: dead units have none.
        """
        features, labels = np.asarray(features, np.float64), np.asarray(labels)
        means = np.array([features[labels == label].mean(axis=0) for label in np.unique(labels)])
        within = np.cov(features - means[np.searchsorted(np.unique(labels), labels)], rowvar=False)
        within += ridge * within.trace() / len(within) * np.eye(len(within))
        return cls(means, np.linalg.inv(np.linalg.cholesky(within)).T)

    def __call__(self, features: ArrayLike) -> np.ndarray:
        """``(N, features)`` -> ``(N,)``, the higher, the stranger."""
        white, means = np.asarray(features, np.float64) @ self.whitening, self.means @ self.whitening
        squares = (white**2).sum(axis=1)[:, None] - 2 * white @ means.T + (means**2).sum(axis=1)
        return np.maximum(squares, 0).min(axis=1)


def auroc(digits: ArrayLike, strangers: ArrayLike) -> float:
    """How often a stranger's score is above a digit's: 1 if always, one half if a score says nothing.

    Parameters
    ----------
    digits, strangers : scores ``(N,)`` and ``(M,)``; equal ones count half
    """
    from sklearn.metrics import roc_auc_score

    scores = np.concatenate([digits, strangers])
    return float(roc_auc_score(np.repeat([0, 1], [len(np.asarray(digits)), len(np.asarray(strangers))]), scores))


def threshold(scores: ArrayLike, refused: float = 0.01) -> float:
    """The score above which that share of these digits, or as little less as ties leave, is refused."""
    ordered = np.sort(np.asarray(scores))
    return float(ordered[len(ordered) - 1 - int(refused * len(ordered))])
