"""Reading learning curves."""

import numpy as np


def plateau_start(losses, window, improvement):
    """The first epoch (from 1) after which ``window`` more epochs lower the loss by less than ``improvement``.

    ``losses`` is ``(epochs,)``, one value an epoch; ``improvement`` is a share of the loss, 0.01 for one percent. None
    if the loss falls faster than that to the end.
    """
    losses = np.asarray(losses)
    gain = 1 - losses[window:] / losses[:-window]
    slow = np.flatnonzero(gain < improvement)
    fast = np.flatnonzero(gain >= improvement)
    late = slow[slow > fast[-1]] if fast.size else slow
    return int(late[0]) + 1 if late.size else None
