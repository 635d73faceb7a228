"""Reading curves: where a loss stops falling, where an accuracy is lost."""

import numpy as np
from numpy.typing import ArrayLike


def plateau_start(losses: ArrayLike, window: int, improvement: float) -> int | None:
    """The first index from which ``window`` entries further the loss is lower by less than ``improvement``, for good.

    ``losses`` is ``(N,)``; ``improvement`` is a share of the loss, 0.01 for one percent. None if the loss falls faster
    than that to the end.
    """
    losses = np.asarray(losses)
    gain = 1 - losses[window:] / losses[:-window]
    slow = np.flatnonzero(gain < improvement)
    fast = np.flatnonzero(gain >= improvement)
    late = slow[slow > fast[-1]] if fast.size else slow
    return int(late[0]) if late.size else None


def lost_at(amounts: ArrayLike, accuracies: ArrayLike, level: float) -> float | None:
    """The amount at which an accuracy first falls below ``level``, on straight lines between the points.

    Parameters
    ----------
    amounts : ``(N,)``, rising or falling, from nothing
    accuracies : ``(N,)``, shares of 1
    level : share of 1

    Returns
    -------
    float, or None where it never does; the first amount where it begins below
    """
    amounts, accuracies = np.asarray(amounts, float), np.asarray(accuracies, float)
    below = np.flatnonzero(accuracies < level)
    if not below.size:
        return None
    first = below[0]
    if first == 0:
        return float(amounts[0])
    before, after = accuracies[first - 1], accuracies[first]
    return float(amounts[first - 1] + (before - level) / (before - after) * (amounts[first] - amounts[first - 1]))
