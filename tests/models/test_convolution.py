"""The layers for images against central differences, PyTorch, SciPy and known mistakes."""

import copy
import pickle

import numpy as np
import pytest
import scipy.signal
import torch
from torch.nn import functional

from mnist_study.models import (
    AddChannel,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GradientError,
    MaxPool,
    Network,
    ReLU,
    build,
    check_gradients,
    col2im,
    gradient_errors,
    im2col,
)
from mnist_study.models.specs import ConvNetSpec, NumPyConvNet

LABELS = np.array([3, 0, 9, 7])
SHAPES = range(200)  # seeds of generated ones


def network(*layers, shape=(7, 6)):
    """A float64 network; biases and shifts away from 0, so that no unit stands at a kink."""
    built = Network(list(layers), np.random.default_rng(4), dtype=np.float64, shape=shape)
    rest = built.parameters[built.weights.size :]
    rest += np.random.default_rng(5).uniform(0.05, 0.2, rest.size)
    return built


def images(shape=(7, 6)):
    return np.random.default_rng(1).normal(size=(len(LABELS), *shape))


def generated(seed):
    """A convolution, a pool and maps for them, of shapes that nobody chose."""
    rng = np.random.default_rng(seed)
    kernel, stride, padding = tuple(rng.integers(1, 6, 2)), int(rng.integers(1, 3)), int(rng.integers(0, 3))
    x = rng.normal(size=(rng.integers(1, 5), *rng.integers(5, 13, 2), rng.integers(1, 6)))
    layer = Convolution(x.shape[-1], int(rng.integers(1, 6)), tuple(map(int, kernel)), stride, padding)
    return layer, MaxPool(int(rng.integers(1, 4))), x, rng


def alone(layer, shape):
    """The layer with arrays of its own: a network of nothing else."""
    return Network([layer], np.random.default_rng(0), dtype=np.float64, shape=shape).layers[0]


def channels_first(x):
    return torch.tensor(np.ascontiguousarray(np.moveaxis(x, -1, 1)), requires_grad=True)


def relative(ours, theirs):
    return np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), 1e-8)


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [AddChannel(), Convolution(1, 3, 3), ReLU(), Flatten(), Dense(60, 10)],
        lambda: [AddChannel(), Convolution(1, 2, (3, 2), 2, 1), ReLU(), Convolution(2, 3, 2), Flatten(), Dense(27, 10)],
        lambda: [AddChannel(), Convolution(1, 3, 3, padding=1), MaxPool(2), ReLU(), Flatten(), Dense(27, 10)],
        lambda: [AddChannel(), Convolution(1, 3, 3), ReLU(), BatchNorm(3), Flatten(), Dense(60, 10)],
        lambda: [Flatten(), Dense(42, 8), ReLU(), BatchNorm(8), Dropout(0.3), Dense(8, 10)],
        lambda: [AddChannel(), MaxPool(2), Flatten(), Dense(9, 10)],
    ],
)
def test_every_gradient_agrees_with_central_differences(layers):
    errors = check_gradients(network(*layers()), images(), LABELS)
    assert "input" in errors
    assert max(errors.values()) <= 1e-6


@pytest.mark.parametrize("seed", SHAPES)
def test_convolution_and_pool_are_pytorchs_forward_and_backward(seed):
    layer, pool, x, rng = generated(seed)
    alone(layer, x.shape[1:])
    layer.bias[:] = rng.normal(size=layer.outputs)
    maps = layer.forward(x, training=True)
    pool = pool if min(maps.shape[1:3]) >= pool.size else MaxPool(1)
    y = pool.forward(maps, training=True)
    gradient = rng.normal(size=y.shape)

    theirs = channels_first(x)
    weight = torch.tensor(np.ascontiguousarray(layer.weight.transpose(3, 2, 0, 1)), requires_grad=True)
    bias = torch.tensor(layer.bias, requires_grad=True)
    expected = functional.max_pool2d(functional.conv2d(theirs, weight, bias, layer.stride, layer.padding), pool.size)
    expected.backward(torch.tensor(np.moveaxis(gradient, -1, 1)))

    input_gradient = layer.backward(pool.backward(gradient.copy()))
    assert relative(y, np.moveaxis(expected.detach().numpy(), 1, -1)) <= 1e-10
    assert relative(input_gradient, np.moveaxis(theirs.grad.numpy(), 1, -1)) <= 1e-10
    assert relative(layer.weight_gradient, weight.grad.numpy().transpose(2, 3, 1, 0)) <= 1e-10
    assert relative(layer.bias_gradient, bias.grad.numpy()) <= 1e-10


@pytest.mark.parametrize("seed", SHAPES)
def test_col2im_is_the_adjoint_of_im2col(seed):
    layer, _, x, rng = generated(seed)
    windows = im2col(x, layer.sides, layer.stride, layer.padding)
    y = rng.normal(size=windows.shape)
    back = col2im(y, x.shape, layer.stride, layer.padding)
    assert back.shape == x.shape
    assert np.vdot(windows, y) == pytest.approx(np.vdot(x, back), rel=1e-10, abs=1e-10)


def test_a_convolution_is_scipys_correlation():
    x = images((9, 8))[..., None]
    layer = alone(Convolution(1, 1, (3, 2)), (9, 8, 1))
    expected = [scipy.signal.correlate(picture, layer.weight[:, :, 0, 0], mode="valid") for picture in x[..., 0]]
    np.testing.assert_allclose(layer.forward(x)[..., 0], expected, rtol=1e-12)


def test_batch_norm_is_pytorchs_with_its_running_averages():
    rng = np.random.default_rng(3)
    layer = alone(BatchNorm(5), (6, 4, 5))
    layer.scale[:], layer.shift[:] = rng.normal(size=(2, 5))
    theirs = torch.nn.BatchNorm2d(5, dtype=torch.float64)
    theirs.weight.data, theirs.bias.data = torch.tensor(layer.scale), torch.tensor(layer.shift)
    for training in (True, True, False):
        x = rng.normal(2, 3, size=(7, 6, 4, 5))
        gradient = rng.normal(size=x.shape)
        image = channels_first(x)
        theirs.train(training).zero_grad()
        expected = theirs(image)
        expected.backward(torch.tensor(np.moveaxis(gradient, -1, 1)))
        y = layer.forward(x, training)
        assert relative(y, np.moveaxis(expected.detach().numpy(), 1, -1)) <= 1e-10
        assert relative(layer.backward(gradient), np.moveaxis(image.grad.numpy(), 1, -1)) <= 1e-10
        assert relative(layer.scale_gradient, theirs.weight.grad.numpy()) <= 1e-10
        assert relative(layer.shift_gradient, theirs.bias.grad.numpy()) <= 1e-10
        np.testing.assert_allclose(layer.running_mean, theirs.running_mean, rtol=1e-12)
        np.testing.assert_allclose(layer.running_variance, theirs.running_var, rtol=1e-12)


def test_a_bias_before_batch_norm_has_no_gradient_and_all_else_agrees():
    errors = gradient_errors(
        network(AddChannel(), Convolution(1, 3, 3), BatchNorm(3), ReLU(), Flatten(), Dense(60, 10)), images(), LABELS
    )
    useless = network(AddChannel(), Convolution(1, 3, 3), BatchNorm(3), ReLU(), Flatten(), Dense(60, 10))
    useless.loss_and_gradients(images(), LABELS)
    assert np.abs(useless.layers[1].bias_gradient).max() < 1e-15
    assert max(error for name, error in errors.items() if name != "b1") <= 1e-6


class TurnedKernel(Convolution):
    def backward(self, gradient, wants_input=True):
        kept = self.weight.copy()
        self.weight[:] = kept[::-1, ::-1]
        result = super().backward(gradient, wants_input)
        self.weight[:] = kept
        return result


class ForgottenStride(Convolution):
    def backward(self, gradient, wants_input=True):
        super().backward(gradient, wants_input)
        windows = np.zeros((*gradient.shape[:3], *self.sides, self.channels))
        windows += np.tensordot(gradient, self.weight, axes=(3, 3))
        result = np.zeros(self.cache[0])
        once = col2im(windows, (len(result), *(side + 2 for side in gradient.shape[1:3]), self.channels))
        rows, columns = (min(pair) for pair in zip(once.shape[1:3], result.shape[1:3], strict=True))
        result[:, :rows, :columns] = once[:, :rows, :columns]
        return result


class EveryLargest(MaxPool):
    def backward(self, gradient, wants_input=True):
        x, y = self.cache
        result = np.zeros_like(x)
        for part, value in zip(self._places(result), self._places(x), strict=True):
            part[:] = gradient * (value == y)
        return result


class ConstantMean(BatchNorm):
    def backward(self, gradient, wants_input=True):
        normed, deviation, _ = self.cache
        super().backward(gradient, wants_input)
        rows = gradient.reshape(-1, self.units)
        rows = rows - normed * (self.scale_gradient / len(rows))
        return (rows * (self.scale / deviation)).reshape(gradient.shape)


class ConstantVariance(BatchNorm):
    def backward(self, gradient, wants_input=True):
        deviation = self.cache[1]
        super().backward(gradient, wants_input)
        rows = gradient.reshape(-1, self.units)
        return ((rows - rows.mean(axis=0)) * (self.scale / deviation)).reshape(gradient.shape)


def mutant(second=Convolution, norm=BatchNorm):
    return network(
        AddChannel(), Convolution(1, 2, 3, padding=1), norm(2), ReLU(), second(2, 3, 3, 2), Flatten(), Dense(18, 10)
    )


@pytest.mark.parametrize(
    "mistake",
    [{"second": TurnedKernel}, {"second": ForgottenStride}, {"norm": ConstantMean}, {"norm": ConstantVariance}],
)
def test_the_check_catches_each_classic_mistake(mistake):
    check_gradients(mutant(), images(), LABELS)
    with pytest.raises(GradientError, match=r"gradient of .*input \("):
        check_gradients(mutant(**mistake), images(), LABELS)


def test_the_first_of_equal_values_takes_the_pools_gradient_as_in_pytorch():
    x = np.zeros((1, 4, 4, 1))
    x[0, 2:, 2:] = 5.0
    gradient = np.arange(1.0, 5).reshape(1, 2, 2, 1)

    def backward(pool):
        pool.forward(x, training=True)
        return pool.backward(gradient.copy())

    theirs = channels_first(x)
    functional.max_pool2d(theirs, 2).backward(torch.tensor(np.moveaxis(gradient, -1, 1)))
    expected = np.moveaxis(theirs.grad.numpy(), 1, -1)
    assert np.array_equal(backward(MaxPool(2)), expected)
    assert not np.array_equal(backward(EveryLargest(2)), expected)


def test_layers_for_images_that_do_not_fit_are_refused_with_both_named():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"gives 26 x 26 x 4 values, but Convolution\(channels=3.* takes maps of 3"):
        Network([AddChannel(), Convolution(1, 4, 3), ReLU(), Convolution(3, 4)], rng, shape=(28, 28))
    with pytest.raises(ValueError, match=r"the input gives 28 x 28 values, but Convolution.* takes maps of 1 channels"):
        Network([Convolution(1, 4, 3)], rng, shape=(28, 28))
    with pytest.raises(ValueError, match="AddChannel.* but Convolution.* leaves nothing of 4 x 4 pixels"):
        Network([AddChannel(), Convolution(1, 4, 5)], rng, shape=(4, 4))
    with pytest.raises(ValueError, match="MaxPool.* leaves nothing of 2 x 2 pixels"):
        Network([AddChannel(), Convolution(1, 4, 3), MaxPool(3)], rng, shape=(4, 4))
    with pytest.raises(ValueError, match=r"BatchNorm\(units=5.* takes 5 units"):
        Network([AddChannel(), Convolution(1, 4, 3), BatchNorm(5)], rng, shape=(4, 4))
    with pytest.raises(ValueError, match="AddChannel.* takes rows and columns"):
        Network([Flatten(), AddChannel()], rng, shape=(4, 4))


SPEC = {"channels": (4, 6), "kernels": (3, 5), "hidden": (16,), "dropout": 0.2}


@pytest.mark.parametrize("changes", [{}, {"padding": False, "pool_first": True}, {"batch_norm": False, "pool": 3}])
def test_the_network_of_a_spec_reads_as_pytorchs_with_the_same_weights(changes, mnist):
    ours, theirs = build(NumPyConvNet(**SPEC | changes), 1, 33, 79), build(ConvNetSpec(**SPEC | changes), 1, 33, 79)
    assert ours.size == theirs.size
    if ours.buffers():
        pixels = ours.normalise(mnist.train.images[:50])
        ours.loss_and_gradients(pixels, mnist.train.labels[:50])  # running averages that are not those of the start
    ours.parameters += 0.05 * np.random.default_rng(2).standard_normal(ours.size).astype(np.float32)
    with torch.no_grad():
        weighted = [layer for layer in theirs.layers if hasattr(layer, "weight")]
        for layer, module in zip((one for one in ours.layers if one.parameters), weighted, strict=True):
            if isinstance(layer, BatchNorm):
                arrays = (layer.scale, layer.shift, layer.running_mean, layer.running_variance)
                for tensor, array in zip(
                    (module.weight, module.bias, module.running_mean, module.running_var), arrays, strict=True
                ):
                    tensor.copy_(torch.tensor(array))
                continue
            axes = (3, 2, 0, 1) if layer.weight.ndim == 4 else (1, 0)
            weight = layer.weight.transpose(axes)
            module.weight.copy_(torch.tensor(np.ascontiguousarray(weight)))
            module.bias.copy_(torch.tensor(layer.bias))
    shown = mnist.test.images[:600]
    np.testing.assert_allclose(ours.logits(shown), theirs.logits(shown), atol=2e-4)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_running_averages_survive_a_copy_and_weights_taken_over(duplicate, mnist):
    trained = build(NumPyConvNet(**SPEC), 1, 33, 79)
    trained.loss_and_gradients(trained.normalise(mnist.train.images[:50]), mnist.train.labels[:50])
    kept = trained.get_weights()
    assert {"running_mean2", "running_variance2", "scale2", "shift2"} <= kept.keys()
    assert np.abs(kept["running_mean2"]).max() > 0
    assert all(np.array_equal(kept[name], value) for name, value in duplicate(trained).get_weights().items())
    fresh = build(NumPyConvNet(**SPEC), 2, 33, 79)
    fresh.set_weights(kept)
    assert np.array_equal(fresh.logits(mnist.test.images[:9]), trained.logits(mnist.test.images[:9]))


def test_a_copy_and_a_network_that_has_read_hold_no_windows(mnist):
    network = build(NumPyConvNet(**SPEC), 1, 33, 79)
    network.loss_and_gradients(network.normalise(mnist.train.images[:200]), mnist.train.labels[:200])
    assert len(pickle.dumps(network)) < 8 * network.parameters.nbytes
    network.logits(mnist.test.images[:10])
    assert all(layer.cache is None for layer in network.layers)
    assert not any(getattr(layer, "_memory", {}) for layer in network.layers)


def test_no_images_give_no_logits():
    network = build(NumPyConvNet(**SPEC), 1, 33, 79)
    assert network.logits(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)


def test_memory_is_reused_from_batch_to_batch_and_results_are_not(mnist):
    network = build(NumPyConvNet(**SPEC), 1, 33, 79)
    layer = network.layers[1]
    x = network.normalise(mnist.train.images[:64])[..., None]
    first = layer.forward(x[:32], training=True)
    kept, memory = first.copy(), layer._memory["windows"]
    layer.forward(x[32:], training=True)
    assert layer._memory["windows"] is memory
    assert np.array_equal(first, kept)
