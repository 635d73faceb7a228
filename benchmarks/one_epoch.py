"""How fast can a network learn to read 99 % of the test digits? ``cnn_fast`` beside two known recipes, on two threads.

    .venv/bin/python benchmarks/one_epoch.py [SEEDS]

Ours is the config ``cnn_fast`` through the study's own loop. Its peers: a one-epoch recipe from our field notes, as
plain PyTorch, over the same seeds; and network and recipe of PyTorch's own MNIST example (pytorch/examples,
``mnist/main.py``: Adadelta 1.0, batch 64, rate times 0.7 each epoch), three epochs, once. All see the same 48 000
training digits; seconds are those of the updates alone, on the clock after a warm-up. The test digits are looked at
once, when a training has ended.
"""

import sys
from time import perf_counter

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import mnist_study as ms
from mnist_study.models.torch_networks import TorchNetwork
from mnist_study.training import fit, fit_options, load_config, make_engine

THREADS, SEEDS = 2, 10
MEAN, STD = 33.3, 78.6


class Plain(TorchNetwork):
    """Normalises and reads as ours do; starts as PyTorch does, from its global generator."""

    def __init__(self, layers):
        nn.Module.__init__(self)
        self.layers, self.seed, self.mean, self.std = nn.Sequential(*layers), 0, MEAN, STD
        self.move("cpu")


def ours(mnist, seed):
    config = load_config("cnn_fast", [f"seed={seed}"])
    engine = make_engine(config, mnist.train)
    history = fit(engine, mnist.train, **fit_options(config))
    return engine.network, history.seconds


def field_notes(mnist, seed):
    """conv 24 (5) - pool - conv 32 (3) - pool - 256; Adam 1e-2, betas 0.7 and 0.9, one cycle, batch 256, one epoch."""
    torch.manual_seed(seed)
    layers = [nn.Conv2d(1, 24, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(24, 32, 3), nn.ReLU(), nn.MaxPool2d(2)]
    network = Plain([*layers, nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, 10)])
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2, betas=(0.7, 0.9), fused=True)
    steps = -(-len(mnist.train) // 256)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1e-2, total_steps=steps, cycle_momentum=False, final_div_factor=1e4
    )
    return network, train(network, mnist.train, optimizer, 256, 1, seed, schedule.step)


def torch_example(mnist, seed):
    """conv 32 (3) - conv 64 (3) - pool - dropout - 128 - dropout - 10; Adadelta, batch 64, three epochs."""
    torch.manual_seed(seed)
    layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)]
    network = Plain([*layers, nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)])
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, -(-len(mnist.train) // 64), gamma=0.7)
    return network, train(network, mnist.train, optimizer, 64, 3, seed, schedule.step)


def train(network, digits, optimizer, batch_size, epochs, seed, after_step):
    x, y = network.normalise(digits.images), torch.tensor(digits.labels)
    network.train()
    start = perf_counter()
    for epoch in range(epochs):
        order = torch.from_numpy(np.random.default_rng([seed, epoch]).permutation(len(y)))
        for batch in order.split(batch_size):
            optimizer.zero_grad()
            cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()
            after_step()
    return perf_counter() - start


def main(seeds):
    torch.set_num_threads(THREADS)
    mnist = ms.load_mnist()
    contenders = {
        "cnn_fast": (ours, seeds),
        "one-epoch recipe": (field_notes, seeds),
        "PyTorch's example": (torch_example, 1),
    }
    print(f"{THREADS} threads, {len(mnist.train)} training digits, the 10 000 test digits looked at once at the end\n")
    print("| contender | parameters | test accuracy (seeds) | lowest | seconds of training, median | slowest |")
    print("|---|---|---|---|---|---|")
    ours(mnist, 0)  # warms up
    for name, (contend, count) in contenders.items():
        shares, times = [], []
        for seed in range(count):
            network, seconds = contend(mnist, seed)
            shares.append(100 * np.mean(network.predict(mnist.test.images) == mnist.test.labels))
            times.append(seconds)
        spread = f" ± {np.std(shares, ddof=1):.2f}" if count > 1 else ""
        size = f"{network.size:,}".replace(",", " ")
        print(
            f"| {name} | {size} | {np.mean(shares):.2f}{spread} % ({count}) | {min(shares):.2f} % "
            f"| {np.median(times):.2f} | {max(times):.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS)
