"""What every network of the study can do, whoever computes its gradients."""

import numpy as np

from .losses import softmax


class Classifier:
    """From raw images to an answer. A subclass gives ``logits``, ``get_weights`` and ``set_weights``.

    ``logits(images)`` takes uint8 ``(N, 28, 28)`` and returns float32 ``(N, classes)``; ``get_weights()`` returns a
    dict from name to array. ``spec`` is the description that the network was built from, where there was one.
    """

    spec = None

    def predict_proba(self, images):
        """Probabilities ``(N, classes)``, rows sum to 1."""
        return softmax(self.logits(images))

    def predict(self, images):
        """The most probable class, int64 ``(N,)``."""
        return self.logits(images).argmax(axis=1)

    @property
    def size(self):
        """How many parameters are trained."""
        return sum(values.size for values in self.get_weights().values())


def check_weights(weights, wanted):
    """Refuse weights that are not exactly the finite arrays that the network has.

    Parameters
    ----------
    weights, wanted : dict from name to array

    Raises
    ------
    ValueError
        Names the array that is missing, unknown, of another shape or type, or not finite.
    """
    for name, values in wanted.items():
        if name not in weights:
            raise ValueError(f"{name} is missing")
        shape, kind = weights[name].shape, weights[name].dtype
        if shape != values.shape:
            raise ValueError(f"{name} has shape {shape}, not {values.shape}")
        if kind.kind != values.dtype.kind:
            raise ValueError(f"{name} holds {kind}, not {values.dtype}")
        if kind.kind == "f" and not np.isfinite(weights[name]).all():
            raise ValueError(f"{name} holds NaN or infinity")
    if extra := sorted(set(weights) - set(wanted)):
        raise ValueError(f"{extra[0]} belongs to no layer of this network")
