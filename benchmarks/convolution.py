"""One convolution forward and backward, and one epoch of ``cnn_numpy``: ours beside PyTorch, SciPy, loops and peers.

    .venv/bin/python benchmarks/convolution.py [ROUNDS]

Two threads; the contenders take turns in one process. The convolution is the second of ``cnn_numpy``: 5 x 5 kernels
from 16 to 32 maps of 12 x 12, a batch of 128, float32. The peers in pure NumPy, ``mygrad``, ``synapgrad`` and
``numpy-ml``, are timed where they are installed (``pip install --no-deps mygrad synapgrad``); a contender that is slow
by hundreds of times gets one image and is scaled up. An epoch is the median step times 375.
"""

import os
import statistics
import sys
from itertools import product
from time import perf_counter, sleep

THREADS = 2
os.environ.update(OMP_NUM_THREADS=str(THREADS), OPENBLAS_NUM_THREADS=str(THREADS), MKL_NUM_THREADS=str(THREADS))

import numpy as np  # noqa: E402 - the threads are chosen before
import scipy.signal  # noqa: E402
import torch  # noqa: E402

import mnist_study as ms  # noqa: E402
from mnist_study.models import Convolution, Network, build  # noqa: E402
from mnist_study.models.specs import ConvNetSpec  # noqa: E402
from mnist_study.training import load_config  # noqa: E402
from mnist_study.training.engines import NumPyEngine, TorchEngine  # noqa: E402

ROUNDS, BATCH, STEPS = 15, 128, 20
PAUSE = 0.3  # seconds before each turn: the idle threads of the library before it spin for a tenth of a second
torch.set_num_threads(THREADS)
rng = np.random.default_rng(0)
X = rng.standard_normal((BATCH, 12, 12, 16)).astype(np.float32)
WEIGHT = rng.standard_normal((5, 5, 16, 32)).astype(np.float32)
GRADIENT = rng.standard_normal((BATCH, 8, 8, 32)).astype(np.float32)
FIRST = {
    "x": np.ascontiguousarray(X.transpose(0, 3, 1, 2)),
    "weight": np.ascontiguousarray(WEIGHT.transpose(3, 2, 0, 1)),
}
BACK = np.ascontiguousarray(GRADIENT.transpose(0, 3, 1, 2))


def ours():
    layer = Convolution(16, 32, 5)
    Network([layer], rng)
    layer.weight[:] = WEIGHT

    def both():
        layer.forward(X, training=True)
        layer.backward(GRADIENT)

    return lambda: layer.forward(X, training=True), both, 1


def pytorch():
    x, weight, back = (torch.tensor(v) for v in (FIRST["x"], FIRST["weight"], BACK))
    x, back = (v.contiguous(memory_format=torch.channels_last) for v in (x, back))
    x.requires_grad_(), weight.requires_grad_()

    def forward():
        return torch.nn.functional.conv2d(x, weight)

    return forward, lambda: forward().backward(back), 1


def loops():
    """The sum as it is written, each output pixel by itself."""

    def forward():
        y = np.empty(GRADIENT.shape[1:], np.float32)
        for row, column, k in product(*map(range, y.shape)):
            y[row, column, k] = (X[0, row : row + 5, column : column + 5] * WEIGHT[..., k]).sum()
        return y[None]

    return forward, None, BATCH


def scipy_correlate():
    def forward():
        return np.stack(
            [
                sum(scipy.signal.correlate(X[0, :, :, c], WEIGHT[:, :, c, k], "valid") for c in range(16))
                for k in range(32)
            ],
            axis=-1,
        )[None]

    return forward, None, BATCH


def mygrad():
    from mygrad import tensor
    from mygrad.nnet.layers import conv_nd

    weight = tensor(FIRST["weight"])

    def both():
        conv_nd(tensor(FIRST["x"]), weight, stride=1).backward(BACK)

    return lambda: conv_nd(tensor(FIRST["x"]), weight, stride=1).data, both, 1


def synapgrad():
    from synapgrad.cpu_ops import conv2d_backward, conv2d_forward

    def forward():
        return conv2d_forward(FIRST["x"], FIRST["weight"], None, (1, 1), (0, 0), (1, 1))

    def both():
        windows = forward()[1]
        conv2d_backward(BACK, FIRST["x"].shape, FIRST["weight"], None, (1, 1), (0, 0), (1, 1), windows)

    return lambda: forward()[0], both, 1


def numpy_ml():
    from numpy_ml.neural_nets.utils import conv2D

    return lambda: conv2D(X, WEIGHT, 1, 0), None, 1


CONTENDERS = {
    "MNIST Study, NumPy": ours,
    "PyTorch": pytorch,
    "mygrad": mygrad,
    "synapgrad": synapgrad,
    "numpy-ml": numpy_ml,
    "scipy.signal.correlate": scipy_correlate,
    "loops over output pixels": loops,
}


def convolutions(rounds):
    expected = ours()[0]()[:1]
    ready = {}
    for name, make in CONTENDERS.items():
        try:
            forward, both, scale = make()
            found = np.asarray(forward().detach() if name == "PyTorch" else forward())
        except (ImportError, AttributeError) as error:
            reason = str(error).partition(" (/")[0]  # without this machine's path
            print(f"({name} is left out: {type(error).__name__}: {reason})")
            continue
        found = found if found.shape[-1] == 32 else found.transpose(0, 2, 3, 1)
        assert np.allclose(found[:1], expected, rtol=1e-3, atol=1e-3), f"{name} computes something else"
        ready[name] = forward, both, scale
    times = {(name, part): [] for name in ready for part in (0, 1)}
    for number in range(rounds):
        for name, (*parts, scale) in ready.items():
            for part, work in enumerate(parts):
                if work and (scale == 1 or number < 3):
                    sleep(PAUSE)
                    if scale == 1:
                        work()  # wakes the threads
                    started = perf_counter()
                    work()
                    times[name, part].append(1000 * scale * (perf_counter() - started))
    base = [statistics.median(times["MNIST Study, NumPy", part]) for part in (0, 1)]
    print("\n| one convolution | forward [ms] | / ours | forward and backward [ms] | / ours |\n|---|---|---|---|---|")
    for name in ready:
        cells = []
        for part in (0, 1):
            each = times[name, part]
            middle = statistics.median(each) if each else None
            cells += [f"{middle:.1f}", f"{middle / base[part]:.2f}"] if middle else ["", ""]
        print(f"| {name} | {' | '.join(cells)} |")


def epochs(rounds):
    config, train = load_config("cnn_numpy"), ms.load_mnist().train[: BATCH * STEPS]
    theirs = ConvNetSpec(**config.model.model_dump(exclude={"kind"}))
    engines = {
        "MNIST Study, NumPy": NumPyEngine(build(config.model, 0, 33.3, 78.6)),
        "MNIST Study, PyTorch": TorchEngine(build(theirs, 0, 33.3, 78.6)),
    }
    placed = {name: (e.place_images(train.images), e.place_labels(train.labels)) for name, e in engines.items()}
    times = {name: [] for name in engines}
    for _ in range(rounds + 1):
        for name, engine in engines.items():
            images, labels = placed[name]
            sleep(PAUSE)
            started = perf_counter()
            for start in range(0, len(train), BATCH):
                engine.step(images[start : start + BATCH], labels[start : start + BATCH], 1e-3)
            times[name].append(375 / STEPS * (perf_counter() - started))
    ours, torchs = (times[name][1:] for name in engines)
    ratio = statistics.median(our / their for our, their in zip(ours, torchs, strict=True))
    print("\n| an epoch of `cnn_numpy` (batch 128, Adam) | seconds, median | lowest to highest |\n|---|---|---|")
    for name in engines:
        each = times[name][1:]
        print(f"| {name} | {statistics.median(each):.1f} | {min(each):.1f} to {max(each):.1f} |")
    print(f"\nours / PyTorch, median of {rounds} rounds: {ratio:.2f}")


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    convolutions(rounds)
    epochs(rounds)
