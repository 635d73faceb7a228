import numpy as np
import pytest
from scipy.stats import rankdata

import mnist_study as ms
from mnist_study.analysis import cascade, forgetting, integrated_gradients, score_gradient, similarity
from mnist_study.analysis.sanity import layers_of


def test_layers_are_named_from_the_input_down_in_every_engine():
    assert layers_of(ms.load_model("cnn_numpy").get_weights()) == {str(n): [f"W{n}", f"b{n}"] for n in (1, 2, 3, 4)}
    assert list(layers_of(ms.load_model("fc").get_weights())) == ["layers.1", "layers.4", "layers.7"]


@pytest.mark.parametrize("name", ["mlp", "mlp_jax", "cnn_fast"])
def test_a_cascade_shuffles_one_more_layer_each_time_from_the_logits_up(name):
    model = ms.load_model(name)
    before = model.get_weights()
    layers = list(layers_of(before).values())
    for count, shuffled in cascade(model, np.random.default_rng(0)):
        now = shuffled.get_weights()
        for number, names in enumerate(layers):
            same = all(np.array_equal(now[one], before[one]) for one in names)
            assert same == (number < len(layers) - count)
        assert all(np.array_equal(np.sort(now[one], axis=None), np.sort(before[one], axis=None)) for one in before)
    assert count == len(layers)
    assert all(np.array_equal(values, before[one]) for one, values in model.get_weights().items())


def test_similarity_is_the_correlation_of_ranks_of_sizes():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 3, 5, 5))
    ranks = [[rankdata(np.abs(each)) for each in maps] for maps in (one, other)]
    expected = [np.corrcoef(a, b)[0, 1] for a, b in zip(*ranks, strict=True)]
    np.testing.assert_allclose(similarity(one, other), expected)
    np.testing.assert_allclose(similarity(one, -2 * one), 1)
    assert similarity(one, np.zeros_like(one)).tolist() == [0, 0, 0]
    where = np.zeros(one.shape, bool)
    where[:, 2:] = True
    np.testing.assert_allclose(similarity(one, other, where), similarity(one[:, 2:], other[:, 2:]))


def test_a_map_that_needs_what_was_learned_changes_and_one_that_repeats_the_digit_does_not(mnist):
    model, digits = ms.load_model("mlp"), mnist.test[:10]
    methods = {"gradient": score_gradient, "integrated": integrated_gradients}
    found = forgetting(model, digits.images, digits.labels, methods, np.random.default_rng(0))
    assert {name: maps.shape for name, maps in found.items()} == dict.fromkeys(methods, (4, 10, 28, 28))
    gradient, integrated = (similarity(maps[0], maps[-1]).mean() for maps in found.values())
    assert gradient < 0.3
    assert integrated > 0.9
