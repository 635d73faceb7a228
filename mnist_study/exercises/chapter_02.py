"""Exercises of chapter 2: softmax regression."""

import numpy as np

from .judging import exercise


@exercise(
    "02-1", hints=("Each of ten outputs has a weight for each pixel.", "And one number that no pixel multiplies.")
)
def parameters():
    return 784 * 10 + 10


parameters.mistake("Those are the weights. What stands behind the + in x W + b?", lambda: 784 * 10)
parameters.mistake("That is one template; there is one for each digit.", lambda: 784 + 1)
parameters.mistake("A bias belongs to an output, not to a pixel.", lambda: 784 * 10 + 784)


@exercise(
    "02-2",
    cases=lambda rng: [
        (rng.normal(0, 2, (4, 10)),),
        (rng.normal(0, 2, (10, 10)),),
        (np.array([[1000.0, 999.0, 0.0]]),),
    ],
    hints=(
        "A row is a digit; its ten probabilities sum to 1.",
        "exp(1000) is too large for a float. The same number added to all scores changes no probability: "
        "subtract the largest score.",
    ),
)
def softmax(z):
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


softmax.mistake(
    "Right for small scores, but exp(1000) is infinite: subtract each row's largest score first.",
    lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
)
softmax.mistake(
    "Your columns sum to 1. A digit is a row: sum over axis 1.",
    lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=0),
)
softmax.mistake(
    "The exponential is missing: a score may be negative, a probability not.",
    lambda z: z / z.sum(axis=1, keepdims=True),
)


def _batches(rng):
    for count in (6, 10):
        raised = rng.random((count, 10))
        yield rng.random((count, 7)), raised / raised.sum(axis=1, keepdims=True), rng.integers(0, 10, count)


@exercise(
    "02-3",
    cases=_batches,
    hints=(
        "What the network believed, minus what was true: p − t, where t has a 1 at each label.",
        "Each weight gets this error times the pixel that it multiplies; then the mean over the batch.",
    ),
)
def weight_gradient(x, p, labels):
    t = np.eye(10)[labels]
    return x.T @ (p - t) / len(x)


weight_gradient.mistake(
    "That is the sum over the batch; the loss is a mean.", lambda x, p, y: weight_gradient(x, p, y) * len(x)
)
weight_gradient.mistake("The sign: with t − p one would climb.", lambda x, p, y: -weight_gradient(x, p, y))
weight_gradient.mistake(
    "W has a row for each pixel; so has its gradient. Yours is turned.", lambda x, p, y: weight_gradient(x, p, y).T
)


@exercise(
    "02-4",
    cases=lambda rng: [
        (float(c), float(b)) for c, b in zip(rng.uniform(0.5, 9, 6), [0, 0.3, 0.5, 0.9, 0.95, 0.99], strict=True)
    ],
    tolerance=0.02,
    hints=(
        "Try it: on the loss c w² / 2 the gradient is c w. Update v ← β v + c w, w ← w − rate · v, from w = 1, and see "
        "for which rates w dies out. With a momentum near 1 that takes many hundreds of steps.",
        "At the limit w flips its sign at every step. Then v flips, too, and settles at c w / (1 + β).",
    ),
)
def largest_stable_rate(curvature, momentum):
    return 2 * (1 + momentum) / curvature


largest_stable_rate.mistake(
    "That is the limit of plain descent. With momentum the swings are smaller: measure.", lambda c, b: 2 / c
)
largest_stable_rate.mistake(
    "Where gradients agree, momentum multiplies the step by 1 / (1 − β), but at the limit they flip their sign.",
    lambda c, b: 2 * (1 - b) / c,
)
largest_stable_rate.mistake(
    "At the limit the velocity settles at c w / (1 + β): a factor of 2 is missing.", lambda c, b: (1 + b) / c
)
