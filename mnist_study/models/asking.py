"""What anybody's network answers, after a look at it: a list of the wrong length would make nonsense further on."""

from typing import Any

import numpy as np

from mnist_study.data import StudyError

from .losses import softmax

Array = np.ndarray
TOLERANCE = 1e-3  # of the sum of a row of probabilities


def answers(model: object, images: Array, classes: int) -> Array:
    """Probabilities, float ``(N, classes)``.

    Parameters
    ----------
    model : anything with ``predict_proba``, or else with ``logits``
    images : uint8 ``(N, rows, columns)``
    classes : how many there are

    Raises
    ------
    StudyError
        It has neither, or gives what are no probabilities of so many classes.
    """
    if not hasattr(model, "predict_proba"):
        return softmax(ask(model, "logits", images, classes))
    shares = ask(model, "predict_proba", images, classes)
    sums = shares.sum(axis=1)
    wrong = (shares < 0).any(axis=1) | (np.abs(sums - 1) > TOLERANCE)
    if wrong.any():
        row = int(wrong.argmax())
        raise StudyError(
            f"predict_proba of a {type(model).__name__} should give shares, none below 0, that sum to 1; row {row} has "
            f"{shares[row].min():.3g} to {shares[row].max():.3g} and sums to {sums[row]:.3g}: are these logits?"
        )
    return shares


def ask(model: Any, method: str, images: Array, classes: int) -> Array:
    """What a model's ``predict_proba`` or ``logits`` gives, as an array ``(N, classes)`` of finite numbers; errors as
    for ``answers``."""
    name = type(model).__name__
    if not hasattr(model, method):
        raise StudyError(f"a {name} has neither predict_proba nor logits: give it one, from pictures to probabilities")
    given = getattr(model, method)(images)
    try:
        found = np.asarray(given)
    except (TypeError, ValueError, RuntimeError):  # rows of different lengths; PyTorch's, of a tensor with a gradient
        found = np.array(None)
    wanted = f"{method} of a {name} should give an array ({len(images)}, {classes}) for so many pictures"
    if found.dtype.kind not in "fiu":
        raise StudyError(f"{wanted}; it gives a {type(given).__name__} that is no array of numbers")
    if found.shape != (len(images), classes):
        raise StudyError(f"{wanted}; it gives {found.shape}")
    if not np.isfinite(found).all():
        raise StudyError(f"{wanted}, of finite numbers; it gives NaN or infinity")
    return found
