"""Digits changed by a little on purpose, so that a network misreads them; and by as much at random.

A change is at most ``epsilon`` grey values at each pixel. Every picture on the way is one: whole grey values, 0 to 255,
so nothing is rounded at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_study.models import BaseNetwork

from .accuracy import Accuracy, accuracy

STEPS = 10  # of the slow attack, for each budget


@dataclass(frozen=True)
class Robustness:
    """How many digits are still read rightly when each pixel may change by each of ``epsilons`` grey values."""

    epsilons: tuple[int, ...]
    one_step: tuple[Accuracy, ...]  # by ``fgsm``
    many_steps: tuple[Accuracy, ...]  # by ``pgd``
    at_random: tuple[Accuracy, ...]  # by ``speckled``


def fgsm(model: BaseNetwork, images: np.ndarray, labels: np.ndarray, epsilon: int) -> np.ndarray:
    """One step: every pixel by ``epsilon`` in the direction that raises the loss. uint8 ``(N, H, W)``, all attacked.

    Source: Goodfellow, Shlens and Szegedy, ICLR 2015.
    """
    return _within(images, images + epsilon * _uphill(model, images, labels), epsilon)


def pgd(
    model: BaseNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: int,
    steps: int = STEPS,
    step: int | None = None,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Many small steps, each followed by a step back to where no pixel differs by more than ``epsilon``.

    A digit that is misread rests. Source: Madry et al., ICLR 2018; their random start is left out, or is ``start``.

    Parameters
    ----------
    images, labels : uint8 ``(N, H, W)`` and int ``(N,)``
    epsilon : grey values
    steps : at most
    step : grey values at a time; by default a quarter of epsilon
    start : uint8 ``(N, H, W)``, where to begin; by default at the images

    Returns
    -------
    uint8 ``(N, H, W)``
    """
    step = max(round(epsilon / 4), 1) if step is None else step
    attacked = _within(images, images if start is None else start, epsilon)
    for _ in range(steps):
        right = np.flatnonzero(model.predict(attacked) == labels)
        if not len(right):
            break
        uphill = _uphill(model, attacked[right], labels[right])
        attacked[right] = _within(images[right], attacked[right] + step * uphill, epsilon)
    return attacked


def speckled(images: np.ndarray, epsilon: int, rng: np.random.Generator) -> np.ndarray:
    """As large a change without an aim: every pixel up or down by ``epsilon``, by the toss of a coin; uint8."""
    return _within(images, images + epsilon * rng.choice(np.array([-1, 1], np.int16), images.shape), epsilon)


def robustness(
    model: BaseNetwork,
    images: np.ndarray,
    labels: np.ndarray,
    epsilons: Sequence[int],
    rng: np.random.Generator,
    steps: int = STEPS,
) -> Robustness:
    """Attack with one budget after the other; many steps begin where the last ones ended, and what is misread stays so.

    Parameters
    ----------
    images, labels : uint8 ``(N, H, W)`` and int ``(N,)``
    epsilons : grey values, rising
    steps : of the attack, for each budget
    """
    uphill, attacked, rows = _uphill(model, images, labels), images, []
    for epsilon in epsilons:
        attacked = pgd(model, images, labels, epsilon, steps, start=attacked)
        changed = _within(images, images + epsilon * uphill, epsilon), attacked, speckled(images, epsilon, rng)
        rows.append([accuracy(labels, model.predict(each)) for each in changed])
    return Robustness(tuple(epsilons), *zip(*rows, strict=True))


def _uphill(model, images, labels):
    return np.sign(model.input_gradient(images, labels)).astype(np.int16)


def _within(images, changed, epsilon):
    low, high = np.maximum(images.astype(np.int16) - epsilon, 0), np.minimum(images.astype(np.int16) + epsilon, 255)
    return np.clip(changed, low, high).astype(np.uint8)
