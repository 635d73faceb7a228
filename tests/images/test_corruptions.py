import numpy as np
import pytest

from mnist_study.data import ink_geometry
from mnist_study.images import CORRUPTIONS, corrupt


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.validation.images[:300]


def corrupted(images, name):
    return corrupt(images, name, np.random.default_rng(0))


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_every_corruption_gives_images_that_differ_and_can_be_repeated(images, name):
    changed = corrupted(images, name)
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    assert (changed != images).any(axis=(1, 2)).all()
    assert np.array_equal(changed, corrupted(images, name))


def test_each_does_what_its_name_says(images):
    plain = ink_geometry(images)
    moved = ink_geometry(corrupted(images, "shifted"))
    inside = plain.mass == moved.mass
    assert inside.mean() > 0.5
    assert np.abs(np.abs(moved.centre_row - plain.centre_row)[inside] - 4).max() < 1e-9
    assert np.abs(np.abs(moved.centre_column - plain.centre_column)[inside] - 4).max() < 1e-9
    small = ink_geometry(corrupted(images, "small"))
    assert np.median(small.height / plain.height) == pytest.approx(0.6, abs=0.06)
    assert np.abs(small.centre_row - 13.5 - 16 / 28 * (plain.centre_row - 13.5)).max() < 0.2
    assert (corrupted(images, "thick") >= images).all()
    assert (corrupted(images, "thin") <= images).all()


def test_a_line_is_turned_by_the_angle():
    line = np.zeros((1, 28, 28), np.uint8)
    line[0, :, 13:15] = 255
    rows, columns = np.nonzero(corrupted(line, "rotated")[0])
    slope = np.polyfit(rows, columns, 1)[0]
    assert abs(np.degrees(np.arctan(slope))) == pytest.approx(25, abs=1)


@pytest.mark.parametrize("name", ["rotated", "small"])
def test_a_wide_picture_is_changed_about_its_own_middle(name):
    square = np.zeros((1, 28, 56), np.uint8)
    square[0, 12:16, 26:30] = 255
    changed = corrupt(square, name, np.random.default_rng(0))
    assert changed.shape == square.shape
    found = ink_geometry(changed)
    assert (found.centre_row[0], found.centre_column[0]) == pytest.approx((13.5, 27.5), abs=1e-6)
