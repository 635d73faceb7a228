"""Exercises of chapter 13: generalisation."""

import numpy as np

from .judging import exercise


@exercise(
    "13-1",
    cases=lambda rng: [(rng.integers(1, 256, (6, 6)), down, right) for down, right in [(2, 1), (-1, 3), (0, -2)]],
    hints=(
        "What leaves on one side does not come in on the other.",
        "Paper is 0. `np.roll` wraps round; blank what has wrapped.",
    ),
)
def shifted(image, down, right):
    moved = np.roll(image, (down, right), axis=(0, 1))
    if down:
        moved[(slice(None, down) if down > 0 else slice(down, None))] = 0
    if right:
        moved[:, (slice(None, right) if right > 0 else slice(right, None))] = 0
    return moved


shifted.mistake(
    "What leaves on one side comes in on the other: `np.roll` wraps round.",
    lambda x, d, r: np.roll(x, (d, r), axis=(0, 1)),
)
shifted.mistake("The other way: down and right are positive.", lambda x, d, r: shifted(x, -d, -r))
shifted.mistake("Down and right are exchanged.", lambda x, d, r: shifted(x, r, d))


def _confidences(rng):
    for count in (200, 500):
        sure = rng.uniform(0.1, 1, count)
        yield sure, rng.random(count) < sure**2


@exercise(
    "13-2",
    cases=_confidences,
    tolerance=1e-5,
    hints=(
        "In each tenth of confidence: the mean confidence beside the share that was right.",
        "A bin counts as much as it has answers, and a gap counts whichever way it goes.",
    ),
)
def calibration_error(confidence, right):
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [(bins == b).mean() * abs(confidence[bins == b].mean() - right[bins == b].mean()) for b in np.unique(bins)]
    return sum(gaps)


def _unweighted(confidence, right):
    bins = np.minimum((confidence * 10).astype(int), 9)
    return np.mean([abs(confidence[bins == b].mean() - right[bins == b].mean()) for b in np.unique(bins)])


calibration_error.mistake("A bin with three answers counts as much as one with a hundred: weigh them.", _unweighted)
calibration_error.mistake(
    "That is the gap of all answers together: what is too sure here makes up for what is too modest there.",
    lambda sure, right: abs(sure.mean() - right.mean()),
)
calibration_error.mistake(
    "That is Brier's score: squares, answer by answer.", lambda sure, right: np.mean((sure - right) ** 2)
)


@exercise(
    "13-3",
    cases=lambda rng: [
        (rng.integers(0, 9, 30) * 1.0, rng.integers(3, 12, 20) * 1.0),
        (rng.normal(0, 1, 25), rng.normal(1, 1, 40)),
    ],
    tolerance=1e-5,
    hints=("All pairs of a digit and a stranger: how often has the stranger the higher score?", "A tie is half."),
)
def auroc(digits, strangers):
    digits, strangers = np.asarray(digits)[:, None], np.asarray(strangers)[None]
    return np.mean((strangers > digits) + 0.5 * (strangers == digits))


auroc.mistake("Turned round: strangers should have the higher score.", lambda a, b: 1 - auroc(a, b))
auroc.mistake("Ties count as won; each is half.", lambda a, b: np.mean(b[None] >= a[:, None]))
auroc.mistake("Ties count as lost; each is half.", lambda a, b: np.mean(b[None] > a[:, None]))


@exercise(
    "13-4",
    cases=lambda rng: [(rng.exponential(size=1000),), (rng.normal(size=5000),)],
    tolerance=0.03,  # some take a score that is there, some go between two
    hints=("One in a hundred digits has a higher score.", "`np.quantile`"),
)
def refuses_one_percent(scores):
    return np.quantile(scores, 0.99)


refuses_one_percent.mistake("That refuses 99 % of them.", lambda s: np.quantile(s, 0.01))
refuses_one_percent.mistake("That refuses none of these.", lambda s: s.max())
refuses_one_percent.mistake(
    "Only where scores are normally distributed; count instead.", lambda s: s.mean() + 2.326 * s.std()
)
