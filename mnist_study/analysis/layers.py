"""The digits' way through a network: what its layers know of the label, and which of their units never answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.spatial.distance import cdist

from mnist_study.data import Digits
from mnist_study.models import BaseNetwork

from .accuracy import Accuracy, accuracy

PENALTY = 0.3  # of the linear rule, for each value of the layer
CHUNK = 250  # images whose activations are held at a time, of all layers


@dataclass(frozen=True)
class Probe:
    """How well the label can be read from one layer: by the nearest mean of a class, and by a linear rule."""

    layer: str
    values: int  # of the layer, for an image
    nearest_mean: Accuracy
    linear: Accuracy


@dataclass(frozen=True)
class Silence:
    """How many of a layer's units, or maps, are 0 for every image, at every place."""

    layer: str
    silent: int
    units: int


def stage_outputs(model: BaseNetwork, images: np.ndarray) -> dict[str, np.ndarray]:
    """What comes out of each activation function, and at last the logits: dict from layer to ``(N, …)``.

    A pool right behind an activation belongs to it.
    """
    found: dict[str, list[np.ndarray]] = {}
    for activations in in_chunks(model, images):
        for name in ends_of_stages(list(activations)):
            found.setdefault(name, []).append(activations[name])
    return {name: np.concatenate(chunks) for name, chunks in found.items()}


def ends_of_stages(names: Sequence[str]) -> list[str]:
    """The layers after which a stage is complete: "4 ReLU", or "5 MaxPool2d" right behind it; and the last."""
    ends = [behind if "Pool" in behind else name for name, behind in pairwise(names) if _bends(name)]
    return [*ends, names[-1]]


def probes(model: BaseNetwork, training: Digits, asked: Digits) -> list[Probe]:
    """Read the labels of ``asked`` from each stage, by rules that learn from ``training``; first from the pixels.

    The linear rule is least squares with a penalty (scikit-learn's ``RidgeClassifier``), on values divided by the
    layer's standard deviation. Source: Alain and Bengio, ICLR workshop 2017.

    Parameters
    ----------
    training, asked : Digits; the probes' own, and best not those that the network was trained on
    """
    from sklearn.linear_model import RidgeClassifier

    learned = {"pixels": training.images / 255} | stage_outputs(model, training.images)
    wanted = {"pixels": asked.images / 255} | stage_outputs(model, asked.images)
    found = []
    for layer, values in learned.items():
        rows, others = (each.reshape(len(each), -1) for each in (values, wanted[layer]))
        deviation = rows.std() or 1
        linear = RidgeClassifier(PENALTY * rows.shape[1]).fit(rows / deviation, training.labels)
        answers = nearest_mean(rows, training.labels, others), linear.predict(others / deviation)
        found.append(Probe(layer, rows.shape[1], *(accuracy(asked.labels, each) for each in answers)))
    return found


def nearest_mean(rows: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of ``others`` ``(M, values)`` the label whose mean of ``rows`` ``(N, values)`` is nearest: ``(M,)``."""
    names = np.unique(labels)
    means = np.stack([rows[labels == name].mean(axis=0) for name in names])
    return names[cdist(others, means).argmin(axis=1)]


def principal_plane(values: np.ndarray, seed: int = 0) -> np.ndarray:
    """Activations ``(N, …)`` laid flat: their first two principal components, float ``(N, 2)``."""
    from sklearn.decomposition import PCA

    return PCA(2, svd_solver="randomized", random_state=seed).fit_transform(values.reshape(len(values), -1))


def silent_units(model: BaseNetwork, images: np.ndarray) -> list[Silence]:
    """For each ReLU, how many of its units never answer to any of the images."""
    highest: dict[str, np.ndarray] = {}
    for activations in in_chunks(model, images):
        for name in filter(_bends, activations):
            values = np.moveaxis(activations[name], model.map_axis, -1)
            largest = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
            highest[name] = np.maximum(largest, highest.get(name, 0))
    return [Silence(name, int((values == 0).sum()), len(values)) for name, values in highest.items()]


def _bends(name):
    """Whether this is a ReLU, by whatever engine's name."""
    return name.split()[-1].lower() == "relu"


def in_chunks(model: BaseNetwork, images: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
    """The activations of so many images at a time that their memory is bounded: see ``BaseNetwork.activations``."""
    for start in range(0, len(images), CHUNK):
        yield model.activations(images[start : start + CHUNK])
