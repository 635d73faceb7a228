"""The proof that what is read is a value: pairs of digits, a hundred classes, under every engine, from end to end."""

from types import SimpleNamespace

import numpy as np
import pytest
from small import CHANGES, MODELS, StopAfter

import mnist_study as ms
from mnist_study import plots
from mnist_study.data import TASKS, Digits, Task
from mnist_study.training import load_config, resume

CLASSES = tuple(f"{number:02}" for number in range(100))


def pairs(digits, count, seed):
    """Two digits side by side, 28 x 56 pixels, every label 0 to 99 equally often."""
    rng, labels = np.random.default_rng(seed), np.arange(count) % 100
    by_digit = [np.flatnonzero(digits.labels == digit) for digit in range(10)]
    halves = [[rng.choice(by_digit[digit]) for digit in half] for half in (labels // 10, labels % 10)]
    return Digits(np.concatenate([digits.images[half] for half in halves], axis=2), labels)


@pytest.fixture
def task(mnist):
    def load():
        return SimpleNamespace(
            train=pairs(mnist.train, 800, 0), validation=pairs(mnist.validation, 300, 1), test=pairs(mnist.test, 400, 2)
        )

    TASKS["pairs"] = Task("pairs", (28, 56), CLASSES, load, {"pairs": "made of MNIST by a test"})
    yield TASKS["pairs"]
    del TASKS["pairs"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", MODELS)
def test_another_task_trains_resumes_saves_loads_evaluates_and_is_drawn(kind, task, tmp_path):
    config = load_config("fc", [f"model={MODELS[kind]}", *CHANGES, "task=pairs", "data.train_size=800"])
    interrupted = ms.train(config, tmp_path / "one", listeners=[StopAfter(11)])
    assert interrupted.status == "interrupted"
    resumed, whole = resume(interrupted), ms.train(config, tmp_path / "other")
    assert (resumed.status, whole.status) == ("finished", "finished")
    weights = whole.model.get_weights()
    assert all(np.array_equal(values, weights[name]) for name, values in resumed.model.get_weights().items())

    model = ms.load_model(whole.best_path)
    assert model.task == task
    images = task.load().test.images
    assert model.logits(images).shape == (400, 100)
    assert model.input_gradient(images[:3], np.arange(3)).shape == (3, 28, 56)
    with pytest.raises(ValueError, match=r"a network for pairs reads images \(N, 28, 56\), not"):
        model.predict(images[:, :, :28])

    accuracy, confusions = whole.evaluate()
    assert accuracy.total == 400
    assert confusions.matrix.shape == (100, 100)
    assert confusions.errors == accuracy.errors == whole.metrics["test_errors"]
    axis = plots.confusion_matrix(confusions, "Pairs").axes[0]
    shown = {label.get_text() for label in axis.get_yticklabels()}
    assert shown
    assert shown <= set(CLASSES)


def test_a_config_draws_pairs_anew_and_resumes_to_the_bit(tmp_path):
    small = ["training.epochs=2", "model.hidden=[4]", "training.batch_size=4000", "data.augmentation=null"]
    config = load_config("two_digit_mlp", [*small, "logging.tensorboard=false", "logging.progress=false"])
    whole, interrupted = ms.train(config, tmp_path), ms.train(config, tmp_path, listeners=[StopAfter(15)])
    ours, theirs = (run.model.get_weights() for run in (resume(interrupted), whole))
    assert all(np.array_equal(values, theirs[name]) for name, values in ours.items())
    fixed = ms.train(config.model_copy(update={"data": config.data.model_copy(update={"redraw": False})}), tmp_path)
    assert not np.array_equal(fixed.model.get_weights()["W1"], theirs["W1"])
