"""Every derivative against central differences and against PyTorch, and the check itself against known mistakes."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from mnist_study.models import (
    Dense,
    Dropout,
    GradientError,
    Network,
    Penalty,
    ReLU,
    SoftmaxCrossEntropy,
    check_gradients,
    gradient_errors,
    mlp,
)

LABELS = np.array([3, 0, 9, 7, 7, 1])
PENALTIES = [Penalty(), Penalty(l1=0.02), Penalty(l2=0.3), Penalty(l1=0.02, l2=0.3)]


def network(*layers, loss=None):
    """A float64 network away from kinks: weights from 0, where L1 has one, biases too, so that no unit stands at 0."""
    built = Network(list(layers), np.random.default_rng(4), dtype=np.float64)
    built.weights += np.where(built.weights < 0, -1e-3, 1e-3)
    biases = built.parameters[built.weights.size :]
    biases += np.random.default_rng(5).uniform(0.05, 0.2, biases.size)
    if loss:
        built.loss = loss
    return built


def inputs(features=9):
    return np.random.default_rng(1).normal(size=(len(LABELS), features))


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
@pytest.mark.parametrize(
    "layers",
    [
        lambda: [Dense(9, 10, "he")],
        lambda: [Dense(9, 10, "small")],
        lambda: [Dense(9, 7, "he"), ReLU(), Dense(7, 10, "xavier")],
        lambda: [Dense(9, 7, "he"), ReLU(), Dropout(0.4), Dense(7, 6), ReLU(), Dropout(0.2), Dense(6, 10, "xavier")],
        lambda: [Dropout(0.3), Dense(9, 10, "he")],
        lambda: [ReLU(), Dense(9, 10, "he")],
    ],
)
def test_every_gradient_agrees_with_central_differences(layers, penalty):
    errors = check_gradients(network(*layers()), inputs(), LABELS, penalty)
    assert "input" in errors
    assert max(errors.values()) <= 1e-6


@pytest.mark.parametrize("penalty", PENALTIES, ids=str)
def test_every_gradient_agrees_with_pytorch(penalty):
    x, dropout = inputs(), Dropout(0.4)
    ours = network(Dense(9, 7), ReLU(), dropout, Dense(7, 6), ReLU(), Dense(6, 10, "xavier"))
    loss, input_gradient = ours.loss_and_gradients(x, LABELS, penalty, wants_input=True)
    mask = dropout.cache

    theirs = {name: torch.tensor(value, requires_grad=True) for name, value, _ in ours.tensors()}
    image = torch.tensor(x, requires_grad=True)
    hidden = torch.relu(image @ theirs["W1"] + theirs["b1"]) * torch.tensor(mask)
    hidden = torch.relu(hidden @ theirs["W2"] + theirs["b2"])
    expected = torch.nn.functional.cross_entropy(hidden @ theirs["W3"] + theirs["b3"], torch.tensor(LABELS))
    weights = torch.cat([theirs[f"W{i}"].ravel() for i in (1, 2, 3)])
    (expected + penalty.l1 * weights.abs().sum() + penalty.l2 / 2 * (weights**2).sum()).backward()

    assert loss == pytest.approx(expected.item(), rel=1e-12)
    pairs = [(gradient, theirs[name].grad.numpy()) for name, _, gradient in ours.tensors()]
    for gradient, torchs in [*pairs, (input_gradient, image.grad.numpy())]:
        scale = np.linalg.norm(gradient) + np.linalg.norm(torchs)
        assert np.linalg.norm(gradient - torchs) / scale <= 1e-10


class FlippedReLU(ReLU):
    def backward(self, gradient, wants_input=True):
        return gradient * (self.cache <= 0)


class AlwaysOpenReLU(ReLU):
    def backward(self, gradient, wants_input=True):
        return gradient * (self.cache >= 0)


class UnscaledDropout(Dropout):
    def backward(self, gradient, wants_input=True):
        return gradient * (self.cache > 0)


class TransposedDense(Dense):
    def backward(self, gradient, wants_input=True):
        super().backward(gradient, wants_input)
        return gradient @ self.weight


class TransposedWeightGradient(Dense):
    def backward(self, gradient, wants_input=True):
        result = super().backward(gradient, wants_input)
        self.weight_gradient[:] = self.weight_gradient.T.copy()
        return result


class SummedLoss(SoftmaxCrossEntropy):
    def backward(self):
        return super().backward() * len(self.cache[1])


def mutant(relu=ReLU, dropout=Dropout, dense=Dense, loss=SoftmaxCrossEntropy):
    return network(Dense(9, 8), relu(), dropout(0.4), dense(8, 8), relu(), Dense(8, 10, "he"), loss=loss())


@pytest.mark.parametrize(
    ("mistake", "spoiled"),
    [
        ({"relu": FlippedReLU}, "W1"),
        ({"relu": AlwaysOpenReLU}, "W1"),
        ({"dropout": UnscaledDropout}, "W1"),
        ({"dense": TransposedDense}, "W1"),
        ({"dense": TransposedWeightGradient}, "W2"),
        ({"loss": SummedLoss}, "b3"),
    ],
)
def test_the_check_catches_each_classic_mistake(mistake, spoiled):
    check_gradients(mutant(), inputs(), LABELS)
    with pytest.raises(GradientError, match=rf"gradient of .*{spoiled} \("):
        check_gradients(mutant(**mistake), inputs(), LABELS)


def test_a_forgotten_penalty_gradient_is_caught(monkeypatch):
    monkeypatch.setattr(Penalty, "add_gradient", lambda *_: None)
    with pytest.raises(GradientError):
        check_gradients(mutant(), inputs(), LABELS, Penalty(l2=0.1))


def test_a_nan_gradient_is_caught():
    class Broken(ReLU):
        def backward(self, gradient, wants_input=True):
            return gradient * np.nan

    with pytest.raises(GradientError):
        check_gradients(mutant(relu=Broken), inputs(), LABELS)


def test_the_check_leaves_the_network_as_it_was_and_wants_float64():
    checked = mutant()
    before, generator = checked.parameters.copy(), checked.rng.bit_generator.state
    gradient_errors(checked, inputs(), LABELS)
    assert np.array_equal(checked.parameters, before)
    assert checked.rng.bit_generator.state == generator
    with pytest.raises(ValueError, match="float64, but the network computes in float32"):
        check_gradients(mlp((9, 10), np.random.default_rng(0)), inputs(), LABELS)


def test_the_mlp_of_the_book_passes_the_check():
    book = mlp((9, 8, 7, 10), np.random.default_rng(0), dropout=0.2, dtype=np.float64)
    assert max(check_gradients(book, inputs(), LABELS, Penalty(l2=1e-3)).values()) <= 1e-6
    dense = [layer for layer in book.layers if isinstance(layer, Dense)]
    assert all(upper.outputs == lower.inputs for upper, lower in pairwise(dense))
