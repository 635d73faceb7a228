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
        (1350, 12000, 0.1124),
        (1390, 12000, 0.1124),
        (1454, 12000, 0.1124),
        (1500, 12000, 0.1124),
        (900, 12000, 0.1124),
        (12, 100, 0.1),
        (20, 100, 0.1),
    ],
    hints=(
        "A share p of n digits has the standard error √(p · (1 − p) / n).",
        "Look above only: whoever has settled on wrong answers is right less often than by chance, and proves nothing.",
    ),
)
def clearly_above(right, total, commonest):
    error = np.sqrt(commonest * (1 - commonest) / total)
    return right / total - commonest > 3 * error


def _own_error(right, total, commonest):
    share = right / total
    return share - commonest > 3 * np.sqrt(share * (1 - share) / total)


clearly_above.mistake(
    "You take the standard error of the share that was seen. By chance alone it would be √(c · (1 − c) / n), "
    "with c for `commonest`.",
    _own_error,
)
clearly_above.mistake("The root of the variance is missing.", lambda right, n, c: right / n - c > 3 * c * (1 - c) / n)
clearly_above.mistake(
    "You allow one standard error: one in six who learned nothing would be caught. Three are asked for.",
    lambda right, n, c: right / n - c > np.sqrt(c * (1 - c) / n),
)
clearly_above.mistake(
    "You look on both sides. To be right less often than by chance needs no true label.",
    lambda right, n, c: abs(right / n - c) > 3 * np.sqrt(c * (1 - c) / n),
)
