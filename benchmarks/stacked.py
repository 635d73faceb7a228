"""Ten seeds of a small network, stacked in one engine, beside the same ten one after another.

    .venv/bin/python benchmarks/stacked.py [ROUNDS]

One thread; both take turns, one epoch of 12 000 digits a round (batch 128, Adam), without measuring. Quoted is the
median over rounds of the ratio one after another / stacked: above 1, stacking is faster.
"""

import os
import statistics
import sys
from time import perf_counter

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np
import torch

import mnist_study as ms
from mnist_study.models import build
from mnist_study.models.specs import FullyConnectedSpec
from mnist_study.training.engines import StackedEngine, TorchEngine

ROUNDS, SEEDS, DIGITS, BATCH, RATE = 7, 10, 12_000, 128, 1e-3
HIDDEN = ((16,), (64,), (256,), (256, 128))


def main(rounds):
    torch.set_num_threads(1)
    digits = ms.load_mnist().train[:DIGITS]
    print(f"{rounds} rounds, {SEEDS} seeds, {DIGITS} digits an epoch, batch {BATCH}, Adam, one thread\n")
    print("| hidden | one after another [s] | stacked [s] | ratio, median |")
    print("|---|---|---|---|")
    for hidden in HIDDEN:
        spec = FullyConnectedSpec(hidden=hidden)
        engines = [TorchEngine(build(spec, seed, 33.3, 78.6)) for seed in range(SEEDS)]
        stack = StackedEngine([build(spec, seed, 33.3, 78.6) for seed in range(SEEDS)])
        images, labels = engines[0].place_images(digits.images), engines[0].place_labels(digits.labels)
        flat = stack.place_images(digits.images)
        times = {"alone": [], "stacked": []}
        for number in range(rounds + 1):
            orders = [np.random.default_rng([seed, number]).permutation(DIGITS) for seed in range(SEEDS)]
            started = perf_counter()
            for engine, order in zip(engines, orders, strict=True):
                for start in range(0, DIGITS, BATCH):
                    batch = order[start : start + BATCH]
                    engine.step(images[batch], labels[batch], RATE)
            times["alone"].append(perf_counter() - started)
            started, orders = perf_counter(), np.stack(orders)
            for start in range(0, DIGITS, BATCH):
                batch = orders[:, start : start + BATCH]
                stack.step(flat[batch], labels[batch], RATE)
            times["stacked"].append(perf_counter() - started)
        alone, stacked = (values[1:] for values in times.values())
        ratio = statistics.median(a / s for a, s in zip(alone, stacked, strict=True))
        sizes = "-".join(map(str, hidden))
        print(f"| {sizes} | {statistics.median(alone):.2f} | {statistics.median(stacked):.2f} | {ratio:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
