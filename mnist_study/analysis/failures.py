"""The digits that go wrong: which, how sure, by how many networks, and what training digits look like them."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from .confidence import confidence

CHUNK = 200  # queries that are compared at a time: bounds the memory


@dataclass(frozen=True)
class Mistakes:
    """What a network misread, the surest first; every array is ``(errors,)``."""

    index: np.ndarray  # of the digit
    label: np.ndarray
    answer: np.ndarray
    probability: np.ndarray  # of that answer

    def __len__(self) -> int:
        return len(self.index)


def mistakes(labels: ArrayLike, probabilities: ArrayLike) -> Mistakes:
    """All digits that a network misreads, the most confident mistake first.

    Parameters
    ----------
    labels : int ``(N,)``
    probabilities : ``(N, classes)``

    Raises
    ------
    ValueError
        As for ``confidence``.
    """
    found, labels = confidence(probabilities, labels), np.asarray(labels)
    wrong = np.flatnonzero(~found.correct)
    index = wrong[np.argsort(-found.probability[wrong], kind="stable")]
    answers = np.asarray(probabilities)[index].argmax(axis=1)
    return Mistakes(index, labels[index], answers, found.probability[index])


def misread_by(labels: ArrayLike, answers: Mapping[str, ArrayLike]) -> np.ndarray:
    """Which networks misread which digits.

    Parameters
    ----------
    labels : int ``(N,)``
    answers : dict from network to int ``(N,)``

    Returns
    -------
    bool ``(networks, N)``, in the order of ``answers``; its sum over the first axis says how many misread each digit

    Raises
    ------
    ValueError
        A network has not answered exactly these digits.
    """
    labels = np.asarray(labels)
    for name, each in answers.items():
        if np.shape(each) != labels.shape:
            raise ValueError(f"{name}: answers {np.shape(each)} are not those to labels {labels.shape}")
    return np.array([np.asarray(each) != labels for each in answers.values()]).reshape(len(answers), *labels.shape)


def nearest(queries: np.ndarray, images: np.ndarray, count: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The images that look most like each query, by the Euclidean distance of their grey values.

    Parameters
    ----------
    queries, images : uint8 ``(Q, H, W)`` and ``(N, H, W)``
    count : how many for each query

    Returns
    -------
    int64 ``(Q, count)``, indices into ``images``, nearest first, and their distances in grey values, float64
    """
    flat, others = (each.reshape(len(each), prod(each.shape[1:])).astype(np.float64) for each in (queries, images))
    squares, chunks = (others**2).sum(axis=1), range(0, len(flat), CHUNK)
    found = [_nearest(flat[start : start + CHUNK], others, squares, count) for start in chunks]
    index = np.concatenate(found) if found else np.empty((0, min(count, len(images))), np.int64)
    differences = flat[:, None] - others[index]  # (Q, count, pixels)
    return index, np.sqrt((differences**2).sum(axis=2))


def _nearest(flat, others, squares, count):
    """int64 ``(Q, count)``; of equals, the first. All sums are of whole numbers, hence exact in float64."""
    distances = (flat**2).sum(axis=1)[:, None] + squares - 2 * (flat @ others.T)
    key = distances * len(others) + np.arange(len(others))  # no two are equal
    few = np.argpartition(key, min(count, len(others) - 1), axis=1)[:, :count]
    return np.take_along_axis(few, np.argsort(np.take_along_axis(key, few, axis=1), axis=1), axis=1)
