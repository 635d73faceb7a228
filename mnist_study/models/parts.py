"""Reading a number one digit at a time: one network for each part of an image, and their answers put together."""

from typing import Any

import numpy as np

from mnist_study.data import MNIST, TWO_DIGIT, Task, apart

from .classifier import Classifier


def join(logits: Any, parts: int) -> Any:
    """Logits of so many parts at a time become those of all their combinations: sums, as probabilities multiply.

    Parameters
    ----------
    logits : array or tensor ``(N parts, letters)``
    parts : how many belong together

    Returns
    -------
    ``(N, letters ** parts)``, the last part's letters changing fastest; their softmax is the product of the parts'
    """
    by_part = logits.reshape(len(logits) // parts, parts, logits.shape[1])
    joined = by_part[:, 0]
    for part in range(1, parts):
        joined = (joined[:, :, None] + by_part[:, None, part]).reshape(len(by_part), -1)
    return joined


class PartByPart(Classifier):
    """A network that reads each part of an image by itself; a number is as likely as its digits together.

    Parameters
    ----------
    reader : Classifier of one part
    task : whose images have such parts

    Raises
    ------
    ValueError
        The reader reads something else.
    """

    def __init__(self, reader: Classifier, task: Task = TWO_DIGIT) -> None:
        if not reads_part(reader, task):
            raise ValueError(f"this network does not read the parts of {task.name}, {task.part.shape} pixels each")
        self.reader, self.task = reader, task

    def logits(self, images: np.ndarray) -> np.ndarray:
        """uint8 ``(N, rows, columns)`` -> float32 ``(N, letters ** parts)``."""
        return join(self.reader.logits(apart(images, self.task.parts)), self.task.parts)


def reads_part(reader: Classifier, task: Task) -> bool:
    """Whether a network reads what one part of a task's images shows; MNIST, where it does not say what it reads."""
    own, part = getattr(reader, "task", None) or MNIST, task.part
    return task.parts > 1 and (own.shape, own.classes) == (part.shape, part.classes)
