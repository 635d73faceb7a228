import numpy as np
import pytest
from sklearn.datasets import load_digits

from mnist_study.data import ink_geometry
from mnist_study.images import STRANGERS, optical_digits, prepare, strangers, unseen_styles


@pytest.mark.parametrize("kind", STRANGERS)
def test_strangers_are_as_many_as_asked_for_each_another_and_the_same_again(kind):
    pictures = strangers(kind, 40, np.random.default_rng(0))
    assert (pictures.dtype, pictures.shape) == (np.uint8, (40, 28, 28))
    assert len({each.tobytes() for each in pictures}) > 30
    assert np.array_equal(pictures, strangers(kind, 40, np.random.default_rng(0)))
    assert strangers(kind, 0, np.random.default_rng(0)).shape == (0, 28, 28)


@pytest.mark.parametrize("kind", sorted(set(STRANGERS) - {"noise"}))
def test_all_but_noise_are_as_large_and_as_central_as_a_prepared_digit(kind):
    ink = ink_geometry(strangers(kind, 60, np.random.default_rng(1)))
    assert (np.maximum(ink.height, ink.width) == 20).mean() > 0.9
    assert np.abs(ink.centre_row - 14).max() <= 0.51


def test_other_hands_are_scikit_learns_digits_prepared():
    digits, theirs = optical_digits(), load_digits()
    assert len(digits) == 1797
    assert np.array_equal(digits.labels, theirs.target)
    assert np.array_equal(digits.images[:5], prepare(theirs.images[:5]))


def test_unseen_styles_come_as_many_of_each_class():
    digits = unseen_styles(100)
    assert np.bincount(digits.labels).tolist() == [10] * 10
    assert np.array_equal(digits.images, unseen_styles(100).images)
