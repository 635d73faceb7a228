"""Whether a network's probabilities can be taken at their word, and what it costs to refuse what it is unsure of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from .confidence import Confidence, rows_and_labels

COLDEST, HOTTEST = 0.05, 20.0  # temperatures among which the best is sought


@dataclass(frozen=True)
class Calibration:
    """Answers in bins of equal width by their own probability: how sure the network is there, and how often right.

    ``error`` is the expected calibration error (Guo, Pleiss, Sun, Weinberger, ICML 2017): the mean distance between the
    two, weighted by the digits of a bin. That of few digits is never 0, however well calibrated they are. So the 95 %
    interval from ``low`` to ``high``, by the basic bootstrap, takes off what drawing digits adds: it may lie below.
    """

    edges: np.ndarray  # (bins + 1,), from 0 to 1
    counts: np.ndarray  # (bins,) digits
    confidence: np.ndarray  # (bins,) mean probability; NaN where there is no digit
    accuracy: np.ndarray  # (bins,) share of right answers; NaN where there is no digit
    error: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.error:.2f} points (95 % interval {100 * self.low:.2f} to {100 * self.high:.2f})"


def calibration(found: Confidence, bins: int = 15, resamples: int = 1000, seed: int = 0) -> Calibration:
    """Compare what a network says of its answers with how they turn out.

    Parameters
    ----------
    found : Confidence
    bins : of equal width, from 0 to 1; a probability on an edge belongs to the bin below
    resamples : of the digits, with replacement, for the interval
    seed : of their draws
    """
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.digitize(found.probability, edges, right=True) - 1, 0, bins - 1)
    right = found.correct.astype(float)
    counts, sure, hits = (np.bincount(place, weights, bins) for weights in (None, found.probability, right))
    with np.errstate(invalid="ignore"):
        means, shares = sure / counts, hits / counts
    rng, total = np.random.default_rng(seed), len(place)
    excess = found.probability - right
    errors = [_error(place[drawn], excess[drawn], bins) for drawn in rng.integers(total, size=(resamples, total))]
    error = _error(place, excess, bins)
    high, low = np.maximum(2 * error - np.quantile(errors, [0.025, 0.975]), 0) if resamples else (np.nan, np.nan)
    return Calibration(edges, counts.astype(np.int64), means, shares, error, float(low), float(high))


def _error(place, excess, bins):
    return float(np.abs(np.bincount(place, excess, bins)).sum() / len(place))


def temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """What to divide logits by, so that their probabilities say most about the labels.

    It changes no answer, only how sure they are: above 1 the network was too sure (Guo and others, ICML 2017).

    Parameters
    ----------
    logits : float ``(N, classes)``, of digits that nothing was chosen on but this, validation digits say
    labels : int ``(N,)``

    Returns
    -------
    float, between 0.05 and 20, with the smallest mean cross-entropy

    Raises
    ------
    ValueError
        There are not as many rows as labels, a label is no class, or a logit is not finite.
    """
    logits, labels = rows_and_labels(np.asarray(logits, np.float64), labels, "logits")

    def loss(log_temperature):
        return -log_softmax(logits / np.exp(log_temperature), axis=1)[np.arange(len(labels)), labels].mean()

    found = minimize_scalar(loss, bounds=np.log([COLDEST, HOTTEST]), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


@dataclass(frozen=True)
class RiskCoverage:
    """What is left of the errors when the least sure answers are refused.

    ``coverage[i]`` of the digits are answered with at least ``threshold[i]``, and ``risk[i]`` of those wrongly.
    """

    threshold: np.ndarray  # (K,) falling
    coverage: np.ndarray  # (K,) rising, to 1
    risk: np.ndarray  # (K,)

    @property
    def refused_for_no_error(self) -> float:
        """The share of the digits that must be refused so that no answer is wrong; 1 if the surest is."""
        clean = int((self.risk == 0).sum())  # the surest: behind the first error there is always one
        return 1 - float(self.coverage[clean - 1]) if clean else 1.0


def risk_coverage(found: Confidence) -> RiskCoverage:
    """Refuse digits by their probability, the least sure first; those of one probability go together."""
    order = np.argsort(-found.probability, kind="stable")
    sorted_probability, wrong = found.probability[order], np.cumsum(~found.correct[order])
    last = np.append(np.flatnonzero(np.diff(sorted_probability)), len(order) - 1)  # of each probability
    return RiskCoverage(sorted_probability[last], (last + 1) / len(order), wrong[last] / (last + 1))
