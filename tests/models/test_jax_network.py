import jax
import numpy as np
import pytest
import torch

from mnist_study.models import LOSSES, Penalty, SmoothedCrossEntropy, mlp
from mnist_study.models.jax_network import ACTIVATIONS, JAXNetwork, forward, gradients, objective

SIZES = (784, 32, 16, 10)
PENALTIES = [Penalty(), Penalty(l1=1e-3), Penalty(l2=1e-2), Penalty(l1=1e-3, l2=1e-2)]


@pytest.fixture
def doubles():
    with jax.enable_x64(True):
        yield


@pytest.mark.slow
@pytest.mark.parametrize("penalty", PENALTIES, ids=["none", "l1", "l2", "both"])
@pytest.mark.parametrize("loss", ["cross_entropy", "smoothed", "mean_squared_error"])
def test_gradients_equal_those_by_hand_in_float64(mnist, doubles, penalty, loss):
    digits = mnist.train[:64]
    ours = mlp(SIZES, np.random.default_rng(3), mean=33.0, std=78.0, dtype=np.float64)
    ours.loss = SmoothedCrossEntropy(0.1) if loss == "smoothed" else LOSSES[loss]()
    x = ours.normalise(digits.images).reshape(-1, 784)
    value, _ = ours.loss_and_gradients(x, digits.labels, penalty)
    smoothing, name = (0.1, "cross_entropy") if loss == "smoothed" else (0.0, loss)
    (_, theirs), by_jax = gradients(
        ours.get_weights(), x, digits.labels, loss=name, smoothing=smoothing, penalty=penalty
    )
    assert float(theirs) == pytest.approx(value, rel=1e-12)
    for tensor, _, gradient in ours.tensors():
        assert by_jax[tensor].dtype == np.float64
        assert np.abs(by_jax[tensor] - gradient).max() <= 1e-10, tensor


def test_the_value_that_is_lowered_includes_the_penalty(mnist):
    network, digits = JAXNetwork(SIZES), mnist.train[:10]
    x, penalty = network.normalise(digits.images), Penalty(l1=1e-3, l2=1e-2)
    cost, value = objective(network.parameters, x, digits.labels, penalty=penalty)
    weights = np.concatenate([w.ravel() for name, w in network.get_weights().items() if name[0] == "W"])
    assert float(cost - value) == pytest.approx(penalty.value(weights), rel=1e-4)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_those_of_pytorch(name):
    theirs = {"gelu": lambda x: torch.nn.functional.gelu(x, approximate="tanh"), "swish": torch.nn.functional.silu}
    function = theirs.get(name) or getattr(torch.nn.functional, name, None) or getattr(torch, name)
    x = np.linspace(-4, 4, 101, dtype=np.float32)
    np.testing.assert_allclose(ACTIVATIONS[name](x), function(torch.tensor(x)).numpy(), atol=1e-5)


def test_dropout_acts_in_training_only_and_keeps_the_expectation():
    parameters = {"W1": np.eye(400, dtype=np.float32), "b1": np.zeros(400, np.float32)}
    parameters |= {"W2": np.eye(400, dtype=np.float32), "b2": np.zeros(400, np.float32)}
    x = np.ones((100, 400), np.float32)
    assert np.array_equal(forward(parameters, x, dropout=0.25), x)
    dropped = np.asarray(forward(parameters, x, dropout=0.25, key=jax.random.key(0)))
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.01)
    assert dropped.max() == pytest.approx(1 / 0.75)


def test_weights_are_exchanged_with_the_network_by_hand(mnist):
    by_hand = mlp(SIZES, np.random.default_rng(7), mean=33.0, std=78.0)
    network = JAXNetwork(SIZES, seed=1, mean=33.0, std=78.0)
    network.set_weights(by_hand.get_weights())
    np.testing.assert_allclose(
        network.logits(mnist.train.images[:50]), by_hand.logits(mnist.train.images[:50]), atol=1e-5
    )
    by_hand.set_weights(network.get_weights())
    assert network.size == by_hand.size == by_hand.parameters.size


def test_the_hidden_layers_start_after_he_and_the_output_small():
    weights = JAXNetwork((784, 256, 10, 10)).get_weights()
    assert weights["W1"].std() == pytest.approx(np.sqrt(2 / 784), rel=0.02)
    assert weights["W2"].std() == pytest.approx(np.sqrt(2 / 256), rel=0.1)
    assert weights["W3"].std() == pytest.approx(0.01, rel=0.3)
    assert not weights["b1"].any()
