"""Softmax and cross-entropy, written once, stably, from logits."""

import numpy as np

from .layers import Layer


def softmax(logits):
    """Probabilities ``(N, classes)`` from logits ``(N, classes)``; rows sum to 1, and no logit is too large."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_entropy(logits, labels):
    """Mean of -ln p(label) over the batch, in nats, from logits ``(N, classes)`` and integer labels ``(N,)``."""
    return SoftmaxCrossEntropy().forward(logits, labels)


class SoftmaxCrossEntropy(Layer):
    """L = mean of ln(sum of exp(logits)) - logit of the label (Bishop 2006, 4.3.4)."""

    def forward(self, logits, labels):
        # the largest logit becomes 0, so that exp cannot overflow
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        total = exponentials.sum(axis=1, keepdims=True)
        self.probabilities = np.divide(exponentials, total, out=exponentials)
        self.labels = labels
        of_label = shifted[np.arange(len(labels)), labels]
        return float(np.mean(np.log(total[:, 0]) - of_label))

    def backward(self):
        gradient = self.probabilities
        # dL/dlogits = (p - one-hot label) / N
        gradient[np.arange(len(gradient)), self.labels] -= 1
        gradient /= len(gradient)
        return gradient


class SmoothedCrossEntropy(SoftmaxCrossEntropy):
    """Cross-entropy with targets that keep ``1 - smoothing`` for the label and spread the rest over all classes.

    Source: Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7.
    """

    def __init__(self, smoothing):
        self.smoothing = smoothing

    def forward(self, logits, labels):
        of_label = logits[np.arange(len(labels)), labels]
        return super().forward(logits, labels) + self.smoothing * float(np.mean(of_label - logits.mean(axis=1)))

    def backward(self):
        gradient = super().backward()
        # the target is t - smoothing · (t - 1 / classes), with t the one-hot label
        share = self.smoothing / len(gradient)
        gradient[np.arange(len(gradient)), self.labels] += share
        gradient -= share / gradient.shape[1]
        return gradient


class MeanSquaredError(Layer):
    """L = mean over batch and classes of (logit - target)², with the one-hot label as target."""

    def forward(self, logits, labels):
        self.difference = logits.copy()
        self.difference[np.arange(len(labels)), labels] -= 1
        return float(np.mean(self.difference**2))

    def backward(self):
        self.difference *= 2 / self.difference.size  # dL/dlogits = 2 (z - t) / (N · classes)
        return self.difference


LOSSES = {"cross_entropy": SoftmaxCrossEntropy, "mean_squared_error": MeanSquaredError}
