"""Exercises of chapter 11: inside a network."""

import numpy as np

from .judging import exercise


@exercise(
    "11-1",
    cases=lambda rng: [(rng.uniform(0, 255, (4, 4)), rng.normal(size=(4, 4)), 60.0) for _ in range(2)],
    hints=("Each pixel by the same amount, in the direction that raises the loss.", "A pixel stays between 0 and 255."),
)
def one_step_attack(image, gradient, budget):
    return np.clip(image + budget * np.sign(gradient), 0, 255)


one_step_attack.mistake(
    "Right but for the rounding: leave the fractions.",
    lambda x, g, e: np.round(np.clip(x + e * np.sign(g), 0, 255)),
)
one_step_attack.mistake("Some pixels have left 0 to 255: no picture holds them.", lambda x, g, e: x + e * np.sign(g))
one_step_attack.mistake(
    "That lowers the loss: you have helped the network.", lambda x, g, e: np.clip(x - e * np.sign(g), 0, 255)
)
one_step_attack.mistake(
    "Each pixel may use its whole budget: it is the gradient's sign that counts.",
    lambda x, g, e: np.clip(x + e * g, 0, 255),
)


def _slopes(rng):
    a = rng.normal(size=4)
    return [
        (lambda x: 2 * x, rng.normal(size=4), 50),
        (lambda x: a * np.cos(a @ x), rng.normal(size=4), 50),
        (lambda x: (x < 0.5) * 1.0, np.array([2.0, 0.3, 1.0]), 50),
    ]


@exercise(
    "11-2",
    cases=_slopes,
    tolerance=0.03,
    hints=(
        "Walk from blank paper to the picture, and ask for the gradient on the way.",
        "The mean of these gradients, times the picture.",
    ),
)
def integrated(gradient, x, steps):
    shares = (np.arange(steps) + 0.5) / steps
    return x * np.mean([gradient(share * x) for share in shares], axis=0)


integrated.mistake(
    "That is the gradient at the end of the way, times the picture: what is saturated there gets nothing.",
    lambda g, x, n: x * g(x),
)
integrated.mistake(
    "The mean gradient still has to be multiplied by how far each pixel has come.",
    lambda g, x, n: np.mean([g((i + 0.5) / n * x) for i in range(n)], axis=0),
)
integrated.mistake(
    "That is the sum over the steps; more steps should not mean more credit.",
    lambda g, x, n: n * integrated(g, x, n),
)


def _scores(rng):
    weights = rng.normal(size=(6, 6))
    return [(lambda image: float(np.sum(weights * image)), rng.uniform(0, 255, (6, 6)), size) for size in (2, 3)]


@exercise(
    "11-3",
    cases=_scores,
    hints=(
        "Blank one tile at a time, and ask for the score again.",
        "What a tile was worth is how far the score falls without it.",
    ),
)
def occlusion(score, image, size):
    rows, columns = np.array(image.shape) // size
    drop = np.zeros((rows, columns))
    for r in range(rows):
        for c in range(columns):
            hidden = image.copy()
            hidden[r * size : (r + 1) * size, c * size : (c + 1) * size] = 0
            drop[r, c] = score(image) - score(hidden)
    return drop


occlusion.mistake("The sign: a tile that matters makes the score fall.", lambda f, x, n: -occlusion(f, x, n))
occlusion.mistake(
    "Those are the scores without each tile; asked for is what is lost.", lambda f, x, n: f(x) - occlusion(f, x, n)
)
occlusion.mistake("Rows and columns of the tiles are exchanged.", lambda f, x, n: occlusion(f, x, n).T)


@exercise(
    "11-4",
    cases=lambda rng: [
        (np.maximum(rng.normal(shift, 1, (40, 12)), 0) * (rng.random(12) < 0.7),) for shift in (-1, 0.5)
    ],
    hints=("A unit is dead if **no** digit moves it.", "`activations == 0`, then all over the digits."),
)
def dead_units(activations):
    return np.sum(np.all(activations == 0, axis=0))


dead_units.mistake("Those are units that are silent for at least one digit.", lambda a: np.sum(np.any(a == 0, axis=0)))
dead_units.mistake("Those are all silent moments; count units.", lambda a: np.sum(a == 0))
dead_units.mistake("Those are the units that live.", lambda a: np.sum(np.any(a > 0, axis=0)))
