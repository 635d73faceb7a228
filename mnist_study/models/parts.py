"""Reading a number one digit at a time: one network for each part of an image, and their answers put together."""

from typing import Any

import numpy as np

from mnist_study.data import MNIST, TWO_DIGIT, Task, apart
from mnist_study.images import cut, possible_cuts

from .asking import answers, ask
from .classifier import Classifier
from .losses import softmax


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
        sums = joined[:, :, None] + by_part[:, None, part]
        joined = sums.reshape(len(by_part), sums.shape[1] * sums.shape[2])
    return joined


class PartByPart(Classifier):
    """A network that reads each part of an image by itself; a number is as likely as its digits together.

    Parameters
    ----------
    reader : Classifier of one part, or what has ``predict_proba`` alone
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
        """uint8 ``(N, rows, columns)`` -> float32 ``(N, letters ** parts)``.

        Raises
        ------
        StudyError
            The reader gives something else than an answer for each part.
        ValueError
            A network of the study does not read such images.
        """
        parts = apart(images, self.task.parts)
        letters = len(self.task.part.classes)
        if hasattr(self.reader, "logits"):
            return join(ask(self.reader, "logits", parts, letters), self.task.parts)
        with np.errstate(divide="ignore"):  # the logarithms of probabilities are logits
            return join(np.log(answers(self.reader, parts, letters)), self.task.parts)


class BestCut(Classifier):
    """Reads two digits that may stand anywhere: tries several cuts, and keeps the one whose answer is the surest.

    So the network that reads also decides where to cut (recognition-based segmentation, as in LeCun, Bottou, Bengio,
    Haffner, Proc. IEEE 86, 1998, section V, with a single choice in place of a graph).

    Parameters
    ----------
    reader : Classifier of one digit
    cuts : how many are tried, over the middle half of the ink
    """

    def __init__(self, reader: Classifier, cuts: int = 9) -> None:
        self.pairs, self.cuts, self.task = PartByPart(reader), cuts, TWO_DIGIT

    def logits(self, images: np.ndarray) -> np.ndarray:
        """uint8 ``(N, rows, columns)`` -> float32 ``(N, 100)``, those of the surest cut."""
        tried = [self.pairs.logits(cut(images, columns)) for columns in possible_cuts(images, self.cuts).T]
        surest = np.argmax([softmax(logits).max(axis=1) for logits in tried], axis=0)
        return np.stack(tried)[surest, np.arange(len(images))]


def reads_part(reader: Classifier, task: Task) -> bool:
    """Whether a network reads what one part of a task's images shows; MNIST, where it does not say what it reads."""
    own, part = getattr(reader, "task", None) or MNIST, task.part
    return task.parts > 1 and (own.shape, own.classes) == (part.shape, part.classes)
