import numpy as np
import pytest
from scipy import ndimage

from mnist_study import data


def test_the_ink_of_a_picture_drawn_by_hand():
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 5:9, 10:12] = 255  # rows 5..8, columns 10..11
    ink = data.ink_geometry(image)
    assert (ink.centre_row[0], ink.centre_column[0]) == (6.5, 10.5)
    assert (ink.height[0], ink.width[0], ink.mass[0]) == (4, 2, 8.0)


def test_the_centre_of_mass_is_scipys(mnist):
    images = mnist.test.images[:200]
    ink = data.ink_geometry(images)
    expected = np.array([ndimage.center_of_mass(image.astype(float)) for image in images])
    np.testing.assert_allclose(np.column_stack([ink.centre_row, ink.centre_column]), expected, atol=1e-9)


def test_an_image_without_ink_is_refused_by_its_index():
    images = np.ones((3, 28, 28), np.uint8)
    images[1] = 0
    with pytest.raises(ValueError, match="image 1 has no ink"):
        data.ink_geometry(images)


def test_pixel_statistics_are_numpys(mnist):
    images = mnist.test.images
    statistics = data.pixel_statistics(images)
    assert statistics.mean == pytest.approx(images.mean())
    assert statistics.std == pytest.approx(images.std())
    assert statistics.background == pytest.approx((images == 0).mean())
    assert statistics.saturated == pytest.approx((images >= 250).mean())
    assert statistics.never_inked == np.count_nonzero(images.max(axis=0) == 0)


def test_means_and_spreads_are_those_of_each_class(mnist):
    means, spreads = data.class_means(mnist.test.images, mnist.test.labels)
    threes = mnist.test.images[mnist.test.labels == 3].astype(float)
    np.testing.assert_allclose(means[3], threes.mean(axis=0))
    np.testing.assert_allclose(spreads[3], threes.std(axis=0))
    assert data.label_counts(mnist.test.labels)[3] == len(threes)


def test_copies_are_counted(mnist):
    some = mnist.test.images[:100]
    assert data.count_duplicates(some) == 0
    assert data.count_duplicates(np.concatenate([some, some[:7]])) == 7
