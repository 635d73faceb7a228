import numpy as np
import pytest

from mnist_study.data import TwoDigit
from mnist_study.images import cut, emptiest_column, possible_cuts, prepare


@pytest.fixture(scope="module")
def pairs(mnist):
    return TwoDigit(mnist).test[:200]


def test_digits_that_are_cut_where_they_meet_are_what_they_were(pairs):
    again = cut(pairs.images, np.full(200, 28))
    alone = [prepare(half) for half in (pairs.images[:, :, :28], pairs.images[:, :, 28:])]
    assert np.array_equal(again, np.concatenate(alone, axis=2))
    same = (again == pairs.images).all(axis=(1, 2)).mean()
    assert same > 0.95  # MNIST's digits, centred, stay as they are


def test_each_image_is_cut_where_it_is_told():
    images = np.zeros((2, 28, 56), np.uint8)
    images[:, 4:24, 10:46] = 200
    left = cut(images, np.array([20, 40]))[:, :, :28].any(axis=1).sum(axis=1)
    assert left[0] == 10
    assert left[1] == 20  # 30 columns, scaled into the box


def test_possible_cuts_rise_evenly_over_the_middle_half_of_the_ink():
    images = np.zeros((2, 28, 56), np.uint8)
    images[0, 5, [10, 49]] = 255  # ink from 10 to 49: 40 columns
    assert possible_cuts(images, 5)[0].tolist() == [20, 25, 30, 35, 40]
    assert (np.diff(possible_cuts(images, 5)[1]) >= 0).all()  # no ink, no error


def test_the_emptiest_column_is_in_the_middle_half_and_nearest_to_the_middle():
    images = np.full((3, 28, 56), 100, np.uint8)
    images[0, :, [3, 20]] = 0  # 3 is outside
    images[1, :, [18, 27, 40]] = 0
    assert emptiest_column(images[:2]).tolist() == [20, 27]
    assert 13 < emptiest_column(images)[2] < 43
    assert emptiest_column(np.zeros((1, 28, 56), np.uint8)).shape == (1,)


def test_the_gap_between_two_digits_is_found(pairs):
    column = emptiest_column(pairs.images)
    assert not pairs.images[np.arange(200), :, column].any()
