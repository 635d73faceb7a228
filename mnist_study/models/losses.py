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
