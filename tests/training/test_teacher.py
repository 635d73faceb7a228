import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from small import MODELS, small_config

from mnist_study.data import pixel_statistics
from mnist_study.models import load_model
from mnist_study.training import ConfigError, fit, load_config, make_engine
from mnist_study.training.engines.torch_engine import Teaching


@pytest.fixture(scope="module")
def teacher():
    return load_model("fc")


def test_the_loss_is_that_of_the_labels_and_of_the_teachers_probabilities_as_worked_out_in_numpy(teacher, mnist):
    images, labels = mnist.train.images[:40], mnist.train.labels[:40]
    logits = np.random.default_rng(0).normal(size=(40, 10)).astype(np.float32)
    shares = softmax(teacher.logits(images) / 3.0, axis=1)
    learned = -(shares * log_softmax(logits / 3.0, axis=1)).sum(axis=1).mean()
    alone = -log_softmax(logits, axis=1)[np.arange(40), labels].mean()
    teaching = Teaching(teacher, share=0.7, temperature=3.0)
    given = teaching.loss(teacher.normalise(images), torch.tensor(logits), torch.tensor(alone))
    assert given.item() == pytest.approx(0.3 * alone + 0.7 * 9 * learned, rel=1e-5)


def test_a_pupil_comes_to_agree_with_its_teacher_on_digits_whose_labels_it_never_saw(teacher, mnist):
    digits = mnist.train[:3000]
    unlabelled = type(digits)(digits.images, np.zeros_like(digits.labels))
    config = load_config(
        "fc", ["model={kind: fully_connected, hidden: [64]}", "training.teacher={model: fc, share: 1.0}"]
    )
    before = {name: values.copy() for name, values in teacher.get_weights().items()}
    engine = make_engine(config, mnist.train)
    fit(engine, unlabelled, epochs=5, batch_size=100, learning_rate=3e-3)
    agree = np.mean(engine.network.predict(mnist.test.images) == teacher.predict(mnist.test.images))
    assert agree > 0.85
    after = engine.teacher.teacher.get_weights()
    assert all(np.array_equal(values, after[name]) for name, values in before.items())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("training.teacher={model: mlp}", "mlp is no network of PyTorch"),
        ("training.teacher={model: two_digit_shared}", "reads the same"),
        ("training.teacher={model: fcc}", "did you mean 'fc'"),
    ],
)
def test_a_teacher_that_cannot_teach_is_refused_in_one_line(change, words, mnist):
    config = small_config("fully_connected", change)
    with pytest.raises(ConfigError, match=words) as refusal:
        make_engine(config, mnist.train)
    assert "\n" not in str(refusal.value)


def test_a_teacher_that_sees_other_grey_values_is_refused(mnist):
    assert pixel_statistics(mnist.train[:600].images).mean != pixel_statistics(mnist.train.images).mean
    with pytest.raises(ConfigError, match="normalised alike"):
        make_engine(small_config("fully_connected", "training.teacher={model: fc}"), mnist.train[:600])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([f"model={MODELS['numpy_mlp']}"], "training.teacher: teaches networks of PyTorch"),
        (["training.loss=mean_squared_error"], "teacher needs loss: cross_entropy"),
    ],
)
def test_a_config_that_no_teacher_can_serve_is_refused(changes, words):
    with pytest.raises(ConfigError, match=words):
        load_config("fc", ["training.teacher={model: fc}", *changes])
