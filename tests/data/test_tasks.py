import numpy as np
import pytest

from mnist_study.data import MNIST, TASKS, TaskError, find_task, load_mnist, task_of


def test_mnist_is_a_task_with_its_digits_and_what_they_are_made_of(mnist):
    assert find_task("mnist") is MNIST
    assert (MNIST.shape, MNIST.pixels, len(MNIST.classes)) == ((28, 28), 784, 10)
    assert mnist.train.images.shape[1:] == MNIST.shape
    assert set(np.unique(mnist.train.labels)) == set(range(len(MNIST.classes)))
    assert MNIST.load is load_mnist
    assert all(len(digest) == 64 for digest in MNIST.checksums.values())


def test_a_task_that_is_not_there_is_named_with_a_near_one():
    with pytest.raises(TaskError, match="no task 'mnits'; did you mean 'mnist'"):
        find_task("mnits")


def test_a_described_task_is_found_again_and_a_strange_one_can_be_read_but_not_loaded():
    assert task_of(MNIST.describe()) is MNIST
    strange = task_of({"name": "mnist", "shape": [28, 28], "classes": ["yes", "no"]})
    assert strange.classes == ("yes", "no")
    assert strange != MNIST
    with pytest.raises(TaskError, match="cannot be loaded here; known are mnist"):
        strange.load()
    assert set(TASKS) >= {"mnist"}


@pytest.mark.parametrize(
    "wrong",
    [{"shape": [28]}, {"shape": [0, 28]}, {"shape": [28, 1e9]}, {"classes": ["one"]}, {"classes": [1, 2]}, {"name": 3}],
)
def test_what_describes_no_task_is_refused(wrong):
    with pytest.raises(ValueError, match="a task has a name, two sides"):
        task_of({**MNIST.describe(), **wrong})
