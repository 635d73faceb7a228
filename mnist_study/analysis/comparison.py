"""What a difference over seeds shows, and what not: a number, its interval, and one wording for the whole book."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

UNITS = {"points": (100.0, 2), "nats": (1.0, 4)}  # scale, decimals: accuracies in percentage points, losses in nats


@dataclass(frozen=True)
class Comparison:
    """A mean difference between two recipes, paired over seeds, with its confidence interval.

    Prints as the verdict that the numbers allow: "higher by …", "lower by …", "could not be told apart with n seeds …".
    """

    difference: float
    low: float
    high: float
    count: int  # of pairs
    unit: str = "points"
    confidence: float = 0.95

    @property
    def higher(self) -> bool:
        """The whole interval lies above zero."""
        return self.low > 0

    @property
    def lower(self) -> bool:
        """The whole interval lies below zero."""
        return self.high < 0

    def __str__(self) -> str:
        def shown(value, sign=""):
            scale, decimals = UNITS[self.unit]
            return f"{scale * value:{sign}z.{decimals}f}".replace("-", "\N{MINUS SIGN}")

        percent = f"{100 * self.confidence:.3g} % interval"
        if not (self.higher or self.lower):
            interval = f"{percent} {shown(self.low, '+')} to {shown(self.high, '+')}"
            found = f"{shown(self.difference, '+')} {self.unit}, {interval}"
            return f"could not be told apart with {self.count} seeds ({found})"
        near, far = sorted((abs(self.low), abs(self.high)))
        word = "higher" if self.higher else "lower"
        interval = f"{percent} {shown(near)} to {shown(far)}"
        return f"{word} by {shown(abs(self.difference))} {self.unit} ({interval}, {self.count} seeds)"


def compare(
    values: ArrayLike, baseline: ArrayLike, unit: str = "points", among: int = 1, confidence: float = 0.95
) -> Comparison:
    """How much larger ``values`` are than ``baseline``, pair by pair.

    Parameters
    ----------
    values, baseline : float ``(seeds,)``, the same seeds in the same order; shares of 1 for "points"
    unit : "points" or "nats"
    among : comparisons that are made side by side; the interval is so wide that all of them hold at once (Bonferroni)
    confidence : of all the intervals together

    Returns
    -------
    Comparison, with the t interval of the mean of paired differences (Student, Biometrika 6, 1908)

    Raises
    ------
    ValueError
        Fewer than two pairs, not as many values as baselines, or one of them is not finite.
    """
    values, baseline = np.asarray(values, float), np.asarray(baseline, float)
    if values.shape != baseline.shape or values.ndim != 1 or len(values) < 2:
        raise ValueError(f"pairs are needed, two at least; given were shapes {values.shape} and {baseline.shape}")
    if not (np.isfinite(values).all() and np.isfinite(baseline).all()):
        raise ValueError("pairs of finite numbers are needed; one holds NaN or infinity: leave such seeds out of both")
    differences = values - baseline
    count, mean = len(differences), float(differences.mean())
    level = 1 - (1 - confidence) / among
    half = float(student.ppf((1 + level) / 2, count - 1) * differences.std(ddof=1) / sqrt(count))
    return Comparison(mean, mean - half, mean + half, count, unit, confidence)


def typical(value: float, values: ArrayLike, confidence: float = 0.9999) -> bool:
    """Whether one more run is of the same kind as those of a record.

    Parameters
    ----------
    value : what the run measured
    values : float ``(seeds,)``, what the record's runs measured; two at least
    confidence : how often a run of the same kind is found typical

    Returns
    -------
    bool: ``value`` lies in the t prediction interval, mean ± t · std · sqrt(1 + 1 / n)
    """
    values = np.asarray(values, float)
    half = student.ppf((1 + confidence) / 2, len(values) - 1) * values.std(ddof=1) * sqrt(1 + 1 / len(values))
    return bool(abs(value - values.mean()) <= half)
