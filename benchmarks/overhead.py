"""What the trainer costs over the bare loop: run directory, checkpoints, history, listeners; and TensorBoard.

    .venv/bin/python benchmarks/overhead.py [ROUNDS]

Three epochs of ``fc`` and of ``cnn_fast`` on two threads, in turns: through ``ms.train``, and as the loop that one
would write by hand around the same engine: order, batch, step, and the same two evaluations after each epoch. Both
build the network and place the data; reading the files, which only the trainer does, is timed apart and taken off.
TensorBoard's scalars cost next to nothing, its two pictures at the end about half a second, once: so they stand apart.
Quoted are medians over rounds, also of the ratio and of the difference.
"""

import statistics
import sys
import tempfile
from functools import partial
from time import perf_counter

import numpy as np
import torch

import mnist_study as ms
from mnist_study.training import SCHEDULES, evaluate, load_config, make_engine

THREADS, ROUNDS, EPOCHS = 2, 7, 3


def bare(config, mnist):
    asked, engine = config.training, make_engine(config, mnist.train)
    rate_at = SCHEDULES[asked.schedule.name]
    images, labels = engine.place_images(mnist.train.images), engine.place_labels(mnist.train.labels)
    held_out = engine.place_images(mnist.validation.images)
    sample = images[::4], mnist.train.labels[::4]
    steps = -(-len(labels) // asked.batch_size)
    done = 0
    for epoch in range(1, asked.epochs + 1):
        order = np.random.default_rng([config.seed, epoch]).permutation(len(labels))
        for start in range(0, len(order), asked.batch_size):
            batch = order[start : start + asked.batch_size]
            engine.step(images[batch], labels[batch], asked.learning_rate * rate_at(done / (steps * asked.epochs - 1)))
            done += 1
        evaluate(engine, *sample)
        evaluate(engine, held_out, mnist.validation.labels)


def timed(work):
    start = perf_counter()
    work()
    return perf_counter() - start


def main(rounds):
    torch.set_num_threads(THREADS)
    mnist = ms.load_mnist()
    mnist.train.images.sum()
    reading = statistics.median(timed(ms.load_mnist) for _ in range(5))  # ms.train reads the files itself
    print(f"{rounds} rounds of {EPOCHS} epochs, {THREADS} threads\n")
    print("| config | bare loop [s] | trainer [s] | with TensorBoard [s] | trainer / bare | TensorBoard, once [s] |")
    print("|---|---|---|---|---|---|")
    for name in ("fc", "cnn_fast"):
        changes = [f"training.epochs={EPOCHS}", "logging.progress=false"]
        config, quiet = load_config(name, changes), load_config(name, [*changes, "logging.tensorboard=false"])
        with tempfile.TemporaryDirectory() as folder:
            ms.train(config, folder)  # warms up
            times = []
            for _ in range(rounds):
                by_hand = timed(partial(bare, config, mnist))
                without, whole = (timed(partial(ms.train, asked, folder)) - reading for asked in (quiet, config))
                times.append((by_hand, without, whole, without / by_hand, whole - without))
        columns = (statistics.median(column) for column in zip(*times, strict=True))
        print("| {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {:.2f} |".format(name, *columns), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
