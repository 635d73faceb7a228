"""Which labels are probably wrong: confident learning (Northcutt, Jiang and Chuang, JAIR 70, 2021).

The probabilities must come from networks that have not seen these labels, else what was learned by heart is confirmed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .confidence import confidence


@dataclass(frozen=True)
class Doubts:
    """Digits by how implausible their label is, the most implausible first; every array is ``(N,)``."""

    index: np.ndarray  # of the digit
    label: np.ndarray
    guess: np.ndarray  # the most probable other class
    for_label: np.ndarray  # probability of the label
    for_guess: np.ndarray

    def __len__(self) -> int:
        return len(self.index)

    def found(self, known: ArrayLike, first: int) -> int:
        """How many of the digits ``known`` (indices) are among the ``first`` ones."""
        return int(np.isin(self.index[:first], known).sum())


def doubts(labels: ArrayLike, probabilities: ArrayLike) -> Doubts:
    """Rank all digits by the margin of their label: its probability minus the largest of all other classes.

    Parameters
    ----------
    labels : int ``(N,)``
    probabilities : ``(N, classes)``, two classes or more, from networks that have not seen these labels

    Raises
    ------
    ValueError
        As for ``confidence``.
    """
    labels, probabilities = _checked(labels, probabilities)
    rows = np.arange(len(labels))
    others = probabilities.copy()
    others[rows, labels] = -1
    guess = others.argmax(axis=1)
    for_label, for_guess = probabilities[rows, labels], probabilities[rows, guess]
    order = np.argsort(for_label - for_guess, kind="stable")
    return Doubts(order, labels[order], guess[order], for_label[order], for_guess[order])


def confident_joint(labels: ArrayLike, probabilities: ArrayLike) -> np.ndarray:
    """Count digits by their label and by the class that they confidently are.

    A digit is confidently of a class when its probability of that class reaches the average that the digits *labelled*
    so give it; of several, the most probable. Digits that are confidently of no class are not counted.

    Parameters
    ----------
    labels : int ``(N,)``
    probabilities : ``(N, classes)``

    Returns
    -------
    int64 ``(classes, classes)``, label by confident class; beside the diagonal stand suspected label errors

    Raises
    ------
    ValueError
        As for ``confidence``.
    """
    labels, probabilities = _checked(labels, probabilities)
    classes = probabilities.shape[1]
    own = [probabilities[labels == label, label] for label in range(classes)]
    thresholds = np.array([each.mean() if each.size else np.inf for each in own])
    confident = np.where(probabilities >= thresholds, probabilities, -1)
    sure = confident.max(axis=1) >= 0
    joint = np.zeros((classes, classes), np.int64)
    np.add.at(joint, (labels[sure], confident[sure].argmax(axis=1)), 1)
    return joint


def _checked(labels: ArrayLike, probabilities: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    confidence(probabilities, labels)  # refuses what does not fit
    return np.asarray(labels), np.asarray(probabilities, np.float64)
