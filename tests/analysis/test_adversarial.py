import numpy as np
import pytest

import mnist_study as ms
from mnist_study.analysis import accuracy, fgsm, pgd, robustness, speckled
from mnist_study.models import Dense, Flatten, Network

NAMES = ["softmax", "mlp_jax", "fc", "cnn_fast"]


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test[:60]


def read(model, digits, images):
    return accuracy(digits.labels, model.predict(images)).right


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("epsilon", [1, 7, 32])
def test_every_change_is_a_picture_within_its_budget(name, epsilon, digits):
    model, images = ms.load_model(name), digits.images
    for changed in (
        fgsm(model, images, digits.labels, epsilon),
        pgd(model, images, digits.labels, epsilon),
        speckled(images, epsilon, np.random.default_rng(0)),
    ):
        assert changed.dtype == np.uint8
        assert np.abs(changed.astype(int) - images).max() <= epsilon
    assert (images == digits.images).all()


def test_against_a_linear_network_one_step_is_the_best_that_any_attack_can_do(digits):
    """The loss of two classes falls fastest along the sign of their weights' difference, worked out here by hand."""
    model = ms.load_model("softmax")
    weights, bias = model.get_weights()["W1"][:, [0, 1]], model.get_weights()["b1"][[0, 1]]
    images = digits.images[digits.labels == 0]
    two = Network([Flatten(), Dense(784, 2)], np.random.default_rng(0), model.mean, model.std)
    two.set_weights({"W1": weights, "b1": bias})
    labels = np.zeros(len(images), int)
    difference = (weights[:, 1] - weights[:, 0]).reshape(28, 28)
    best = np.clip(images + 20 * np.sign(difference), 0, 255).astype(np.uint8)
    clear = np.abs(difference) > 1e-4 * np.abs(difference).max()  # elsewhere float32 may round to either side
    assert clear.mean() > 0.6
    assert (fgsm(two, images, labels, 20) == best)[:, clear].all()
    assert (two.predict(pgd(two, images, labels, 20, steps=30)) == two.predict(best)).all()


@pytest.mark.parametrize("name", NAMES)
def test_many_steps_fool_at_least_as_many_as_one_from_there_and_noise_far_fewer(name, digits):
    model, images, labels = ms.load_model(name), digits.images, digits.labels
    epsilon = 8 if name == "softmax" else 24
    once = fgsm(model, images, labels, epsilon)
    slowly = pgd(model, images, labels, epsilon, start=once)
    noise = speckled(images, epsilon, np.random.default_rng(0))
    assert read(model, digits, slowly) <= read(model, digits, once) <= read(model, digits, noise)
    assert read(model, digits, slowly) < read(model, digits, noise) - 10


@pytest.mark.parametrize("name", ["mlp", "cnn_fast"])
def test_the_attack_has_nearly_converged_so_that_no_network_only_seems_to_stand_it(name, digits):
    """A network that hides its gradient would fall to more and finer steps; Athalye et al., ICML 2018."""
    model = ms.load_model(name)
    short, long = (
        read(model, digits, pgd(model, digits.images, digits.labels, 16, steps=steps, step=step))
        for steps, step in ((10, 4), (60, 1))
    )
    assert long <= short + 1
    assert short - long <= 8


@pytest.mark.parametrize("name", NAMES)
def test_even_the_surest_answers_have_a_gradient_to_climb(name, mnist):
    model, images = ms.load_model(name), mnist.validation.images[:2000]
    surest = np.argsort(model.predict_proba(images).max(axis=1))[-50:]
    gradient = model.input_gradient(images[surest], model.predict(images[surest]))
    assert (np.abs(gradient).max(axis=(1, 2)) > 0).all()


def test_robustness_falls_with_the_budget_and_counts_what_is_read(digits):
    model, epsilons = ms.load_model("fc"), (4, 12, 24)
    found = robustness(model, digits.images, digits.labels, epsilons, np.random.default_rng(0), steps=4)
    rights = [each.right for each in found.many_steps]
    assert rights == sorted(rights, reverse=True)
    assert found.epsilons == epsilons
    assert {each.total for each in found.one_step + found.many_steps + found.at_random} == {60}
    expected = [read(model, digits, fgsm(model, digits.images, digits.labels, each)) for each in epsilons]
    assert [each.right for each in found.one_step] == expected
    slow = pgd(model, digits.images, digits.labels, 4, steps=4)
    assert rights[0] == read(model, digits, slow)
