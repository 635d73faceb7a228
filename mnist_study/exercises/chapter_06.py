"""Exercises of chapter 6: a production network."""

import numpy as np

from .judging import exercise


@exercise(
    "06-1",
    cases=lambda rng: [(rng.integers(1, 50, (k, k)),) for k in (3, 10)],
    hints=("Of all that was read as k, how much is a k?", "Rows are what it is, columns what it was read as."),
)
def precision(confusions):
    return confusions.diagonal() / confusions.sum(axis=0)


precision.mistake("That is recall: of all that is a k, how much was read as k.", lambda m: m.diagonal() / m.sum(axis=1))
precision.mistake("One number for each class is asked for; that is the accuracy.", lambda m: m.trace() / m.sum())
precision.mistake("Divide by what was read as k, not by all.", lambda m: m.diagonal() / m.sum())


def _losses(rng):
    falling = [0.5, 0.4, 0.45, 0.39, 0.41, 0.40, 0.42, 0.38, 0.43]
    return [(falling, 2), (falling, 3), ([3.0, 2.0, 1.0], 2), ([1.0, 2.0, 1.9, 1.8, 1.7], 3)]


@exercise(
    "06-2",
    cases=_losses,
    hints=("Remember the lowest loss so far, and count the epochs since.", "The first epoch is epoch 1."),
)
def stops_after(losses, patience):
    best, best_epoch = float("inf"), 0
    for epoch, loss in enumerate(losses, start=1):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch == patience:
            return epoch
    return len(losses)


def _against_the_last(losses, patience):
    worse = 0
    for epoch in range(1, len(losses)):
        worse = worse + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if worse == patience:
            return epoch + 1
    return len(losses)


def _from_zero(losses, patience):
    best, best_epoch = float("inf"), 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, best_epoch = loss, epoch
        elif epoch - best_epoch == patience:
            return epoch
    return len(losses)


stops_after.mistake("The first epoch is 1: yours counts from 0.", _from_zero)
stops_after.mistake(
    "The first epoch is 1: yours counts from 0, the last one too.", lambda losses, n: stops_after(losses, n) - 1
)
stops_after.mistake("Compare with the best so far, not with the epoch before.", _against_the_last)
stops_after.mistake(
    "One too patient: after so many epochs without a better one it stops.", lambda losses, n: stops_after(losses, n + 1)
)


@exercise(
    "06-3",
    cases=lambda rng: [([rng.normal(size=(3, 2)), 4 * rng.normal(size=5)], limit) for limit in (1.0, 100.0)],
    hints=(
        "One norm over all arrays together.",
        "All get the same factor, so that the direction stays; and only where the norm is too large.",
    ),
)
def clipped(gradients, limit):
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
    factor = min(1.0, limit / norm)
    return [factor * gradient for gradient in gradients]


clipped.mistake(
    "You clip each array by its own norm, which turns the direction of the step.",
    lambda all_of_them, limit: [g * min(1.0, limit / np.linalg.norm(g)) for g in all_of_them],
)
clipped.mistake(
    "You clip each number; the norm of all together is meant.",
    lambda all_of_them, limit: [np.clip(g, -limit, limit) for g in all_of_them],
)
clipped.mistake(
    "A gradient that is small enough stays as it is: yours is enlarged.",
    lambda all_of_them, limit: [g * limit / np.sqrt(sum(np.sum(one**2) for one in all_of_them)) for g in all_of_them],
)


@exercise(
    "06-4",
    tolerance=0.002,
    hints=(
        "`recorded('fc')` has an accuracy for each seed; `.fraction` is its share.",
        "Five seeds stand for all: divide by n − 1.",
    ),
)
def spread_of_the_seeds():
    from mnist_study.training import recorded

    points = [100 * result.fraction for result in recorded("fc")]
    return np.std(points, ddof=1)


spread_of_the_seeds.mistake(
    "You divide by n; a sample's deviation divides by n − 1 (`ddof=1`).", lambda: spread_of_the_seeds() * np.sqrt(4 / 5)
)
spread_of_the_seeds.mistake(
    "That is how well the mean is known; asked for is how far the seeds spread.",
    lambda: spread_of_the_seeds() / np.sqrt(5),
)
spread_of_the_seeds.mistake("In points, please: hundredths.", lambda: spread_of_the_seeds() / 100)
