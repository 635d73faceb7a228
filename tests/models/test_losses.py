import numpy as np
import pytest
import torch

from mnist_study.models import MeanSquaredError, SmoothedCrossEntropy, SoftmaxCrossEntropy, cross_entropy, softmax

LABELS = np.array([0, 1, 2, 9])


@pytest.mark.parametrize("scale", [1, 100, 1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_loss_and_gradient_are_pytorchs_even_for_huge_logits(scale, dtype):
    logits = (np.random.default_rng(0).uniform(-scale, scale, (4, 10))).astype(dtype)
    theirs = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(theirs, torch.tensor(LABELS))
    expected.backward()
    loss = SoftmaxCrossEntropy()
    value = loss.forward(logits, LABELS)
    assert np.isfinite(value)
    assert value == pytest.approx(expected.item(), rel=1e-5)
    np.testing.assert_allclose(loss.backward(), theirs.grad.numpy(), atol=1e-6)
    np.testing.assert_allclose(softmax(logits), torch.softmax(theirs, 1).detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("extreme", [1e4, -1e4])
def test_the_loss_is_finite_at_logits_of_ten_thousand(extreme):
    logits = np.zeros((2, 10), np.float32)
    logits[:, 3] = extreme
    assert np.isfinite(cross_entropy(logits, np.array([3, 4])))
    assert softmax(logits).sum(axis=1) == pytest.approx(1)


def test_equal_logits_cost_ln_10_and_two_classes_are_worked_by_hand():
    assert cross_entropy(np.zeros((5, 10)), np.arange(5)) == pytest.approx(np.log(10))
    # p = 3/4 for the label: -ln(3/4); gradient (3/4 - 1, 1/4)
    loss = SoftmaxCrossEntropy()
    assert loss.forward(np.array([[np.log(3.0), 0.0]]), np.array([0])) == pytest.approx(-np.log(0.75))
    np.testing.assert_allclose(loss.backward(), [[-0.25, 0.25]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_a_smoothed_loss_and_its_gradient_are_those_of_pytorch(smoothing):
    logits = np.random.default_rng(1).normal(size=(len(LABELS), 10))
    theirs = torch.tensor(logits, requires_grad=True)
    expected = torch.nn.functional.cross_entropy(theirs, torch.tensor(LABELS), label_smoothing=smoothing)
    expected.backward()
    loss = SmoothedCrossEntropy(smoothing)
    assert loss.forward(logits, LABELS) == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(loss.backward(), theirs.grad.numpy(), atol=1e-14)


def test_the_squared_error_and_its_gradient_are_those_of_pytorch():
    logits = np.random.default_rng(1).normal(size=(len(LABELS), 10))
    theirs = torch.tensor(logits, requires_grad=True)
    targets = torch.nn.functional.one_hot(torch.tensor(LABELS), 10).double()
    expected = torch.nn.functional.mse_loss(theirs, targets)
    expected.backward()
    loss = MeanSquaredError()
    assert loss.forward(logits, LABELS) == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(loss.backward(), theirs.grad.numpy(), atol=1e-14)
