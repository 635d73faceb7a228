import copy

import numpy as np
import pytest
import torch

from mnist_study.models import build
from mnist_study.models.specs import ConvNetSpec, EnsembleSpec, FullyConnectedSpec
from mnist_study.models.torch_networks import ConvNet, Dropout, FullyConnected, Output, TorchNetwork


@pytest.mark.parametrize(
    ("network", "size"),
    [
        (FullyConnected(dropout=0.2), 235_146),
        (FullyConnected((128, 64)), 109_386),
        (FullyConnected((16,), batch_norm=True), 784 * 16 + 16 + 32 + 170),
        (ConvNet(), 421_834),
        (ConvNet((8, 32), (5, 3), padding=False, pool_first=True, hidden=(64,), dropout=0.0), 54_538),
        (ConvNet((4, 8), (3, 3), pool=(2, 1), hidden=(), dropout=0.0), 40 + 8 + 296 + 16 + 14 * 14 * 8 * 10 + 10),
        (ConvNet((4,), (28,), padding=False, pool=1, hidden=(), dropout=0.0), 784 * 4 + 4 + 8 + 50),
    ],
)
def test_the_parameters_are_as_many_as_worked_out_by_hand(network, size):
    assert network.size == size
    assert network.logits(np.zeros((3, 28, 28), np.uint8)).shape == (3, 10)


def test_the_first_loss_is_that_of_a_network_that_knows_nothing(mnist):
    for network in (FullyConnected(), ConvNet()):
        logits = network.logits(mnist.train.images[:500])
        loss = torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(mnist.train.labels[:500]))
        assert float(loss) == pytest.approx(np.log(10), abs=0.05)


def test_the_same_seed_builds_the_same_network_and_the_global_generator_is_left_alone():
    before = torch.get_rng_state()
    one, same, other = (ConvNet((4,), (3,), seed=seed).get_weights() for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(np.array_equal(one[name], same[name]) for name in one)
    assert not np.array_equal(one["layers.0.weight"], other["layers.0.weight"])


def test_probabilities_sum_to_one_and_the_answer_is_the_most_probable(mnist):
    network, images = ConvNet((4,), (3,)), mnist.validation.images[:2500]
    probabilities = network.predict_proba(images)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert np.array_equal(network.predict(images), probabilities.argmax(axis=1))
    assert network.predict(images).dtype == np.int64
    assert network.predict(images[:0]).shape == (0,)


def test_logits_leave_the_network_as_it_was_and_use_no_dropout(mnist):
    network, images = FullyConnected(dropout=0.5), mnist.train.images[:50]
    network.train()
    assert np.array_equal(network.logits(images), network.logits(images))
    assert network.training


def test_dropout_keeps_the_expectation_and_draws_from_its_own_generator():
    layer = Dropout(0.25)
    layer.generator = torch.Generator().manual_seed(0)
    before = torch.get_rng_state()
    x = layer(torch.ones(400, 400))
    assert torch.equal(before, torch.get_rng_state())
    assert float((x == 0).float().mean()) == pytest.approx(0.25, abs=0.01)
    assert float(x.max()) == pytest.approx(1 / 0.75)
    assert torch.equal(layer.eval()(x), x)


def test_pooling_first_is_the_same_function_where_there_is_no_batch_norm(mnist):
    late, early = (ConvNet((4, 8), (3, 3), batch_norm=False, pool_first=first, dropout=0.0) for first in (False, True))
    values = late.get_weights().values()
    early.set_weights(dict(zip(early.get_weights(), values, strict=True)))
    np.testing.assert_allclose(late.logits(mnist.train.images[:20]), early.logits(mnist.train.images[:20]), atol=1e-5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda w: w.pop("layers.1.bias"), "layers.1.bias is missing"),
        (lambda w: w.update(extra=np.zeros(1)), "1 of 5 arrays belong to no layer"),
        (lambda w: w.update({"layers.1.bias": np.zeros(9, np.float32)}), r"has shape \(9,\), not \(16,\)"),
        (lambda w: w.update({"layers.1.bias": np.zeros(16, np.int64)}), "holds int64, not float32"),
        (lambda w: w["layers.1.bias"].fill(np.nan), "layers.1.bias holds NaN"),
        (
            lambda w: w.update({"layers.1.bias": np.full(16, 1e300)}),
            "layers.1.bias holds .* more than float32 can hold",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name_and_nothing_is_changed(change, told):
    network = FullyConnected((16,))
    before, weights = network.get_weights(), network.get_weights()
    change(weights)
    with pytest.raises(ValueError, match=told):
        network.set_weights(weights)
    assert all(np.array_equal(before[name], values) for name, values in network.get_weights().items())


def test_a_convnet_that_leaves_no_pixel_is_refused():
    with pytest.raises(ValueError, match="no pixel is left of the maps after kernel 3 and pool 8"):
        ConvNet(pool=8)


def test_a_copy_has_a_generator_of_its_own():
    network = FullyConnected((16,), dropout=0.5)
    twin = copy.deepcopy(network)
    torch.rand(3, generator=twin.layers[3].generator)
    assert torch.equal(network.generator.get_state(), FullyConnected((16,), dropout=0.5).generator.get_state())


class Residual(torch.nn.Module):
    """A block with a way around it, and dropout inside."""

    def __init__(self, channels):
        super().__init__()
        self.inside = torch.nn.Sequential(
            torch.nn.Conv2d(channels, channels, 3, padding=1),
            torch.nn.BatchNorm2d(channels),
            torch.nn.ReLU(),
            Dropout(0.5),
        )

    def forward(self, x):
        return x + self.inside(x)


class TwoHeads(torch.nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.one, self.other = Output(inputs, 10), Output(inputs, 10)

    def forward(self, x):
        return self.one(x) + self.other(x)


def nested(seed=0):
    convolution = torch.nn.utils.skip_init(torch.nn.Conv2d, 1, 4, 3, stride=4)
    return TorchNetwork([convolution, Residual(4), torch.nn.Flatten(), TwoHeads(4 * 49)], seed=seed)


def test_start_generators_and_dropout_reach_modules_inside_modules(mnist):
    before = torch.get_rng_state()
    network, images = nested(), mnist.train.images[:200]
    weights = network.get_weights()
    same, other = nested().get_weights(), nested(1).get_weights()
    drawn = [name for name, values in weights.items() if name.endswith("weight") and values.ndim > 1]
    assert len(drawn) == 4
    for name in drawn:
        assert np.array_equal(weights[name], same[name])
        assert not np.array_equal(weights[name], other[name])
    assert weights["layers.3.one.weight"].std() == pytest.approx(0.01, rel=0.05)
    assert weights["layers.1.inside.0.weight"].std() == pytest.approx(np.sqrt(2 / 36), rel=0.2)
    state = network.generator.get_state()
    network.train()
    network(network.normalise(images))
    assert not torch.equal(network.generator.get_state(), state)
    assert len(network.weights) == 4
    torch.set_rng_state(before)


def test_parameters_that_nobody_would_fill_are_refused():
    class Scale(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = torch.nn.Parameter(torch.empty(3))

    with pytest.raises(ValueError, match="Scale.* has parameters of its own, and no start for them is known"):
        TorchNetwork([torch.nn.Flatten(), Scale()])


def test_an_ensemble_answers_with_the_mean_of_its_members_probabilities_and_survives_a_file(tmp_path, mnist):
    from mnist_study.models import read_model, save_model

    members = ConvNetSpec(channels=(4,), kernels=(3,), hidden=(8,)), FullyConnectedSpec(hidden=(9,))
    ensemble = build(EnsembleSpec(members=members), 5, 33.0, 78.0)
    alone = [build(member, seed, 33.0, 78.0) for seed, member in enumerate(members, 5)]
    images, labels = mnist.test.images[:50], mnist.test.labels[:50]
    mean = np.mean([network.predict_proba(images) for network in alone], axis=0)
    assert ensemble.predict_proba(images) == pytest.approx(mean, abs=1e-6)
    assert ensemble.size == sum(network.size for network in alone)
    save_model(ensemble, tmp_path / "together.safetensors")
    read = read_model(tmp_path / "together.safetensors")
    assert np.array_equal(read.logits(images), ensemble.logits(images))
    assert ensemble.input_gradient(images, labels).shape == images.shape


def test_members_that_see_other_grey_values_are_refused():
    from mnist_study.models.torch_networks import Ensemble, FullyConnected

    with pytest.raises(ValueError, match="normalised alike"):
        Ensemble([FullyConnected(mean=0.0), FullyConnected(mean=33.0)])


def test_an_ensemble_from_a_strangers_file_may_not_fill_the_memory():
    with pytest.raises(ValueError, match="members of"):
        build(EnsembleSpec(members=(FullyConnectedSpec(hidden=(4096, 4096)),) * 20))
