"""Many changes to one baseline: which help, which harm, and which are too small to tell with so many seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nct, ttest_rel
from scipy.stats import t as student

from .comparison import Comparison, compare

POWER = 0.8  # how often so many seeds would find the effect, if it is as large as it looks
MOST = 1000  # seeds; more are nobody's plan


@dataclass(frozen=True)
class Effect:
    """What one change does to a baseline, paired over seeds.

    Attributes
    ----------
    comparison : the mean difference with its own 95 % interval
    significant : it differs from zero, after Holm's correction for all the changes that were tried
    seeds_needed : to tell it from zero four times out of five, among as many changes; None: more than a thousand
    """

    comparison: Comparison
    significant: bool
    seeds_needed: int | None

    @property
    def verdict(self) -> str:
        """ "helps", "harms" or "too small to tell"."""
        if not self.significant:
            return "too small to tell"
        return "helps" if self.comparison.difference > 0 else "harms"


def effects(values: Mapping[str, ArrayLike], baseline: ArrayLike, level: float = 0.05) -> dict[str, Effect]:
    """Each of ``values`` against ``baseline``.

    Parameters
    ----------
    values : dict from name to accuracies ``(seeds,)``, shares of 1, the same seeds in the same order
    baseline : ``(seeds,)``
    level : how often, at most, chance alone finds any effect at all among all of them

    Returns
    -------
    dict from name to Effect, in the order of ``values``; significance after S. Holm, Scand. J. Statist. 6 (1979)

    Raises
    ------
    ValueError
        Fewer than two pairs, or not as many values as baselines.
    """
    comparisons = {name: compare(each, baseline) for name, each in values.items()}
    p_values = [float(ttest_rel(each, baseline).pvalue) for each in values.values()]
    found = dict(zip(values, holm(p_values), strict=True))
    needed = {
        name: seeds_needed(np.asarray(each, float) - np.asarray(baseline, float), level / len(values))
        for name, each in values.items()
    }
    return {name: Effect(comparisons[name], found[name] <= level, needed[name]) for name in values}


def holm(p_values: ArrayLike) -> np.ndarray:
    """p values after Holm's correction: the k-th smallest of m times m - k + 1, and none below one before it."""
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values)
    stepped = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def seeds_needed(differences: np.ndarray, level: float, power: float = POWER) -> int | None:
    """How many pairs find a mean difference such as this one.

    Parameters
    ----------
    differences : float ``(seeds,)``, whose mean and standard deviation are taken for the true ones
    level : of the two-sided paired t test
    power : how often it is to find the difference

    Returns
    -------
    int, at least 2; None where ``MOST`` are too few
    """
    mean, spread = abs(differences.mean()), differences.std(ddof=1)
    if not mean:
        return None
    size = mean / spread if spread else float("inf")
    counts = np.arange(2, MOST + 1)
    critical = student.ppf(1 - level / 2, counts - 1)
    with np.errstate(over="ignore"):
        found = nct.sf(critical, counts - 1, np.minimum(size * np.sqrt(counts), 30))  # beyond, it is certain
    enough = counts[found >= power]
    return int(enough[0]) if len(enough) else None
