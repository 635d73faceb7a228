"""Exercises of chapter 9: ablations."""

import numpy as np

from .judging import exercise


@exercise(
    "09-1",
    cases=lambda rng: [(m,) for m in (1, 2, 14, 100)],
    hints=("What is the chance that none shows anything?", "0.95 for each, and they are independent."),
)
def at_least_one(tests):
    return 1 - 0.95**tests


at_least_one.mistake("For 100 tests that would be 500 %: chances of independent events multiply.", lambda m: 0.05 * m)
at_least_one.mistake("That is the chance that none does.", lambda m: 0.95**m)
at_least_one.mistake("That is the chance that all of them do.", lambda m: 0.05**m)


@exercise(
    "09-2",
    cases=lambda rng: [(base, base + rng.normal(0.2, 0.1, n)) for n in (5, 10) for base in [rng.normal(98, 1, n)]],
    tolerance=1e-4,
    hints=(
        "Seed by seed: the differences first, then their mean and deviation.",
        "With few seeds the 1.96 of a normal distribution is too small: `scipy.stats.t.ppf(0.975, n - 1)`.",
    ),
)
def paired_interval(without, with_it):
    from scipy.stats import t

    differences = np.asarray(with_it) - np.asarray(without)
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    reach = t.ppf(0.975, len(differences) - 1) * error
    return differences.mean() - reach, differences.mean() + reach


def _normal(without, with_it):
    d = with_it - without
    error = np.std(d, ddof=1) / np.sqrt(len(d))
    return d.mean() - 1.96 * error, d.mean() + 1.96 * error


def _unpaired(without, with_it):
    from scipy.stats import t

    error = np.sqrt((np.var(without, ddof=1) + np.var(with_it, ddof=1)) / len(without))
    reach = t.ppf(0.975, 2 * len(without) - 2) * error
    middle = with_it.mean() - without.mean()
    return middle - reach, middle + reach


paired_interval.mistake("With so few seeds 1.96 is too small: take Student's t.", _normal)
paired_interval.mistake("You treat them as unrelated; seed by seed they share what chance gave them.", _unpaired)
paired_interval.mistake(
    "The sign: what it reads with it, less what it reads without.",
    lambda a, b: tuple(-v for v in paired_interval(a, b))[::-1],
)


@exercise(
    "09-3",
    cases=lambda rng: [
        (np.array([0.01, 0.04, 0.03, 0.2]),),
        (np.array([0.5, 0.001, 0.02]),),
        (np.array([0.02, 0.021, 0.9]),),
    ],
    hints=(
        "Sort them, and remember with `np.argsort` where each stood.",
        "`np.maximum.accumulate` keeps a larger p from coming out below a smaller one.",
    ),
)
def holm(p_values):
    p = np.asarray(p_values)
    order = np.argsort(p)
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(raised, 1)
    return adjusted


def _without_order(p):
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(p[order] * np.arange(len(p), 0, -1), 1)
    return adjusted


holm.mistake(
    "That is Bonferroni's: all by m. Holm's is milder from the second on.", lambda p: np.minimum(p * len(p), 1)
)
holm.mistake("A larger p has come out below a smaller one: carry the maximum along.", _without_order)
holm.mistake("They come back sorted; they should stand where they came from.", lambda p: np.sort(holm(p)))


@exercise(
    "09-4",
    tolerance=0.03,
    hints=(
        "What is the largest of 20 normal numbers, on average? Let the computer draw them, many times.",
        "`rng.normal(size=(100_000, 20)).max(axis=1)`",
    ),
)
def luck_of_twenty():
    rng = np.random.default_rng(0)
    return rng.normal(size=(100_000, 20)).max(axis=1).mean()


luck_of_twenty.mistake(
    "That is where 2.5 % of single draws lie above; asked for is the mean of the largest of twenty.", lambda: 1.96
)
luck_of_twenty.mistake("The largest of one draw has the mean 0; of twenty it is far above.", lambda: 0.0)
luck_of_twenty.mistake("That is for ten seeds; there are twenty.", lambda: 1.539)
