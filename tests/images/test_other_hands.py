import numpy as np
import pytest
from sklearn.datasets import load_digits

from mnist_study.images import optical_digits, prepare, scanned, unseen_styles


def test_other_hands_are_scikit_learns_digits_prepared():
    digits, theirs = optical_digits(), load_digits()
    assert len(digits) == 1797
    assert np.array_equal(digits.labels, theirs.target)
    assert np.array_equal(digits.images[:5], prepare(theirs.images[:5]))


def test_unseen_styles_come_as_many_of_each_class():
    digits = unseen_styles(100)
    assert np.bincount(digits.labels).tolist() == [10] * 10
    assert np.array_equal(digits.images, unseen_styles(100).images)


@pytest.mark.parametrize("size", [4, 20, 25])
def test_a_scan_counts_the_black_pixels_of_each_block(size):
    block = np.zeros((1, 28, 28), np.uint8)
    block[0, 3 : 3 + size, 1 : 1 + size] = 255
    assert scanned(block).tolist() == [[[16] * 8] * 8]  # a square box fills the bitmap


@pytest.mark.parametrize(("square", "columns"), [(0, 2), (0.5, 4), (1, 8)])
def test_a_scan_keeps_the_proportions_or_stretches_them_to_a_square(square, columns):
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 10:15] = 255  # four times as high as it is wide
    bar[4, 0] = 99  # as good as paper
    (scan,) = scanned(bar[None], square)
    assert scan.sum() == 16 * 8 * columns
    assert (scan > 0).any(axis=0).sum() == columns
    assert np.array_equal(scan, scan[:, ::-1])  # in the middle


def test_a_scan_of_no_ink_is_empty():
    assert scanned(np.zeros((2, 28, 28), np.uint8)).tolist() == np.zeros((2, 8, 8)).tolist()


def test_digits_scanned_to_8_by_8_look_like_those_that_scikit_learn_holds(mnist):
    ours, theirs = scanned(mnist.train.images[:2000]), load_digits().images
    assert (ours.max(), theirs.max()) == (16, 16)
    assert abs(ours.mean() - theirs.mean()) < 1  # as much ink
    assert abs((ours > 0).mean() - (theirs > 0).mean()) < 0.1  # in as many blocks
