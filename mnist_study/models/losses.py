"""Softmax and cross-entropy, written once, stably, from logits."""

from typing import Any

import numpy as np

Array = np.ndarray


def softmax(logits: Array) -> Array:
    """Probabilities ``(N, classes)`` from logits ``(N, classes)``; rows sum to 1, and no logit is too large."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_entropy(logits: Array, labels: Array) -> float:
    """Mean of -ln p(label) over the batch, in nats, from logits ``(N, classes)`` and integer labels ``(N,)``."""
    return SoftmaxCrossEntropy().forward(logits, labels)


class Loss:
    """What training lowers: ``forward`` leaves in ``cache`` what ``backward`` needs of the same batch."""

    cache: Any = None

    def forward(self, logits: Array, labels: Array) -> float:
        """The mean over the batch, from logits ``(N, classes)`` and integer labels ``(N,)``."""
        raise NotImplementedError

    def backward(self) -> Array:
        """dL/dlogits ``(N, classes)``."""
        raise NotImplementedError

    def __getstate__(self) -> dict[str, Any]:
        """A copy leaves behind what a pass has left."""
        return {name: value for name, value in vars(self).items() if name != "cache"}


class SoftmaxCrossEntropy(Loss):
    """L = mean of ln(sum of exp(logits)) - logit of the label (Bishop 2006, 4.3.4)."""

    def forward(self, logits: Array, labels: Array) -> float:
        # the largest logit becomes 0, so that exp cannot overflow
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        total = exponentials.sum(axis=1, keepdims=True)
        self.cache = np.divide(exponentials, total, out=exponentials), labels
        of_label = shifted[np.arange(len(labels)), labels]
        return float(np.mean(np.log(total[:, 0]) - of_label))

    def backward(self) -> Array:
        gradient, labels = self.cache
        # dL/dlogits = (p - one-hot label) / N
        gradient[np.arange(len(gradient)), labels] -= 1
        gradient /= len(gradient)
        return gradient


class SmoothedCrossEntropy(SoftmaxCrossEntropy):
    """Cross-entropy with targets that keep ``1 - smoothing`` for the label and spread the rest over all classes.

    Source: Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7.
    """

    def __init__(self, smoothing: float) -> None:
        self.smoothing = smoothing

    def forward(self, logits: Array, labels: Array) -> float:
        of_label = logits[np.arange(len(labels)), labels]
        return super().forward(logits, labels) + self.smoothing * float(np.mean(of_label - logits.mean(axis=1)))

    def backward(self) -> Array:
        gradient = super().backward()
        # the target is t - smoothing · (t - 1 / classes), with t the one-hot label
        moved = self.smoothing / len(gradient)
        gradient[np.arange(len(gradient)), self.cache[1]] += moved
        gradient -= moved / gradient.shape[1]
        return gradient


class MeanSquaredError(Loss):
    """L = mean over batch and classes of (logit - target)², with the one-hot label as target."""

    def forward(self, logits: Array, labels: Array) -> float:
        self.cache = logits.copy()
        self.cache[np.arange(len(labels)), labels] -= 1
        return float(np.mean(self.cache**2))

    def backward(self) -> Array:
        self.cache *= 2 / self.cache.size  # dL/dlogits = 2 (z - t) / (N · classes)
        return self.cache


LOSSES: dict[str, type[Loss]] = {"cross_entropy": SoftmaxCrossEntropy, "mean_squared_error": MeanSquaredError}
