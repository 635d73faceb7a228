"""One epoch of the MLP of chapter 3 (784-256-128-10, batch 128, Adam, float32, 48 000 digits): ours and its peers.

    .venv/bin/python benchmarks/mlp_epoch.py [ROUNDS]

Every contender has a process of its own with two threads; they take turns, one timed epoch a round, after a warm-up
epoch, so that a change in the machine's speed hits all alike. Quoted are the median epoch and the median over rounds of
the ratio peer / ours in the same round: above 1, ours is faster. Nobody evaluates, penalises or schedules anything.
"""

import multiprocessing
import os
import statistics
import sys
from time import perf_counter, sleep

THREADS = 2
ROUNDS = 15
PAUSE = 0.3  # seconds before each turn: the idle threads of the process before it spin for a tenth of a second
BATCH = 128
RATE = 1e-3
SIZES = (784, 256, 128, 10)


def ours(images, labels):
    """Our layers and Adam, driven batch by batch as the training loop does."""
    import numpy as np

    from mnist_study.models import mlp
    from mnist_study.training import NumPyEngine

    return _engine_epoch(NumPyEngine(mlp(SIZES, np.random.default_rng(0))), images, labels)


def ours_loop(images, labels):
    """The same through ``fit``, which also measures training loss and accuracy after the epoch."""
    import numpy as np

    from mnist_study.data import Digits
    from mnist_study.models import mlp
    from mnist_study.training import NumPyEngine, fit

    engine, digits = NumPyEngine(mlp(SIZES, np.random.default_rng(0))), Digits(images, labels)
    return lambda number: fit(engine, digits, epochs=1, batch_size=BATCH, learning_rate=RATE, seed=number)


def ours_jax(images, labels):
    """The same network under ``jax.grad``, one compiled step."""
    from mnist_study.models.jax_network import JAXNetwork
    from mnist_study.training.engines import JAXEngine

    return _engine_epoch(JAXEngine(JAXNetwork(SIZES, mean=0.0, std=1.0)), images, labels)


def ours_torch(images, labels):
    """The same network under PyTorch's autograd."""
    import torch

    from mnist_study.models.torch_networks import FullyConnected
    from mnist_study.training.engines import TorchEngine

    torch.set_num_threads(THREADS)
    network = FullyConnected(SIZES[1:-1], mean=0.0, std=1.0)
    return _engine_epoch(TorchEngine(network), images.reshape(-1, 28, 28), labels)


def _engine_epoch(engine, images, labels):
    placed = engine.place_images(images), engine.place_labels(labels)

    def epoch(number):
        import numpy as np

        order = np.random.default_rng([0, number]).permutation(len(labels))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            engine.step(placed[0][batch], placed[1][batch], RATE)

    return epoch


def _torch_parts(images, labels):
    import torch
    from torch import nn

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    layers = [nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)]
    network = nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, fused=True)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return torch, torch.from_numpy(images), torch.from_numpy(labels), step


def torch_indexed(images, labels):
    """PyTorch, the data set as one tensor, indexed batch by batch; fused Adam."""
    torch, x, y, step = _torch_parts(images, labels)

    def epoch(number):
        order = torch.randperm(len(y), generator=torch.Generator().manual_seed(number))
        for batch in order.split(BATCH):
            step(x[batch], y[batch])

    return epoch


def torch_loader(images, labels):
    """PyTorch with the DataLoader of its tutorials, no worker processes; fused Adam."""
    _, x, y, step = _torch_parts(images, labels)
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)

    def epoch(_):
        for batch in loader:
            step(*batch)

    return epoch


def scikit_learn(images, labels):
    """scikit-learn's MLPClassifier, float32, no penalty: an epoch is one partial_fit."""
    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(SIZES[1:-1], batch_size=BATCH, learning_rate_init=RATE, alpha=0.0, random_state=0)
    return lambda _: network.partial_fit(images, labels, classes=range(10))


CONTENDERS = {
    "MNIST Study, NumPy": ours,
    "MNIST Study, NumPy through fit": ours_loop,
    "MNIST Study, PyTorch": ours_torch,
    "MNIST Study, JAX": ours_jax,
    "PyTorch, tensor indexing": torch_indexed,
    "PyTorch, DataLoader": torch_loader,
    "scikit-learn": scikit_learn,
}


def contend(name, pipe):
    """In a process of its own: set up, then one timed epoch for every number received, until told to stop."""
    import mnist_study as ms

    digits = ms.load_mnist().train
    images = digits.images.reshape(len(digits), -1).astype("float32") / 255
    epoch = CONTENDERS[name](images, digits.labels)
    for number in iter(pipe.recv, None):
        start = perf_counter()
        epoch(number)
        pipe.send(perf_counter() - start)


def main(rounds):
    os.environ.update(OMP_NUM_THREADS=str(THREADS), OPENBLAS_NUM_THREADS=str(THREADS), MKL_NUM_THREADS=str(THREADS))
    context = multiprocessing.get_context("spawn")
    pipes = {}
    for name in CONTENDERS:
        pipes[name], theirs = context.Pipe()
        context.Process(target=contend, args=(name, theirs), daemon=True).start()
    times = {name: [] for name in CONTENDERS}
    for number in range(rounds + 1):
        for name, pipe in pipes.items():
            sleep(PAUSE)
            pipe.send(number)
            times[name].append(pipe.recv())
    for pipe in pipes.values():
        pipe.send(None)

    base = times["MNIST Study, NumPy"][1:]
    print(f"{rounds} rounds, {THREADS} threads, 784-256-128-10, batch {BATCH}, Adam, float32, 48 000 digits\n")
    print("| contender | epoch, median [s] | lowest to highest | time / ours, median of rounds |")
    print("|---|---|---|---|")
    for name, seconds in times.items():
        warm = seconds[1:]
        ratio = statistics.median(their / our for their, our in zip(warm, base, strict=True))
        print(f"| {name} | {statistics.median(warm):.3f} | {min(warm):.3f} to {max(warm):.3f} | {ratio:.2f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
