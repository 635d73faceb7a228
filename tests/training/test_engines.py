"""Every engine does what the others do, keeps what an exact continuation needs, and learns what it must."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from small import MODELS

from mnist_study.data import Digits, find_task
from mnist_study.models import Penalty, build, mlp
from mnist_study.models.jax_network import JAXNetwork
from mnist_study.models.torch_networks import FullyConnected
from mnist_study.training import (
    Adam,
    AdamW,
    ConfigError,
    GradientDescent,
    Momentum,
    NumPyEngine,
    config_names,
    fit,
    load_config,
    make_engine,
)
from mnist_study.training.engines import JAXEngine, TorchEngine

MEAN, STD = 33.3, 78.6
RULES = [GradientDescent(), Momentum(0.9), Momentum(0.8, nesterov=True), Adam(0.8, 0.99), AdamW(weight_decay=0.1)]
KINDS = list(MODELS)


def three_engines(rule, **options):
    """The same small network, with the same weights, under each engine."""
    by_hand = mlp((784, 32, 10), np.random.default_rng(0), mean=MEAN, std=STD)
    weights = by_hand.get_weights()
    jax_network = JAXNetwork((784, 32, 10), mean=MEAN, std=STD)
    jax_network.set_weights(weights)
    torch_network = FullyConnected((32,), mean=MEAN, std=STD)
    names = {"layers.1.weight": "W1", "layers.1.bias": "b1", "layers.3.weight": "W2", "layers.3.bias": "b2"}
    torch_network.set_weights({name: np.ascontiguousarray(weights[ours].T) for name, ours in names.items()})
    copies = [type(rule)(**vars(rule)) for _ in range(3)]
    return [
        NumPyEngine(by_hand, copies[0], **{"loss": "cross_entropy", **options}),
        JAXEngine(jax_network, copies[1], **options),
        TorchEngine(torch_network, copies[2], **options),
    ]


def test_labels_of_any_whole_type_train_every_engine_alike(mnist):
    digits = mnist.train[:64]
    for kind in (np.uint8, np.int32):
        typed = Digits(digits.images, digits.labels.astype(kind))
        for engine, other in zip(three_engines(Adam()), three_engines(Adam()), strict=True):
            first, second = (
                fit(each, chosen, chosen, epochs=1, batch_size=32, learning_rate=1e-3)
                for each, chosen in ((engine, digits), (other, typed))
            )
            assert first.batch_losses == second.batch_losses
            assert first.epochs[0].validation_loss == second.epochs[0].validation_loss


@pytest.mark.parametrize(
    ("images", "labels", "words"),
    [
        (
            4,
            np.array([0, 1, 2, 10]),
            "labels to {} on go from 0 to 10: those of a network of 10 classes go from 0 to 9",
        ),
        (4, np.array([0, -1, 2, 3]), "labels to {} on go from -1 to 3: "),
        (4, np.zeros(4), r"labels to {} on of type float64 and shape \(4,\): give one whole number for each image"),
        (4, np.eye(4, 10, dtype=int), r"labels to {} on of type int64 and shape \(4, 10\): give one"),
        (4, np.zeros(3, int), "4 images to {} on, but 3 labels: give one for each image"),
        (0, np.zeros(0, int), "there is not one digit to {} on"),
    ],
)
def test_digits_that_cannot_be_learned_or_measured_are_refused_by_every_engine_in_the_same_words(
    mnist, images, labels, words
):
    wrong, right = Digits(mnist.train.images[:images], labels), mnist.train[:4]
    for engine in three_engines(Adam()):
        for use, train, validation in (("train", wrong, None), ("measure", right, wrong)):
            with pytest.raises(ValueError, match="^" + words.format(use)) as error:
                fit(engine, train, validation, epochs=1, batch_size=2, learning_rate=1e-3)
            assert "\n" not in str(error.value)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"penalty": Penalty(l1=1e-4, l2=1e-3)},
        {"ema": 0.9},
        {"smoothing": 0.1},
        {"loss": "mean_squared_error"},
    ],
    ids=["plain", "penalty", "ema", "smoothing", "squares"],
)
def test_three_engines_take_the_same_steps(mnist, rule, options):
    digits = mnist.train[:640]
    rate = 1e-3 if isinstance(rule, Adam) else 1e-2
    results = []
    for engine in three_engines(rule, **options):
        history = fit(engine, digits, epochs=1, batch_size=64, learning_rate=rate, schedule="one_cycle")
        results.append((history.batch_losses, engine.logits(engine.place_images(digits.images[:100]))))
    for losses, logits in results[1:]:
        np.testing.assert_allclose(losses, results[0][0], rtol=2e-4)
        np.testing.assert_allclose(logits, results[0][1], atol=2e-3)


def small_config(kind, **changes):
    return load_config("fc", [f"model={MODELS[kind]}", *(f"{key}={value}" for key, value in changes.items())])


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_engine_continues_exactly(mnist, kind, rule):
    config = small_config(kind, **{"training.optimizer": rule, "training.ema": 0.9})
    first, twin = make_engine(config, mnist.train[:500]), make_engine(config, mnist.train[:500])
    options = {"epochs": 1, "batch_size": 100, "learning_rate": 1e-3}
    fit(first, mnist.train[:500], **options)
    twin.load_state({name: values.copy() for name, values in first.state().items()})
    for engine in (first, twin):
        fit(engine, mnist.train[:500], seed=1, **options)
    states = first.state(), twin.state()
    assert states[0].keys() == states[1].keys()
    for name, values in states[0].items():
        assert np.array_equal(values, states[1][name]), name


FINGERPRINT = """
import hashlib, sys
import numpy as np
import mnist_study as ms
from mnist_study.training import fit, load_config, make_engine
seed, *models = sys.argv[1:]
digits = ms.load_mnist().train[:600]
for model in models:
    config = load_config("fc", [f"model={model}", f"seed={seed}"])
    engine = make_engine(config, digits)
    fit(engine, digits, epochs=2, batch_size=64, learning_rate=1e-3, seed=config.seed)
    print(hashlib.sha256(b"".join(values.tobytes() for values in engine.get_weights().values())).hexdigest())
"""


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_to_the_bit_in_another_process():
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

    def prints(seed):
        command = [sys.executable, "-c", FINGERPRINT, seed, *map(str, MODELS.values())]
        done = subprocess.run(command, env=os.environ | threads, capture_output=True, text=True, check=True)
        return dict(zip(MODELS, done.stdout.split(), strict=True))

    one, again, other = map(prints, ("1", "1", "2"))
    assert all(len(found) == len(hashlib.sha256().hexdigest()) for found in one.values())
    assert one == again
    assert all(one[kind] != other[kind] for kind in KINDS)


# Sanity checks before any experiment (chapter 5), for every engine.


PLAIN = {"model.dropout": 0.0, "model.hidden": "[128]", "training.label_smoothing": 0.0}


def sanity_engine(kind, mnist):
    return make_engine(small_config(kind, **PLAIN), mnist.train)


@pytest.mark.parametrize("kind", KINDS)
def test_128_digits_are_learned_by_heart_within_50_epochs(mnist, kind):
    engine, few = sanity_engine(kind, mnist), mnist.train[:128]
    history = fit(engine, few, epochs=50, batch_size=32, learning_rate=3e-3)
    assert history["train_accuracy"].max() == 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_batch_is_learned_to_near_zero_loss(mnist, kind):
    engine, batch = sanity_engine(kind, mnist), mnist.train[:32]
    history = fit(engine, batch, epochs=200, batch_size=32, learning_rate=3e-3, measure_every=200)
    assert history["train_loss"][-1] < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_random_labels_teach_nothing_about_other_digits(mnist, kind):
    labels = np.random.default_rng(0).integers(0, 10, 1000)
    engine = sanity_engine(kind, mnist)
    history = fit(
        engine,
        Digits(mnist.train.images[:1000], labels),
        mnist.validation[:3000],
        epochs=40,
        batch_size=50,
        learning_rate=3e-3,
        measure_every=40,
    )
    assert history["train_accuracy"][-1] > 0.9  # it can learn them by heart all the same
    assert history["validation_accuracy"][-1] < 0.2  # whoever settles on wrong answers may be far below 0.1


def test_the_data_set_stays_on_the_device_of_the_network(mnist):
    engine = make_engine(small_config("conv_net"), mnist.train)
    placed = engine.place_images(mnist.train.images[:100])
    assert placed.device == engine.network.device
    assert placed.dtype == torch.float32
    assert placed.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
def test_on_a_gpu_the_same_config_trains_there(mnist):
    engine = make_engine(small_config("conv_net"), mnist.train)
    assert engine.place_images(mnist.train.images[:100]).is_cuda
    history = fit(engine, mnist.train[:5000], mnist.validation[:1000], epochs=3, batch_size=100, learning_rate=3e-3)
    assert history["validation_accuracy"][-1] > 0.9


def test_the_configs_that_ship_are_the_networks_that_they_claim_to_be():
    sizes = {
        "softmax": 7_850,
        "mlp": 235_146,
        "mlp_jax": 235_146,
        "fc": 235_146,
        "fc_small": 109_386,
        "fc_augmented": 1_293_510,
        "cnn": 421_834,
        "cnn_fast": 27_482,
        "cnn_numpy": 80_202,
        "cnn_hand": 199_498,
        "cnn_robust": 575_242,
        "cnn_best": 575_242,
        "two_digit_mlp": 338_852,
        "two_digit_cnn": 158_212,
        "two_digit_shared": 100_714,
    }
    assert set(config_names()) == set(sizes)
    for name, size in sizes.items():
        config = load_config(name)
        assert build(config.model, task=find_task(config.task)).size == size


def test_products_in_bfloat16_leave_weights_and_measurements_in_float32(mnist):
    digits = mnist.train[:500]
    engines = {
        kind: make_engine(small_config("fully_connected", **{"training.precision": kind}), digits)
        for kind in ("float32", "bfloat16")
    }
    losses = {}
    for kind, engine in engines.items():
        images, labels = engine.place_images(digits.images), engine.place_labels(digits.labels)
        losses[kind] = [engine.step(images, labels, 1e-2) for _ in range(5)]
        assert torch.bfloat16 not in {parameter.dtype for parameter in engine.network.parameters()}
        assert engine.logits(images).dtype == np.float32
    assert losses["float32"] != losses["bfloat16"]  # three digits against seven
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.05)


def test_only_pytorch_computes_in_another_precision():
    with pytest.raises(ConfigError, match=r"training\.precision: numpy_mlp computes in float32"):
        load_config("mlp", ["training.precision=bfloat16"])
