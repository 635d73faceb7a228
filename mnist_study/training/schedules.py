"""Learning-rate schedules: pure functions from progress (0 first step, 1 last step) to a share of the peak rate.

What they take beside the progress is annotated with the ranges that a config must keep.
"""

from collections.abc import Callable
from math import cos, pi
from typing import Annotated

from pydantic import Field

from mnist_study.models.specs import Factor, Share


def constant(progress: float) -> float:
    """The same rate from the first step to the last."""
    return 1.0


def step_decay(
    progress: float,
    factor: Factor = 0.1,
    at: tuple[Share, ...] = (0.5, 0.75),
) -> float:
    """Times ``factor`` at each of the moments ``at``."""
    return factor ** sum(progress >= moment for moment in at)


def exponential(progress: float, end: Factor = 0.01) -> float:
    """Down by the same factor at every step, to the share ``end`` at the last."""
    return end**progress


def cosine(progress: float, end: Share = 0.0) -> float:
    """Down along half a cosine, to the share ``end`` (Loshchilov, Hutter, ICLR 2017, without restarts)."""
    return _cosine(1.0, end, progress)


def one_cycle(
    progress: float,
    warm_up: Annotated[float, Field(gt=0, lt=1)] = 0.3,
    start: Share = 1 / 25,
    end: Share = 1 / 250_000,
) -> float:
    """Up from the share ``start`` to the whole in the first ``warm_up`` of all steps, then down to almost nothing,
    both along a cosine.

    Source: L. Smith, N. Topin, "Super-convergence", 2019, in the shape of ``torch.optim.lr_scheduler.OneCycleLR``.
    """
    if progress < warm_up:
        return _cosine(start, 1.0, progress / warm_up)
    return _cosine(1.0, end, (progress - warm_up) / (1 - warm_up))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * share)) / 2


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "step": step_decay,
    "exponential": exponential,
    "cosine": cosine,
    "one_cycle": one_cycle,
}
