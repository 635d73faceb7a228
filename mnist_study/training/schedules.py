"""Learning-rate schedules: pure functions from progress (0 first step, 1 last step) to a share of the peak rate."""

from math import cos, pi

WARM_UP = 0.3  # share of all steps in which one_cycle rises
START = 1 / 25  # of the peak
END = 1 / 250_000  # of the peak


def constant(progress):
    return 1.0


def one_cycle(progress):
    """Up from 1/25 of the rate to the whole, then down to almost nothing, both along a cosine.

    Source: L. Smith, N. Topin, "Super-convergence", 2019, in the shape of ``torch.optim.lr_scheduler.OneCycleLR``.
    """
    if progress < WARM_UP:
        return _cosine(START, 1.0, progress / WARM_UP)
    return _cosine(1.0, END, (progress - WARM_UP) / (1 - WARM_UP))


def _cosine(start, end, share):
    return end + (start - end) * (1 + cos(pi * share)) / 2


SCHEDULES = {"constant": constant, "one_cycle": one_cycle}
