import copy
import pickle

import numpy as np
import pytest
from torch.utils.flop_counter import FlopCounterMode

from mnist_study.data import MNIST
from mnist_study.models import (
    Dense,
    Dropout,
    Flatten,
    Layer,
    Network,
    Penalty,
    ReLU,
    build,
    check_gradients,
    conv_net,
    mlp,
)
from mnist_study.models.jax_network import JAXNetwork
from mnist_study.models.layers import he, small, xavier, zeros
from mnist_study.models.specs import JAXMLP, ConvNetSpec, FullyConnectedSpec, NumPyMLP
from mnist_study.models.torch_networks import FullyConnected


def book_network(seed=0, **options):
    return mlp((784, 256, 128, 10), np.random.default_rng(seed), mean=33.0, std=78.0, **options)


def test_the_network_has_the_parameters_of_the_book_in_one_vector():
    network = book_network()
    assert network.parameters.size == 235_146
    assert network.weights.size == 784 * 256 + 256 * 128 + 128 * 10
    assert network.parameters.dtype == np.float32
    for _, values, gradient in network.tensors():
        assert np.shares_memory(values, network.parameters)
        assert np.shares_memory(gradient, network.gradients)
    assert [name for name, _, _ in network.tensors()] == ["W1", "b1", "W2", "b2", "W3", "b3"]


def test_logits_are_those_of_the_formula(mnist):
    network = book_network()
    images = mnist.test.images[:50]
    w1, b1, w2, b2, w3, b3 = (values.astype(float) for _, values, _ in network.tensors())
    x = (images.reshape(50, 784) - 33.0) / 78.0
    expected = np.maximum(np.maximum(x @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3
    np.testing.assert_allclose(network.logits(images), expected, atol=1e-5)
    assert network.logits(images).dtype == np.float32
    np.testing.assert_allclose(network.predict_proba(images).sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(network.predict(images), expected.argmax(axis=1))


@pytest.mark.parametrize("seed", range(3))
def test_the_first_loss_is_ln_10(seed, mnist):
    network = book_network(seed)
    loss, _ = network.loss_and_gradients(network.normalise(mnist.train.images[:1000]), mnist.train.labels[:1000])
    assert loss == pytest.approx(np.log(10), abs=0.05)


def test_a_forward_pass_leaves_its_input_and_its_images_alone(mnist):
    images = mnist.test.images[:5].copy()
    layers = [Flatten(), ReLU(), Dropout(0.5), Dense(784, 10)]
    network = Network(layers, np.random.default_rng(0), mean=33.0, std=78.0)
    x = network.normalise(images)
    kept = x.copy()
    network.loss_and_gradients(x, mnist.test.labels[:5])
    assert np.array_equal(x, kept)
    assert np.array_equal(images, mnist.test.images[:5])


def test_neighbouring_layers_that_do_not_fit_are_refused():
    rng = np.random.default_rng(0)
    both = r"Dense\(inputs=4, outputs=8.* gives 8 values, but Dense\(inputs=9, outputs=2.* takes 9 values"
    with pytest.raises(ValueError, match=both):
        Network([Dense(4, 8), ReLU(), Dense(9, 2)], rng)
    with pytest.raises(ValueError, match="Flatten.* gives 784 values, but Dense.* takes 9 values"):
        Network([Flatten(), Dense(9, 2)], rng, shape=(28, 28))
    with pytest.raises(ValueError, match="the input gives 28 x 28 values, but Dense.* takes 784 values"):
        Network([Dense(784, 2)], rng, shape=(28, 28))
    with pytest.raises(ValueError, match="^Flatten gives 784 values, but Dense"):
        conv_net((4,), (3,), (10, 10), rng, shape=(28, 28))
    with pytest.raises(ValueError, match="dropout rate must be at least 0 and below 1, not 1"):
        Dropout(1.0)


def test_a_mistyped_initialiser_is_told_with_the_nearest():
    rng, words = np.random.default_rng(0), "no initialiser 'hee'; did you mean 'he'"
    for make in (
        lambda: mlp((784, 8, 10), rng, initialiser="hee"),
        lambda: conv_net((4,), (3,), (784, 10), rng, initialiser="hee"),
        lambda: JAXNetwork((784, 8, 10), initialiser="hee"),
        lambda: FullyConnected((8,), initialiser="hee"),
    ):
        with pytest.raises(ValueError, match=words):
            make()


def test_initialisers_have_the_spread_of_their_formula():
    rng, shape = np.random.default_rng(0), (400, 300)
    assert he(rng, shape).std() == pytest.approx(np.sqrt(2 / 400), rel=0.01)
    assert xavier(rng, shape).std() == pytest.approx(np.sqrt(2 / 700), rel=0.01)
    assert small(rng, shape).std() == pytest.approx(0.01, rel=0.01)
    assert not zeros(rng, shape).any()
    kernel = (5, 5, 16, 30)  # its sides multiply inputs and outputs
    assert he(rng, kernel).std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    assert xavier(rng, kernel).std() == pytest.approx(np.sqrt(2 / (25 * 46)), rel=0.02)


def test_dropout_keeps_the_expectation_and_does_nothing_outside_training():
    dropout = Dropout(0.3)
    dropout.initialise(np.random.default_rng(0))
    x = np.ones((1000, 100), np.float32)
    assert np.array_equal(dropout.forward(x), x)
    dropped = dropout.forward(x, training=True)
    assert dropped.mean() == pytest.approx(1, abs=0.01)
    assert np.mean(dropped == 0) == pytest.approx(0.3, abs=0.01)
    assert dropped.max() == pytest.approx(1 / 0.7)
    assert dropped.dtype == np.float32


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_a_copy_is_whole_and_has_arrays_of_its_own(duplicate, mnist):
    network = book_network(dropout=0.2)
    x, labels = network.normalise(mnist.train.images[:64]), mnist.train.labels[:64]
    twin = duplicate(network)
    assert not np.shares_memory(twin.parameters, network.parameters)
    for _ in range(3):
        for each in (network, twin):
            each.loss_and_gradients(x, labels, Penalty(l2=1e-3))
            each.parameters -= 0.1 * each.gradients
    assert np.array_equal(twin.parameters, network.parameters)
    assert np.array_equal(twin.logits(mnist.test.images[:9]), network.logits(mnist.test.images[:9]))


def test_a_network_outside_training_holds_on_to_nothing(mnist):
    network = book_network(dropout=0.2)
    x = network.normalise(mnist.train.images[:512])
    network.loss_and_gradients(x, mnist.train.labels[:512])
    before = network.parameters.copy()
    network.forget()
    network.predict(mnist.test.images)
    assert len(pickle.dumps(network)) < 1.1 * network.parameters.nbytes
    assert all(part.cache is None for part in [*network.layers, network.loss])
    assert np.array_equal(network.parameters, before)
    assert np.shares_memory(network.layers[1].weight, network.parameters)


def test_no_images_give_no_logits():
    assert book_network().predict(np.empty((0, 28, 28), np.uint8)).shape == (0,)


def test_normalising_leaves_the_images_alone_and_copies_only_what_it_must(mnist):
    images = mnist.test.images[:9].astype(np.float32)
    kept = images.copy()
    network = book_network()
    np.testing.assert_allclose(network.normalise(images), (kept - 33) / 78, rtol=1e-6)
    assert np.array_equal(images, kept)
    assert np.shares_memory(mlp((784, 10), np.random.default_rng(0)).normalise(images), images)


def test_penalties_have_the_value_of_their_formula():
    weights = np.array([1.0, -2.0, 0.5])
    assert Penalty(l1=0.1).value(weights) == pytest.approx(0.35)
    assert Penalty(l2=0.1).value(weights) == pytest.approx(0.05 * 5.25)
    assert Penalty(l1=0.1, l2=0.1).value(weights) == pytest.approx(0.35 + 0.2625)
    gradient = np.zeros(3)
    Penalty(l1=0.1, l2=0.1).add_gradient(weights, gradient)
    np.testing.assert_allclose(gradient, [0.2, -0.3, 0.15])


class RunningScale(Layer):
    """A layer with odd names: a kernel that is penalised, a shift that is not, and a running average to keep."""

    parameters = {"kernel": (3,), "shift": (3,)}  # noqa: RUF012
    penalised = ("kernel",)
    buffers = ("running",)

    def initialise(self, rng):
        self.kernel[:], self.running = rng.normal(size=3), np.zeros(3)

    def forward(self, x, training=False):
        self.cache = x
        if training:
            self.running += 0.1 * (x.mean(axis=0) - self.running)
        return x * self.kernel + self.shift + self.running * 0

    def backward(self, gradient, wants_input=True):
        self.kernel_gradient[:], self.shift_gradient[:] = (gradient * self.cache).sum(axis=0), gradient.sum(axis=0)
        return gradient * self.kernel if wants_input else None


def scaled_network(dtype=np.float64):
    return Network([RunningScale(), Dense(3, 4)], np.random.default_rng(1), dtype=dtype)


def test_a_layer_is_given_whatever_arrays_it_declares_and_the_penalty_acts_on_those_it_says():
    network = scaled_network()
    assert [name for name, _, _ in network.tensors()] == ["kernel1", "shift1", "W2", "b2"]
    assert network.weights.size == 3 + 12
    x, labels = np.random.default_rng(2).normal(size=(6, 3)), np.array([0, 1, 2, 3, 0, 1])
    assert max(check_gradients(network, x, labels, Penalty(l2=0.1)).values()) <= 1e-6


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_a_running_average_survives_copying_and_taking_the_weights_over(duplicate):
    network = scaled_network()
    network.loss_and_gradients(np.ones((4, 3)), np.array([0, 1, 2, 3]))
    kept = network.get_weights()
    assert kept["running1"] == pytest.approx(0.1)
    assert np.array_equal(duplicate(network).get_weights()["running1"], kept["running1"])
    other = scaled_network()
    other.set_weights(kept)
    assert all(np.array_equal(values, other.get_weights()[name]) for name, values in kept.items())


def test_images_of_another_task_are_refused_with_both_sizes():
    network = build(NumPyMLP(hidden=(4,)))
    with pytest.raises(ValueError, match=r"a network for mnist reads images \(N, 28, 28\), not \(2, 28, 56\)"):
        network.logits(np.zeros((2, 28, 56), np.uint8))


EVERY_ENGINE = [
    NumPyMLP(hidden=(16,), dropout=0.3),
    JAXMLP(hidden=(16,), activation="tanh", dropout=0.3),
    FullyConnectedSpec(hidden=(16,), dropout=0.3, batch_norm=True),
    ConvNetSpec(channels=(4, 4), hidden=(16,)),
]


@pytest.mark.parametrize("spec", EVERY_ENGINE, ids=lambda spec: spec.kind)
def test_activations_are_those_of_every_layer_and_end_in_the_logits(spec, mnist):
    network, images = build(spec, 3, 33.3, 78.6), mnist.validation.images[:20]
    found = network.activations(images)
    np.testing.assert_allclose(list(found.values())[-1], network.logits(images), atol=1e-5)
    assert all(len(values) == 20 for values in found.values())
    assert [int(name.split()[0]) for name in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("spec", EVERY_ENGINE, ids=lambda spec: spec.kind)
def test_the_input_gradient_is_how_each_images_own_loss_answers_to_a_pixel(spec):
    network, rng = build(spec, 3, 33.3, 78.6), np.random.default_rng(0)
    # noise, for on blank paper the largest of a pool's four equal values is not one, and has no derivative
    images, labels = rng.integers(0, 256, (6, 28, 28), np.uint8), np.arange(6)
    before = network.get_weights()
    gradient = network.input_gradient(images, labels)
    assert gradient.shape == images.shape
    assert all(np.array_equal(values, before[name]) for name, values in network.get_weights().items())

    def losses(images):
        return -np.log(network.predict_proba(images)[np.arange(6), labels].astype(float))

    # along its own direction, for all pixels at once: one pixel's answer drowns in float32
    step = 0.05  # grey values
    up, down = (losses(images + sign * step * np.sign(gradient)) for sign in (1, -1))
    np.testing.assert_allclose((up - down) / (2 * step), np.abs(gradient).sum(axis=(1, 2)), rtol=0.02)


@pytest.mark.parametrize("spec", EVERY_ENGINE, ids=lambda spec: spec.kind)
def test_hidden_layers_start_as_the_spec_says_and_the_output_layer_small(spec):
    """The spread of the first hidden layer's weights, against the formula worked out by hand."""
    for name, expected in (("he", (2 / 784) ** 0.5), ("xavier", (2 / (784 + 256)) ** 0.5), ("small", 0.01)):
        changed = spec.model_copy(update={"initialiser": name, "hidden": (256,)})
        weights = [values for key, values in build(changed, 3).get_weights().items() if values.ndim == 2]
        first, last = sorted(weights, key=np.size, reverse=True)
        if first.size == 784 * 256:
            assert first.std() == pytest.approx(expected, rel=0.02)
        assert last.std() == pytest.approx(0.01, rel=0.1)
    with pytest.raises(ValueError, match="initialiser"):
        type(spec)(initialiser="zeros")


@pytest.mark.parametrize(
    "spec",
    [
        FullyConnectedSpec(hidden=(16, 12)),
        ConvNetSpec(channels=(4, 6), kernels=(3, 5), pool=(2, 1), padding=True),
        ConvNetSpec(channels=(4, 6), kernels=(5, 3), padding=False, hidden=()),
    ],
)
def test_multiplications_are_those_that_pytorch_counts(spec):
    network = build(spec)
    with FlopCounterMode(display=False) as counted:
        network.logits(np.zeros((1, 28, 28), np.uint8))
    assert spec.multiplications(MNIST) == counted.get_total_flops() / 2  # a product and a sum each


@pytest.mark.parametrize("spec", EVERY_ENGINE, ids=lambda spec: spec.kind)
def test_what_holds_no_grey_values_is_refused_by_every_engine_and_no_image_has_no_answer(spec, mnist):
    network, digits = build(spec), mnist.test.images[:3]
    vast = digits * 1e300
    for images in (digits > 0, digits.astype(str), digits.astype(complex), np.where(digits > 0, np.nan, 0), vast, None):
        with pytest.raises(ValueError, match="^images hold grey values from 0, paper, to 255, ink; these hold "):
            network.logits(images)
    for answer in (network.predict, network.predict_proba, network.logits):
        for scaled in (digits / 255, (digits > 127).astype(np.uint8), (digits > 127).astype(np.int64)):
            with pytest.raises(ValueError, match="none is above 1: multiply the images by 255"):
                answer(scaled)
        for kind in (np.float32, ">f4", ">u2", np.float16, np.longdouble):
            assert np.array_equal(answer(digits.astype(kind)), answer(digits))
        assert len(answer(digits[:0])) == 0
    assert network.logits((digits == 9).astype(np.uint8)).shape == (3, 10)  # what is left when ink is taken away
    with pytest.raises(ValueError, match=r"not \(500, 28, 27\)"):
        network.logits(np.zeros((500, 28, 27), np.uint8))
