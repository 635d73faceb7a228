"""Exercises of chapter 5: sanity checks."""

import numpy as np

from .judging import exercise


@exercise(
    "05-1",
    tolerance=0.006,
    hints=("With nothing learned, each class gets the same probability.", "The loss is −ln of it."),
)
def first_loss():
    return np.log(100)


first_loss.mistake("That is for ten classes; two digits make a hundred.", lambda: np.log(10))
first_loss.mistake("The study's losses are in nats: the natural logarithm.", lambda: 2.0)
first_loss.mistake("That is the probability; the loss is −ln of it.", lambda: 0.01)


@exercise(
    "05-2",
    cases=lambda rng: [(rng.choice(4, 200, p=[0.1, 0.2, 0.3, 0.4]),), (rng.integers(0, 3, 90),)],
    tolerance=1e-5,
    hints=("A label is k with the share of k; how often does an independent draw say k, too?", "Sum over the classes."),
)
def agreement_by_chance(labels):
    shares = np.bincount(labels) / len(labels)
    return np.sum(shares**2)


agreement_by_chance.mistake("Only where all classes are of one size.", lambda y: 1 / len(np.unique(y)))
agreement_by_chance.mistake(
    "That is what one reads who always says the commonest class; shuffled labels say each class as often as it "
    "is there.",
    lambda y: np.bincount(y).max() / len(y),
)
agreement_by_chance.mistake("That is how often they disagree.", lambda y: 1 - agreement_by_chance(y))


@exercise(
    "05-3",
    cases=lambda rng: [(0.1, 10), (0.05, 100), (0.3, 3)],
    tolerance=1e-4,
    hints=(
        "The best a network can do is to say exactly the target.",
        "The target has 1 − ε + ε / K at the label and ε / K elsewhere; the loss is then its entropy.",
    ),
)
def lowest_loss(smoothing, classes):
    target = np.full(classes, smoothing / classes)
    target[0] += 1 - smoothing
    return -np.sum(target * np.log(target))


def _others_share(smoothing, classes):
    others = smoothing / (classes - 1)
    return -(1 - smoothing) * np.log(1 - smoothing) - smoothing * np.log(others)


lowest_loss.mistake("That is the floor without smoothing. Being sure costs something here.", lambda e, k: 0.0)
lowest_loss.mistake("The true class gets its part of ε, too: 1 − ε + ε / K.", _others_share)
lowest_loss.mistake(
    "Only the label's part; the other classes are charged, as well.", lambda e, k: -np.log(1 - e + e / k)
)


@exercise(
    "05-4",
    cases=lambda rng: [
        (1200, 12000),
        (1220, 12000),
        (1290, 12000),
        (1310, 12000),
        (1100, 12000),
        (1120, 12000),
        (15, 100),
        (20, 100),
    ],
    hints=(
        "Guessing one in ten, a share of right answers has the standard error √(0.1 · 0.9 / n).",
        "Look on both sides: a network that is worse than chance has learned something, too.",
    ),
)
def could_be_chance(right, total):
    error = np.sqrt(0.1 * 0.9 / total)
    return abs(right / total - 0.1) <= 3 * error


def _own_error(right, total):
    share = right / total
    return abs(share - 0.1) <= 3 * np.sqrt(share * (1 - share) / total)


could_be_chance.mistake(
    "You take the standard error of the share that was seen. If it is all chance, it is √(0.1 · 0.9 / n).", _own_error
)
could_be_chance.mistake("The root of the variance is missing.", lambda r, n: abs(r / n - 0.1) <= 3 * 0.09 / n)
could_be_chance.mistake(
    "You allow one standard error: one in three honest guessers would be caught. Three are asked for.",
    lambda r, n: abs(r / n - 0.1) <= np.sqrt(0.09 / n),
)
could_be_chance.mistake(
    "Far below chance is no chance either: somebody has mixed up the labels.",
    lambda r, n: r / n - 0.1 <= 3 * np.sqrt(0.09 / n),
)
