"""From a drawing to what the networks make of it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mnist_study.data import MNIST
from mnist_study.images import rasterise
from mnist_study.images.strokes import CANVAS, PEN, PENS
from mnist_study.models import Classifier, answers

SHIFTS = ((0, 1), (0, -1), (1, 0), (-1, 0))  # pixels down and to the right
PEN_FACTORS = (0.75, 1.3)


def variants(
    strokes: Sequence[ArrayLike], pen: float = PEN, *, stage: str = "centred", canvas: float = CANVAS, digits: int = 1
) -> np.ndarray:
    """The drawing's image, then shifted by a pixel each way, then drawn with a thinner and a thicker pen.

    Parameters
    ----------
    as for ``rasterise``

    Returns
    -------
    uint8 ``(7, rows, columns)``; the first one is ``rasterise``'s
    """
    pens = [pen, *(float(np.clip(pen * factor, *PENS)) for factor in PEN_FACTORS)]
    plain, *others = (rasterise(strokes, width, stage=stage, canvas=canvas, digits=digits) for width in pens)
    return np.stack([plain, *(_shift(plain, *by) for by in SHIFTS), *others])


def guess(model: Classifier, images: np.ndarray) -> np.ndarray:
    """Mean probabilities, float ``(classes,)``, over variants of one drawing, uint8 ``(V, rows, columns)``.

    Raises
    ------
    StudyError
        The network gives no probabilities of its task's classes.
    """
    task = getattr(model, "task", None) or MNIST
    return answers(model, images, len(task.classes)).mean(axis=0)


def _shift(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Moved by whole pixels; paper comes in."""
    rows, columns = image.shape
    return np.pad(image, 1)[1 - down :, 1 - right :][:rows, :columns]
