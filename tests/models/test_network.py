import copy
import pickle

import numpy as np
import pytest

from mnist_study.models import Dense, Dropout, Network, Penalty, ReLU, mlp
from mnist_study.models.layers import he, small, xavier, zeros


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
    layers = [ReLU(), Dropout(0.5), Dense(784, 10)]
    network = Network(layers, np.random.default_rng(0), mean=33.0, std=78.0)
    x = network.normalise(images)
    kept = x.copy()
    network.loss_and_gradients(x, mnist.test.labels[:5])
    assert np.array_equal(x, kept)
    assert np.array_equal(images, mnist.test.images[:5])


def test_neighbouring_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="gives 8 values, but .* takes 9"):
        Network([Dense(4, 8), ReLU(), Dense(9, 2)], np.random.default_rng(0))
    with pytest.raises(ValueError, match="dropout rate must be at least 0 and below 1, not 1"):
        Dropout(1.0)


def test_initialisers_have_the_spread_of_their_formula():
    rng, shape = np.random.default_rng(0), (400, 300)
    assert he(rng, shape).std() == pytest.approx(np.sqrt(2 / 400), rel=0.01)
    assert xavier(rng, shape).std() == pytest.approx(np.sqrt(2 / 700), rel=0.01)
    assert small(rng, shape).std() == pytest.approx(0.01, rel=0.01)
    assert not zeros(rng, shape).any()


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
    assert not any(np.shares_memory(x, value) for value in vars(network.layers[0]).values() if hasattr(value, "shape"))
    assert np.array_equal(network.parameters, before)
    assert np.shares_memory(network.layers[0].weight, network.parameters)


def test_no_images_give_no_logits():
    assert book_network().predict(np.empty((0, 28, 28), np.uint8)).shape == (0,)


def test_normalising_leaves_the_images_alone_and_copies_only_what_it_must(mnist):
    images = mnist.test.images[:9].astype(np.float32)
    kept = images.copy()
    network = book_network()
    np.testing.assert_allclose(network.normalise(images), (kept.reshape(9, -1) - 33) / 78, rtol=1e-6)
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
