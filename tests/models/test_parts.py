"""A number read one digit at a time, and one trunk for both halves."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mnist_study.analysis import grad_cam, probes, stage_outputs
from mnist_study.analysis.rejection import features
from mnist_study.data import MNIST, TWO_DIGIT, Digits, Task, TwoDigit, apart, find_task, together
from mnist_study.images import cut, possible_cuts
from mnist_study.models import BaseNetwork, BestCut, PartByPart, build, join, load_model, softmax
from mnist_study.models.specs import ConvNetSpec, EnsembleSpec, NumPyMLP

SHARED = ConvNetSpec(channels=(3, 4), kernels=(5, 3), hidden=(6,), dropout=0.0, shared=True)


@pytest.fixture(scope="module")
def images(mnist):
    return together(mnist.test.images[:60], 2)


def test_parts_are_cut_in_reading_order_and_put_together_again():
    images = np.arange(2 * 3 * 8).reshape(2, 3, 8)
    parts = apart(images, 4)
    assert parts.shape == (8, 3, 2)
    assert np.array_equal(parts[5], images[1, :, 2:4])
    assert np.array_equal(together(parts, 4), images)
    assert apart(np.zeros((0, 28, 56)), 2).shape == (0, 28, 28)


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_joined_logits_are_those_of_the_product_of_probabilities(parts):
    logits = np.random.default_rng(parts).normal(size=(4 * parts, 5))
    joint = softmax(join(logits, parts))
    each = softmax(logits).reshape(4, parts, 5)
    for number in np.ndindex(*[5] * parts):
        expected = np.prod([each[:, part, letter] for part, letter in enumerate(number)], axis=0)
        np.testing.assert_allclose(joint[:, np.ravel_multi_index(number, [5] * parts)], expected, rtol=1e-12)
    assert torch.equal(join(torch.tensor(logits), parts), torch.tensor(join(logits, parts)))


def test_a_network_of_single_digits_reads_numbers_digit_by_digit(images):
    single = load_model("softmax")
    pair = PartByPart(single)
    digits = single.predict(apart(images, 2)).reshape(-1, 2)
    assert np.array_equal(pair.predict(images), digits @ [10, 1])
    assert pair.task == TWO_DIGIT


def test_a_reader_may_have_probabilities_alone_even_such_as_are_0(images):
    single = load_model("softmax")
    shares = single.predict_proba(apart(images, 2)).round(2)
    pair = PartByPart(SimpleNamespace(predict_proba=lambda _: shares / shares.sum(axis=1, keepdims=True)))
    assert np.array_equal(pair.predict(images), PartByPart(single).predict(images))
    assert np.isfinite(pair.predict_proba(images)).all()


def test_numbers_divided_by_255_are_refused_as_digits_are(images):
    for model in (PartByPart(load_model("softmax")), build(SHARED, mean=33, std=78, task=TWO_DIGIT)):
        with pytest.raises(ValueError, match="none is above 1: multiply the images by 255"):
            model.predict(images / 255)


def test_what_does_not_read_the_parts_is_refused():
    for reader, task in ((build(NumPyMLP(hidden=()), task=TWO_DIGIT), TWO_DIGIT), (load_model("softmax"), MNIST)):
        with pytest.raises(ValueError, match="this network does not read the parts of"):
            PartByPart(reader, task)


def test_a_shared_trunk_reads_both_halves_alike_and_has_the_weights_of_one(images):
    shared = build(SHARED, seed=3, mean=33, std=78, task=TWO_DIGIT)
    trunk = build(SHARED.model_copy(update={"shared": False}), seed=3, mean=33, std=78, task=MNIST)
    assert shared.size == trunk.size
    assert SHARED.multiplications(TWO_DIGIT) == 2 * trunk.spec.multiplications(MNIST)
    np.testing.assert_allclose(shared.logits(images), PartByPart(trunk).logits(images), atol=1e-5)
    swapped = together(apart(images, 2).reshape(-1, 2, 28, 28)[:, ::-1].reshape(-1, 28, 28), 2)
    turned = shared.logits(swapped).reshape(-1, 10, 10).transpose(0, 2, 1).reshape(-1, 100)
    np.testing.assert_allclose(turned, shared.logits(images), atol=1e-5)


def test_a_shared_trunk_learns_from_both_halves(images, mnist):
    shared: BaseNetwork = build(SHARED, mean=33, std=78, task=TWO_DIGIT)
    labels = mnist.test.labels[:60].reshape(-1, 2) @ [10, 1]
    gradient = shared.input_gradient(images, labels)
    assert gradient.shape == images.shape
    assert all(np.abs(half).max() > 0 for half in (gradient[:, :, :28], gradient[:, :, 28:]))


def test_what_a_shared_trunk_shows_of_an_image_is_what_the_trunk_shows_of_its_halves_side_by_side(images):
    shared = build(SHARED, seed=3, mean=33, std=78, task=TWO_DIGIT)
    trunk = build(SHARED.model_copy(update={"shared": False}), seed=3, mean=33, std=78, task=MNIST)
    left, right = (list(trunk.activations(half).values()) for half in np.split(images, 2, axis=2))
    whole = shared.activations(images)
    assert {len(values) for values in whole.values()} == {len(images)}
    for values, *halves in zip(list(whole.values())[1:-1], left, right, strict=True):
        join_halves = np.concatenate if values.ndim == 4 else np.stack
        np.testing.assert_allclose(values, join_halves(halves, axis=-1), atol=1e-5)
    np.testing.assert_allclose(list(whole.values())[-1], shared.logits(images), atol=1e-5)


def test_maps_of_a_shared_trunk_answer_side_by_side_and_the_tens_are_nothing_to_the_right_half(images):
    shared = build(SHARED, seed=3, mean=33, std=78, task=TWO_DIGIT)
    tens = np.random.default_rng(0).normal(size=(len(images), 10))
    tens -= tens.mean(axis=1, keepdims=True)
    maps, gradient = shared.last_maps(images, np.repeat(tens, 10, axis=1))
    assert maps.shape == gradient.shape == (len(images), 4, 7, 14)
    assert np.abs(gradient[..., :7]).max() > 1e3 * np.abs(gradient[..., 7:]).max()
    assert grad_cam(shared, images, np.zeros(len(images), int)).shape == images.shape


def test_a_shared_trunk_has_features_of_each_image_alone_and_in_an_ensemble(images, mnist):
    labels = mnist.test.labels[:60].reshape(-1, 2) @ [10, 1]
    plain = ConvNetSpec(channels=(3,), kernels=(3,), hidden=(5,))
    for spec, width in ((SHARED, 20), (EnsembleSpec(members=(SHARED, plain)), 25)):
        network = build(spec, mean=33, std=78, task=TWO_DIGIT)
        assert features(network, images).shape == (len(images), width)
        asked = Digits(images, labels % 2)
        assert {len(values) for values in stage_outputs(network, images).values()} == {len(images)}
        assert probes(network, asked, asked)[-1].linear.total == len(images)


def test_a_shared_trunk_needs_parts():
    for task in (MNIST, find_task("two_digit_loose")):
        with pytest.raises(ValueError, match=f"shared: the images of {task.name} are not made of parts"):
            build(SHARED, task=task)


def test_places_are_the_letters_of_names_that_are_all_combinations():
    def places(*classes):
        return Task("t", (1, 1), classes, MNIST.load).places

    assert TWO_DIGIT.places == (MNIST.classes, MNIST.classes)
    assert MNIST.places == (MNIST.classes,)
    assert places("a0", "a1", "b0", "b1") == (("a", "b"), ("0", "1"))
    for names in (("a0", "a1", "b1", "b0"), ("a0", "b1"), ("one", "two"), ("0", "10")):
        assert places(*names) == (names,)


def test_the_surest_cut_reads_loose_digits_better_than_a_cut_in_the_middle(mnist):
    loose = TwoDigit(mnist, loose=True).test[:300]
    single = load_model("mlp")
    reader = BestCut(single, 5)
    probabilities = reader.predict_proba(loose.images)
    tried = [PartByPart(single).predict_proba(cut(loose.images, c)) for c in possible_cuts(loose.images, 5).T]
    np.testing.assert_allclose(probabilities.max(axis=1), np.max(tried, axis=(0, 2)), rtol=1e-5)
    middle = PartByPart(single).predict(cut(loose.images, np.full(300, 28)))
    assert (reader.predict(loose.images) == loose.labels).sum() > (middle == loose.labels).sum()
