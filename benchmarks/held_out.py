"""What the recipes of chapters 12 and 15 were chosen on: digits that no network was trained on, and none of the test.

    .venv/bin/python benchmarks/held_out.py [NETWORK-or-RUN …]

Validation digits as they are, scanned down to 8 × 8 pixels, scanned and stretched to a square, half way and wholly, and
bent; typefaces and drawn styles that were held out of all training. A recipe's candidates are its runs, by their paths.
"""

import sys

import numpy as np

from mnist_study.analysis import Accuracy, accuracy
from mnist_study.data import MNIST, Digits
from mnist_study.images import augment, prepare, scanned, typeface_digits, unseen_styles
from mnist_study.training.runs import Run, find_network

DIGITS, STYLES = 6000, 2000
NETWORKS = ("mlp", "cnn", "cnn_robust", "cnn_hand", "cnn_best", "ensemble")
BENT = {"rotation": 18.0, "stretch": 0.8, "shear": 0.3, "elastic": 1.2, "stroke": 0.9, "prepared": True}


def held_out():
    """Dict from a name to Digits."""
    validation = MNIST.load().validation
    some = validation[:DIGITS]
    changed = {
        "scanned": prepare(scanned(some.images)),
        "half to a square": prepare(scanned(some.images, 0.5)),
        "to a square": prepare(scanned(some.images, 1.0)),
        "bent": augment(some.images, np.random.default_rng(5), **BENT),
    }
    return (
        {"validation": validation}
        | {name: Digits(images, some.labels) for name, images in changed.items()}
        | {"typefaces": typeface_digits(), "styles": unseen_styles(STYLES)}
    )


def main(asked):
    sets = held_out()
    counts = ", ".join(f"{name} {len(digits)}" for name, digits in sets.items())
    print(f"Misread, in %; digits: {counts}.\n")
    print(f"| network | {' | '.join(sets)} |")
    print("|---|" + "---|" * len(sets))
    for name in asked or NETWORKS:
        found = find_network(name, "runs")
        model = found.model if isinstance(found, Run) else found
        results = [accuracy(digits.labels, model.predict(digits.images)) for digits in sets.values()]
        print(f"| `{name}` | {' | '.join(map(misread, results))} |", flush=True)


def misread(result: Accuracy) -> str:
    return f"{100 * (1 - result.fraction):.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
