"""Exercises of chapter 14: two digits."""

import numpy as np

from .judging import exercise


@exercise(
    "14-1",
    cases=lambda rng: [(share,) for share in (0.25, 0.9, 0.9929)],
    hints=("Both have to be read; if that is independent, shares multiply.",),
)
def each_digit(pairs):
    return pairs**0.5


each_digit.mistake(
    "That is what a network that reads each digit so well does on pairs: the other way round.", lambda q: q**2
)
each_digit.mistake(
    "Halving the errors is right only where errors simply add up, so nearly right where they are rare.",
    lambda q: (1 + q) / 2,
)
each_digit.mistake("A pair is harder than a digit: each has to be read better than that.", lambda q: q)


@exercise(
    "14-2",
    cases=lambda rng: [(rng.dirichlet(np.ones(100), n),) for n in (1, 4)],
    hints=("47 is ten times 4 plus 7.", "`probabilities.reshape(-1, 10, 10)`; the tens are its first axis of ten."),
)
def tens(probabilities):
    return probabilities.reshape(-1, 10, 10).sum(axis=2)


tens.mistake("Those are the ones.", lambda p: p.reshape(-1, 10, 10).sum(axis=1))
tens.mistake(
    "Probabilities of things that exclude each other add up; yours do not sum to 1.",
    lambda p: p.reshape(-1, 10, 10).mean(axis=2),
)
tens.mistake("That is the likeliest number of each decade; all ten count.", lambda p: p.reshape(-1, 10, 10).max(axis=2))


@exercise(
    "14-3",
    cases=lambda rng: [tuple(rng.dirichlet(np.ones(10), (2, n))) for n in (1, 4)],
    hints=("Independent: the product of the two.", "`tens[:, :, None] * ones[:, None, :]`, and a hundred in a row."),
)
def joined(tens_shares, ones_shares):
    return (tens_shares[:, :, None] * ones_shares[:, None, :]).reshape(-1, 100)


joined.mistake("47 has become 74.", lambda a, b: joined(b, a))
joined.mistake(
    "A hundred in a row for each pair: yours are tables of ten by ten.", lambda a, b: a[:, :, None] * b[:, None, :]
)
joined.mistake("Both have to be true: multiply.", lambda a, b: (a[:, :, None] + b[:, None, :]).reshape(-1, 100) / 20)


@exercise(
    "14-4", cases=lambda rng: [(n,) for n in (2, 10, 48_000)], hints=("The left one, then another on the right.",)
)
def possible_pairs(digits):
    return digits * (digits - 1)


possible_pairs.mistake("No digit stands beside itself.", lambda n: n * n)
possible_pairs.mistake("The other way round is another number: 47 is not 74.", lambda n: n * (n - 1) // 2)
possible_pairs.mistake("Each with each, not each once.", lambda n: n // 2)
