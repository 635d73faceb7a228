"""Exercises of chapter 4: automatic differentiation, and remedies."""

import numpy as np

from .judging import exercise


@exercise(
    "04-1", hints=("Outside in: the square, then the ReLU, then 3 w − 1.", "At w = 2 the ReLU passes everything.")
)
def derivative():
    w = 2
    inner = 3 * w - 1
    return 2 * inner * 3


derivative.mistake("That is the value of f; asked for is its derivative.", lambda: 25)
derivative.mistake("The derivative of the inside, 3, is missing.", lambda: 10)
derivative.mistake("The derivative of a square is twice what is squared.", lambda: 15)


@exercise(
    "04-2",
    cases=lambda rng: [tuple(float(v) for v in rng.normal(size=2)) for _ in range(4)],
    hints=("a is used in two places, and gets blame from both.", "With u = a b + a the blame at u is 2 u."),
)
def backwards(a, b):
    u = a * b + a
    blame = 2 * u
    return blame * b + blame, blame * a


backwards.mistake(
    "a is used twice: you have counted the product only.", lambda a, b: (2 * (a * b + a) * b, 2 * (a * b + a) * a)
)
backwards.mistake(
    "a is used twice: you have counted the sum only.", lambda a, b: (2 * (a * b + a), 2 * (a * b + a) * a)
)
backwards.mistake("The square's own derivative is missing.", lambda a, b: (b + 1, a))


@exercise(
    "04-3",
    cases=lambda rng: [(rng.normal(size=(4, 6)), rng.random((4, 6)) >= p, float(p)) for p in (0.1, 0.3, 0.8)],
    hints=("Deleted units are 0.", "The others must make up for it: sums should keep their size, on average."),
)
def dropout(x, kept, p):
    return x * kept / (1 - p)


dropout.mistake(
    "Units are deleted, but sums shrink: those that are left have to be enlarged.", lambda x, kept, p: x * kept
)
dropout.mistake("Of the units, 1 − p are left, not p.", lambda x, kept, p: x * kept / p)
dropout.mistake("That makes what is left smaller still: divide by 1 − p.", lambda x, kept, p: x * kept * (1 - p))


@exercise(
    "04-4",
    cases=lambda rng: [(int(steps), float(share)) for steps, share in [(11, 0.01), (480, 0.01), (3, 0.25)]],
    tolerance=1e-5,
    hints=("The same factor between each step and the next.", "Between n steps lie n − 1 gaps."),
)
def decay_factor(steps, last):
    return last ** (1 / (steps - 1))


decay_factor.mistake("Between the first and the last of n steps lie n − 1 gaps.", lambda n, last: last ** (1 / n))
decay_factor.mistake(
    "That is how much a straight line loses in a step; a factor is asked for.", lambda n, last: (1 - last) / (n - 1)
)
decay_factor.mistake("That is its logarithm.", lambda n, last: np.log(last) / (n - 1))
