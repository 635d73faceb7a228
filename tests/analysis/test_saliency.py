import numpy as np
import pytest
import torch

import mnist_study as ms
from mnist_study.analysis import (
    SALIENCY,
    class_score,
    deletion,
    grad_cam,
    integrated_gradients,
    occlusion,
    score_gradient,
)
from mnist_study.analysis.saliency import squares
from mnist_study.models import build
from mnist_study.models.specs import JAXMLP, ConvNetSpec, NumPyConvNet, NumPyMLP


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test[:6]


@pytest.mark.parametrize("name", ["softmax", "mlp_jax", "fc", "cnn_numpy", "cnn_fast"])
def test_the_score_is_a_logit_above_the_mean_and_its_gradient_what_finite_differences_say(name, digits):
    model = ms.load_model(name)
    logits = model.logits(digits.images).astype(float)
    expected = logits[np.arange(6), digits.labels] - logits.mean(axis=1)
    np.testing.assert_allclose(class_score(model, digits.images, digits.labels), expected, atol=1e-9)
    noise = np.random.default_rng(0).integers(0, 256, (6, 28, 28)).astype(np.float32)  # no two of a pool are equal
    gradient = score_gradient(model, noise, digits.labels)
    step = 0.05 * np.sign(gradient)  # along its own direction: one pixel's answer drowns in float32
    up, down = (class_score(model, noise + sign * step, digits.labels) for sign in (1, -1))
    np.testing.assert_allclose((up - down) / 0.1, np.abs(gradient).sum(axis=(1, 2)), rtol=0.03)


@pytest.mark.parametrize("name", ["softmax", "mlp", "cnn"])
def test_integrated_gradients_sum_to_what_the_digit_adds_to_a_blank_image(name, digits):
    model = ms.load_model(name)
    maps = integrated_gradients(model, digits.images, digits.labels, steps=200)
    whole, blank = (class_score(model, each, digits.labels) for each in (digits.images, 0 * digits.images))
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), whole - blank, rtol=0.01, atol=0.05)
    assert (maps[digits.images == 0] == 0).all(), "paper that is paper in the blank image adds nothing"


def test_for_a_linear_network_integrated_gradients_are_gradient_times_ink_and_occlusion_their_sums(digits):
    model = ms.load_model("softmax")
    by_ink = score_gradient(model, digits.images, digits.labels) * digits.images
    few = integrated_gradients(model, digits.images, digits.labels, steps=1)
    np.testing.assert_allclose(few, by_ink, atol=1e-4)
    covered = occlusion(model, digits.images, digits.labels, patch=4, stride=4)  # each pixel in one square
    summed = by_ink.reshape(6, 7, 4, 7, 4).sum(axis=(2, 4))
    np.testing.assert_allclose(covered, summed.repeat(4, axis=1).repeat(4, axis=2), atol=1e-3)


def test_squares_cover_every_pixel_and_stay_inside():
    covered = np.zeros((28, 28), int)
    for rows, columns in squares((28, 28), 5, 2):
        assert covered[rows, columns].shape == (5, 5)
        covered[rows, columns] += 1
    assert covered.min() >= 1
    assert len(squares((5, 5), 5, 2)) == 1


@pytest.mark.parametrize("options", [{"stride": 9}, {"patch": 30}, {"stride": 0}, {"patch": 1, "stride": 2}])
def test_squares_that_leave_pixels_uncovered_are_refused(options, digits):
    with pytest.raises(ValueError, match="do not cover .28, 28.: 1 <= stride <= patch <= side"):
        occlusion(ms.load_model("softmax"), digits.images, digits.labels, **options)


def test_a_mean_of_no_gradient_is_refused(digits):
    with pytest.raises(ValueError, match="steps: 0, but a mean needs one at least"):
        integrated_gradients(ms.load_model("softmax"), digits.images, digits.labels, steps=0)


def test_grad_cam_is_what_pytorchs_hooks_say(digits):
    model = ms.load_model("cnn")
    kept = {}
    layer = model.layers[7]
    assert isinstance(layer, torch.nn.MaxPool2d)
    hook = layer.register_forward_hook(lambda _, __, maps: kept.update(maps=maps) or maps.retain_grad())
    model.eval()
    logits = model(model.normalise(digits.images).requires_grad_())
    hook.remove()
    (logits[torch.arange(6), torch.tensor(digits.labels)] - logits.mean(dim=1)).sum().backward()
    weights = kept["maps"].grad.mean(dim=(2, 3), keepdim=True)
    summed = torch.relu((weights * kept["maps"]).sum(dim=1, keepdim=True))
    theirs = torch.nn.functional.interpolate(summed, (28, 28), mode="bilinear", align_corners=False)
    ours = grad_cam(model, digits.images, digits.labels)
    np.testing.assert_allclose(ours, theirs[:, 0].detach().numpy(), atol=1e-4)


def test_a_network_without_maps_has_no_grad_cam(digits):
    with pytest.raises(ValueError, match="no layer of FullyConnected has maps"):
        grad_cam(ms.load_model("fc"), digits.images, digits.labels)
    for spec in (NumPyMLP(hidden=(4,)), JAXMLP(hidden=(4,)), NumPyConvNet(channels=(2,), kernels=(3,), hidden=())):
        with pytest.raises(ValueError, match="gives no gradient by its maps: take a convolutional one of PyTorch"):
            grad_cam(build(spec), digits.images, digits.labels)


@pytest.mark.parametrize("method", SALIENCY)
def test_every_method_maps_every_pixel_and_leaves_the_network_alone(method, digits):
    model = build(ConvNetSpec(channels=(4, 4), hidden=(16,)), 3, 33.3, 78.6)
    before = model.get_weights()
    maps = SALIENCY[method](model, digits.images, digits.labels)
    assert maps.shape == digits.images.shape
    assert np.isfinite(maps).all()
    assert all(np.array_equal(values, before[name]) for name, values in model.get_weights().items())


def test_deletion_takes_the_most_important_pixels_first(digits):
    model = build(NumPyMLP(hidden=()), 0, 0.0, 1.0)
    model.set_weights({"W1": np.eye(784, 10, dtype=np.float32), "b1": np.zeros(10, np.float32)})
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 0, :10] = [9, 0, 0, 0, 0, 0, 0, 8, 7, 0]  # a 0, then a 7, then an 8
    assert deletion(model, image, image.astype(float), np.array([0, 1, 2])).ravel().tolist() == [0, 7, 8]
