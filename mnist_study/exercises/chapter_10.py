"""Exercises of chapter 10: failures."""

import numpy as np

import mnist_study as ms

from .judging import exercise


def _read(rng):
    for count in (30, 60):
        shares = rng.dirichlet(np.full(10, 0.3), count)
        yield shares.argmax(axis=1) ^ (rng.random(count) < 0.4), shares, 5


@exercise(
    "10-1",
    cases=_read,
    hints=(
        "Mistakes only: where the answer is not the label.",
        "How sure it was is the probability of its answer; the surest first.",
    ),
)
def surest_mistakes(labels, probabilities, count):
    answers, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(answers != labels)
    return wrong[np.argsort(-sure[wrong])][:count]


surest_mistakes.mistake("There are right answers among them.", lambda y, p, n: np.argsort(-p.max(axis=1))[:n])
surest_mistakes.mistake(
    "Those are the least sure mistakes: the order is turned.",
    lambda y, p, n: surest_mistakes(y, p, len(y))[::-1][:n],
)
surest_mistakes.mistake(
    "You rank by how little the label was believed; asked for is how much the wrong answer was.",
    lambda y, p, n: np.argsort(p[np.arange(len(y)), np.minimum(y, 9)])[:n],
)


@exercise(
    "10-2",
    cases=lambda rng: [(100, 120, 10_000), (30, 35, 10_000), (5, 80, 400)],
    hints=("If they erred independently, a digit would be misread by both with the product of the two shares.",),
)
def shared_by_chance(errors_a, errors_b, digits):
    return digits * (errors_a / digits) * (errors_b / digits)


shared_by_chance.mistake("That is the share of digits; how many digits are it?", lambda a, b, n: a / n * b / n)
shared_by_chance.mistake("That is the most that could be shared.", lambda a, b, n: min(a, b))
shared_by_chance.mistake("That is how many at least one misreads, if none is shared.", lambda a, b, n: a + b)


@exercise(
    "10-3",
    hints=("`ms.load_model(name).predict(mnist.test.images)` reads them.", "Two arrays of true and false: & has both."),
)
def misread_by_both():
    test = ms.load_mnist().test
    wrong = [ms.load_model(name).predict(test.images) != test.labels for name in ("softmax", "mlp")]
    return np.sum(wrong[0] & wrong[1])


def _wrong(name):
    test = ms.load_mnist().test
    return ms.load_model(name).predict(test.images) != test.labels


misread_by_both.mistake(
    "That is how many at least one of them misreads.", lambda: np.sum(_wrong("softmax") | _wrong("mlp"))
)
misread_by_both.mistake("Those are all that mlp misreads; softmax reads some of them.", lambda: np.sum(_wrong("mlp")))
misread_by_both.mistake(
    "Those are what softmax misreads and mlp reads.", lambda: np.sum(_wrong("softmax") & ~_wrong("mlp"))
)


@exercise(
    "10-4",
    cases=lambda rng: [(10, 2), (30, 30), (5, 25), (1, 0), (40, 22)],
    tolerance=1e-5,
    hints=(
        "Digits that both read, or both misread, say nothing about which is better.",
        "If both were equally good, each of the others would fall to either with chance ½: `scipy.stats.binomtest`.",
    ),
)
def mcnemar_p(only_a, only_b):
    from scipy.stats import binomtest

    return binomtest(only_a, only_a + only_b).pvalue


def _one_sided(a, b):
    from scipy.stats import binomtest

    return binomtest(max(a, b), a + b, alternative="greater").pvalue


def _chi_squared(a, b):
    from scipy.stats import chi2

    return chi2.sf((a - b) ** 2 / (a + b), 1)


mcnemar_p.mistake("Either of the two could have been the better one: two-sided.", _one_sided)
mcnemar_p.mistake("That is an approximation for many digits; here the exact one is asked for.", _chi_squared)
mcnemar_p.mistake(
    "That is a share, not a chance: how surprising is it, if both are equally good?", lambda a, b: a / (a + b)
)
