"""What every network of the study can do, whoever computes its gradients."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from mnist_study.data import Task

from .losses import softmax

if TYPE_CHECKING:
    from .specs import EnsembleSpec, NetworkSpec

Array = np.ndarray

# Images that go through a network of PyTorch at a time. Feature maps of 32 MB and more are given back to the system at
# once, and to get them anew for every layer took a third to a half of the time; these have 16 MB at most.
CHUNK = 160
DOT = 5  # pixels full of ink, of which no digit has so few


class Classifier(ABC):
    """From raw images to an answer: all that a reader needs."""

    @abstractmethod
    def logits(self, images: Array) -> Array:
        """Raw images uint8 ``(N, rows, columns)`` -> float32 ``(N, classes)``.

        Raises
        ------
        ValueError
            These are no images that the network reads, or grey values from 0 to 1 and not to 255.
        """

    def predict_proba(self, images: Array) -> Array:
        """Probabilities ``(N, classes)``, rows sum to 1; errors as for ``logits``."""
        return softmax(self.logits(images))

    def predict(self, images: Array) -> Array:
        """The most probable class, int64 ``(N,)``; errors as for ``logits``."""
        return self.logits(images).argmax(axis=1)


class BaseNetwork(Classifier):
    """A classifier of layers whose weights can be taken out and put back, and that shows what goes on inside.

    Attributes
    ----------
    spec, task : the description that the network was built from, and what it reads, where it was built from one
    mean, std : of the training images, in grey values: the network computes on (image - mean) / std
    map_axis : the axis of a layer's output ``(N, …)`` along which its maps, or units, lie
    """

    spec: "NetworkSpec | EnsembleSpec | None" = None
    task: Task | None = None
    mean: float
    std: float
    map_axis: int = -1

    @abstractmethod
    def get_weights(self) -> dict[str, Array]:
        """A copy of all that training changes and reading needs: dict from name to array."""

    @abstractmethod
    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Take over arrays such as ``get_weights()`` gives.

        Raises
        ------
        ValueError
            They are not exactly this network's (see ``check_weights``); nothing is changed.
        """

    @abstractmethod
    def activations(self, images: Array) -> dict[str, Array]:
        """What comes out of each layer, downwards: dict from "1 Dense", "2 ReLU", … to ``(N, …)``; the last: logits."""

    @abstractmethod
    def logit_gradient(self, images: Array, weights: Array) -> Array:
        """How a weighted sum of each image's own logits answers to its pixels.

        Parameters
        ----------
        images : uint8 or float ``(N, rows, columns)``, grey values
        weights : float ``(N, classes)``, of the logits: 1 for a class and 0 elsewhere asks for that class's logit

        Returns
        -------
        float32 ``(N, rows, columns)``: per grey value, of the network as it reads, without dropout
        """

    def last_maps(self, images: Array, weights: Array) -> tuple[Array, Array]:
        """What the last layer that has maps makes of images, and how a weighted sum of logits answers to it.

        Parameters
        ----------
        images : uint8 or float ``(N, rows, columns)``
        weights : float ``(N, classes)``, of the logits

        Returns
        -------
        maps and their gradient, float32 ``(N, maps, h, w)``; those of parts side by side

        Raises
        ------
        ValueError
            No layer has maps, or it is no network of PyTorch.
        """
        raise ValueError(f"a {type(self).__name__} gives no gradient by its maps: take a convolutional one of PyTorch")

    def input_gradient(self, images: Array, labels: Array) -> Array:
        """How each image's own cross-entropy answers to its pixels.

        Parameters
        ----------
        images : uint8 ``(N, rows, columns)``
        labels : int ``(N,)``

        Returns
        -------
        float32 ``(N, rows, columns)``: dL/dpixel in nats per grey value, of the network as it reads, without dropout
        """
        blame, own = softmax(self.logits(images).astype(np.float64)), (np.arange(len(images)), labels)
        blame[own] = 0
        blame[own] = -blame.sum(axis=1)  # p - 1, which a sure answer would round to 0
        return self.logit_gradient(images, blame)

    @property
    def size(self) -> int:
        """How many parameters are trained."""
        return sum(values.size for values in self.get_weights().values())

    def check_scale(self, images: Array) -> None:
        """Refuse digits divided by 255, or in black and white as 0 and 1: nearly blank paper to a network that was
        normalised by grey values. A picture with hardly a dot is none of them.

        Raises
        ------
        ValueError
        """
        values = np.asarray(images)
        if self.std > 1 and values.max(initial=0) <= 1 and values.sum() > DOT * len(values):
            raise ValueError(
                "grey values go from 0, paper, to 255, ink; here none is above 1: multiply the images by 255"
            )

    def check_images(self, images: Array) -> None:
        """Refuse what holds no grey values, and images of another size than the network's task has.

        Raises
        ------
        ValueError
            Says what is wanted, and what was given.
        """
        values = np.asarray(images)
        if values.dtype.kind not in "uif" or (values.dtype.kind == "f" and not _finite(values, np.float32)):
            unfit = "NaN or infinity, or more than float32 can hold"
            kind = unfit if values.dtype.kind == "f" else f"values of type {values.dtype}"
            raise ValueError(f"images hold grey values from 0, paper, to 255, ink; these hold {kind}")
        if self.task and np.shape(images)[1:] != self.task.shape:
            rows, columns = self.task.shape
            wanted = f"images (N, {rows}, {columns})"
            raise ValueError(f"a network for {self.task.name} reads {wanted}, not {np.shape(images)}")


def name_layers(layers: Iterable[object]) -> list[str]:
    """Names for the layers of a list: "1 Dense", "2 ReLU", …"""
    return [f"{number} {type(layer).__name__}" for number, layer in enumerate(layers, 1)]


def check_weights(weights: Mapping[str, Array], wanted: Mapping[str, Array]) -> None:
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


def check_normalisation(mean: float, std: float) -> None:
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
