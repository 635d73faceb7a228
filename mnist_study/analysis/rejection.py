"""How a network that knows ten classes may say "this is no digit": a score of how strange it finds a picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, logsumexp

from mnist_study.data import MNIST
from mnist_study.models import BaseNetwork

from .layers import in_chunks

FITTED = 6000  # training digits whose features say what is usual
WIDEST = 256  # features of a distance that is kept
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


@dataclass(frozen=True)
class Refusal:
    """How one network refuses pictures: by which score, and from where on.

    ``score`` is "features" or a name in ``SCORES``; ``distance`` is there for the first.
    """

    score: str
    limit: float
    distance: FeatureDistance | None = None

    def refuses(self, model: BaseNetwork, images: np.ndarray) -> np.ndarray:
        """bool ``(N,)``: which images uint8 ``(N, H, W)`` that network takes for no digit."""
        return _scores(model, images, self.score, self.distance) > self.limit

    def arrays(self) -> dict[str, np.ndarray]:
        """As a file can hold it; ``from_arrays`` reads it back, to the precision of float32."""
        matrices = {} if self.distance is None else vars(self.distance)
        found = {"score": self.score, "limit": self.limit, **matrices}
        return {name: np.asarray(each, np.float32 if np.ndim(each) else None) for name, each in found.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Refusal":
        """The value that ``arrays`` was asked for.

        Raises
        ------
        KeyError
            It is none.
        """
        distance = FeatureDistance(arrays["means"], arrays["whitening"]) if "means" in arrays else None
        return cls(str(arrays["score"]), float(arrays["limit"]), distance)


def refusal(model: BaseNetwork, told: Mapping[str, float], refused: float = 0.01) -> Refusal:
    """By the score that tells strangers best, with a threshold that refuses so many validation digits.

    Parameters
    ----------
    model : network of layers that reads single digits
    told : how well each score tells strangers from digits, by its name, such as a mean AUROC; "features" counts only
        where the last layer sees at most 256, for beyond that its matrix would be larger than the network
    refused : share of the validation digits that are refused
    """
    validation = MNIST.load().validation.images
    narrow = features(model, validation[:1]).shape[1] <= WIDEST
    score = max((name for name in told if narrow or name != "features"), key=told.__getitem__)
    distance = usual_features(model) if score == "features" else None
    return Refusal(score, threshold(_scores(model, validation, score, distance), refused), distance)


def usual_features(model: BaseNetwork, digits: int = FITTED) -> FeatureDistance:
    """How far features are from those of so many training digits of MNIST."""
    train = MNIST.load().train
    usual = train[:: len(train) // digits]
    return FeatureDistance.fit(features(model, usual.images), usual.labels)


def _scores(model: BaseNetwork, images: np.ndarray, score: str, distance: FeatureDistance | None) -> np.ndarray:
    return distance(features(model, images)) if distance else SCORES[score](model.logits(images))


def features(model: BaseNetwork, images: np.ndarray) -> np.ndarray:
    """What a network's last layer sees of each image: float ``(N, features)``, the outputs of the layer before it."""
    last = [list(activations.values())[-2] for activations in in_chunks(model, images)]
    return np.concatenate([each.reshape(len(each), -1) for each in last]).astype(np.float64)
