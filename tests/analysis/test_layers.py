import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid

import mnist_study as ms
from mnist_study.analysis import principal_plane, probes, silent_units, stage_outputs
from mnist_study.analysis.layers import ends_of_stages, nearest_mean
from mnist_study.models import build
from mnist_study.models.specs import JAXMLP, ConvNetSpec, NumPyConvNet, NumPyMLP


def test_a_stage_ends_at_its_activation_or_at_the_pool_right_behind_and_the_last_at_the_logits():
    names = ["1 Conv2d", "2 ReLU", "3 MaxPool2d", "4 Conv2d", "5 MaxPool2d", "6 ReLU", "7 Flatten", "8 Output"]
    assert ends_of_stages(names) == ["3 MaxPool2d", "6 ReLU", "8 Output"]
    assert ends_of_stages(["1 Dense", "2 relu", "3 Dense"]) == ["2 relu", "3 Dense"]


@pytest.mark.parametrize("name", ms.model_names("mnist"))
def test_stages_of_every_network_are_its_activations_whatever_the_chunks(name, mnist):
    model, images = ms.load_model(name), mnist.test.images[:260]
    found = stage_outputs(model, images)
    whole = model.activations(images)
    assert list(found)[-1] == list(whole)[-1]
    for layer, values in found.items():
        np.testing.assert_allclose(values, whole[layer], atol=1e-3)


def test_the_nearest_mean_is_scikit_learns(mnist):
    rows, others = (
        digits.images.reshape(len(digits.images), -1) / 255 for digits in (mnist.train[:300], mnist.test[:99])
    )
    labels = mnist.train.labels[:300] + 5
    rows[:, :] += np.random.default_rng(0).normal(0, 1e-3, rows.shape)  # it warns where a pixel is always paper
    theirs = NearestCentroid().fit(rows, labels).predict(others)
    assert (nearest_mean(rows, labels, others) == theirs).all()


def test_a_trained_network_makes_labels_easier_to_read_layer_by_layer_and_its_logits_are_its_answer(mnist):
    model = ms.load_model("mlp")
    found = probes(model, mnist.validation[:500], mnist.test[:500])
    assert [probe.layer for probe in found] == ["pixels", "3 ReLU", "5 ReLU", "6 Dense"]
    assert [probe.values for probe in found] == [784, 256, 128, 10]
    means = [probe.nearest_mean.fraction for probe in found]
    assert means[0] < means[1] < means[2]
    assert found[-1].linear.fraction > 0.93 > found[0].linear.fraction


def test_a_plane_keeps_the_two_directions_of_most_spread():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 2, 3)) * np.array([[9, 0.1, 0.1], [0.1, 4, 0.1]])
    found = principal_plane(values)
    assert abs(np.corrcoef(found[:, 0], values[:, 0, 0])[0, 1]) > 0.99
    assert abs(np.corrcoef(found[:, 1], values[:, 1, 1])[0, 1]) > 0.99


@pytest.mark.parametrize(
    ("spec", "weight", "bias"),
    [
        (NumPyMLP(hidden=(6,)), "W1", "b1"),
        (JAXMLP(hidden=(6,)), "W1", "b1"),
        (NumPyConvNet(channels=(6,), kernels=(3,), hidden=(), batch_norm=False), "W1", "b1"),
        (ConvNetSpec(channels=(6,), kernels=(3,), hidden=(), batch_norm=False), "layers.0.weight", "layers.0.bias"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_units_that_cannot_answer_are_counted_one_for_each_map(spec, weight, bias, mnist):
    model = build(spec, 0, 33.0, 78.0)
    weights = model.get_weights()
    weights[bias][:] = 1e-3
    weights[bias][2:4] = -1e6
    model.set_weights(weights)
    (found,) = silent_units(model, mnist.test.images[:300])
    assert (found.silent, found.units) == (2, 6)
