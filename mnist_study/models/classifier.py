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
    """Refuse weights that are not exactly the arrays that the network has, and finite in its precision.

    Parameters
    ----------
    weights, wanted : dict from name to array

    Raises
    ------
    ValueError
        Names the array that is missing, of another shape or type, or not finite; counts those that are unknown, whose
        names may be any text of a stranger's.
    """
    for name, values in wanted.items():
        if name not in weights:
            raise ValueError(f"{name} is missing")
        shape, kind = weights[name].shape, weights[name].dtype
        if shape != values.shape:
            raise ValueError(f"{name} has shape {shape}, not {values.shape}")
        if kind.kind != values.dtype.kind:
            raise ValueError(f"{name} holds {kind.name}, not {values.dtype}")
        if kind.kind == "f" and not _finite(weights[name], values.dtype):
            raise ValueError(f"{name} holds NaN or infinity, or more than {values.dtype} can hold")
    if extra := set(weights) - set(wanted):
        raise ValueError(f"{len(extra)} of {len(weights)} arrays belong to no layer of this network")


def check_normalisation(mean, std):
    """Refuse a mean and a standard deviation with which the network would not see grey values 0..255, in float32.

    Raises
    ------
    ValueError
        One is no finite number, the deviation is not above 0, or black or white would be normalised to no number.
    """
    with np.errstate(all="ignore"):
        grey = (np.array([0, 255], np.float32) - np.float32(mean)) / np.float32(std)
    usable = std >= float(np.finfo(np.float32).tiny) and np.isfinite(grey).all() and grey[0] < grey[1]
    if not usable:
        raise ValueError(f"mean {mean} and std {std} normalise no grey values")


def _finite(values, dtype):
    with np.errstate(over="ignore"):
        return np.isfinite(values.astype(dtype)).all()
