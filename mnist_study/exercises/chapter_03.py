"""Exercises of chapter 3: hidden layers and backpropagation."""

import numpy as np

from .judging import exercise


@exercise("03-1", hints=("Layer by layer: inputs times outputs, and a bias for each output.",))
def parameters():
    return (784 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 10


parameters.mistake("Those are the weights; each unit has a bias, too.", lambda: 784 * 256 + 256 * 128 + 128 * 10)
parameters.mistake("The last layer is missing: ten outputs.", lambda: 784 * 256 + 256 + 256 * 128 + 128)
parameters.mistake("Each layer is fed by the one before it, not by the pixels.", lambda: 785 * (256 + 128 + 10))


@exercise(
    "03-2",
    cases=lambda rng: [
        (rng.normal(size=(3, 4)), np.where(rng.random((3, 4)) < 0.3, 0.0, rng.normal(size=(3, 4)))) for _ in range(3)
    ],
    hints=("Where the signal did not pass, the blame does not pass either.", "At x = 0 nothing passed."),
)
def relu_backward(gradient, x):
    return gradient * (x > 0)


relu_backward.mistake("At x = 0 the output is 0 and nothing passed: > and not ≥.", lambda g, x: g * (x >= 0))
relu_backward.mistake("That is the mask; it has to stop or pass the gradient.", lambda g, x: (x > 0) * 1.0)
relu_backward.mistake(
    "That is the ReLU of the gradient. It is x that decides what passes, and blame may be negative.",
    lambda g, x: np.maximum(g, 0),
)


def _functions(rng):
    a = rng.normal(size=3)
    return [
        (lambda w: float(np.sum(w**3)), rng.normal(size=4), 1e-2),
        (lambda w: float(np.exp(w @ a)), rng.normal(size=3), 1e-2),
    ]


@exercise(
    "03-3",
    cases=_functions,
    hints=(
        "One number at a time: up by h, down by h, and back to where it was.",
        "Between the two points lie 2 h.",
    ),
)
def numeric_gradient(f, w, h):
    gradient = np.zeros_like(w)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = (f(up) - f(down)) / (2 * h)
    return gradient


def _one_sided(f, w, h):
    return np.array([(f(w + h * one) - f(w)) / h for one in np.eye(len(w))])


numeric_gradient.mistake(
    "A step up only: its error shrinks with h, that of a step up and down with h². Go both ways.", _one_sided
)
numeric_gradient.mistake(
    "Twice too large: the two points lie 2 h apart.", lambda f, w, h: 2 * numeric_gradient(f, w, h)
)
numeric_gradient.mistake(
    "You have moved all numbers at once; each derivative wants only its own moved.",
    lambda f, w, h: np.full_like(w, (f(w + h) - f(w - h)) / (2 * h)),
)


@exercise(
    "03-4",
    cases=lambda rng: [(rng.normal(size=(n, 5)), rng.normal(size=(5, 5)), rng.normal(size=(n, 5))) for n in (3, 5)],
    hints=(
        "Shapes tell much: the gradient of each thing has the thing's own shape.",
        "y = x W + b. To x: G Wᵀ. To W: xᵀ G. To b: the sum over the batch.",
    ),
)
def dense_backward(x, weight, gradient):
    return gradient @ weight.T, x.T @ gradient, gradient.sum(axis=0)


def _part(number, change):
    def wrong(x, weight, gradient):
        parts = list(dense_backward(x, weight, gradient))
        parts[number] = change(x, weight, gradient)
        return tuple(parts)

    return wrong


dense_backward.mistake(
    "The first, to the input, lacks the transpose. With a square matrix no shape complains.",
    _part(0, lambda x, w, g: g @ w),
)
dense_backward.mistake("The second is turned: a row for each input.", _part(1, lambda x, w, g: g.T @ x))
dense_backward.mistake(
    "The third: the loss has taken its mean already; a bias gets the sum of what arrives.",
    _part(2, lambda x, w, g: g.mean(axis=0)),
)


@exercise(
    "03-5",
    cases=lambda rng: [(int(n), float(a)) for n, a in zip([2, 64, 256, 784], [0.0, 0.1, 0.5, 1.0], strict=True)],
    tolerance=1e-4,
    hints=(
        "Try it: push random numbers of spread 1 through ten such layers, and look for the factor that keeps their "
        "mean square.",
        "Half of the inputs keep their square, the other half keep a² of it: (1 + a²) / 2 in all.",
    ),
)
def he_for_leaky_relu(inputs, slope):
    return np.sqrt(2 / ((1 + slope**2) * inputs))


he_for_leaky_relu.mistake(
    "That is He's rule for a slope of 0. Here the negative half is not lost altogether.", lambda n, a: np.sqrt(2 / n)
)
he_for_leaky_relu.mistake("That is a variance; asked for is the standard deviation.", lambda n, a: 2 / ((1 + a**2) * n))
he_for_leaky_relu.mistake(
    "Squares are what is kept: the slope enters squared.", lambda n, a: np.sqrt(2 / ((1 + a) * n))
)
