"""Reading learning curves."""

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
