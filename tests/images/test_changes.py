import numpy as np
import pytest
from scipy.ndimage import affine_transform, gaussian_filter

from mnist_study.data import ink_geometry
from mnist_study.images import CHANGES, change


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.test.images[:100]


def changed(images, name, amount):
    return change(images, name, amount, np.random.default_rng(0))


@pytest.mark.parametrize("name", CHANGES)
def test_each_begins_with_nothing_and_changes_more_with_every_step(name, images):
    rule = CHANGES[name]
    assert rule.amounts[0] == rule.nothing
    assert np.array_equal(changed(images, name, rule.nothing), images)
    steps = [changed(images, name, amount) for amount in rule.amounts]
    assert all((step.dtype, step.shape) == (np.uint8, images.shape) for step in steps)
    apart = [np.abs(step - images.astype(float)).mean() for step in steps]
    assert apart[1] > 0
    assert apart[-1] > 2 * apart[1] or name in ("thinning", "rotation", "shift")
    assert changed(images[:0], name, rule.amounts[1]).shape == (0, 28, 28)


def test_a_slant_moves_each_row_against_the_next_as_scipy_does(images):
    leaning = changed(images, "slant", 0.5)
    for image, ours in zip(images[:20].astype(float), leaning, strict=False):
        theirs = [affine_transform(image, [[1, 0], [-lean, 1]], [0, lean * 13.5], order=1) for lean in (-0.5, 0.5)]
        assert min(np.abs(ours - each).max() for each in theirs) <= 1


def test_blur_contrast_and_inversion_are_what_they_say(images):
    blurred = changed(images, "blur", 1.5)
    assert np.abs(blurred[0] - gaussian_filter(images[0].astype(float), 1.5)).max() <= 0.51
    assert np.array_equal(changed(images, "contrast", 0.4), np.rint(0.4 * images.astype(np.float32)))
    assert np.array_equal(changed(images, "inversion", 1.0), 255 - images)
    half = changed(images, "inversion", 0.5)
    assert set(np.unique(half)) <= {127, 128}


def test_thinning_and_thickening_move_edges_and_keep_where_the_digit_is(images):
    ink = images.sum(axis=(1, 2), dtype=float)
    assert (changed(images, "thinning", 0.5).sum(axis=(1, 2), dtype=float) < ink).all()
    thick = changed(images, "thickening", 2.0)
    plain, thicker = ink_geometry(images), ink_geometry(thick)
    assert np.median(thicker.height - plain.height) == 4  # two pixels at either end
    assert np.abs(thicker.centre_row - plain.centre_row).mean() < 0.5


def test_a_hole_is_a_square_of_paper_on_the_digits_box():
    white = np.full((200, 28, 28), 255, np.uint8)
    holes = changed(white, "occlusion", 6) == 0
    assert (holes.sum(axis=(1, 2)) == 36).all()
    assert not holes[:, :4].any()
    assert not holes[:, :, -4:].any()
    assert holes.any(axis=0)[4:-4, 4:-4].mean() > 0.95  # everywhere, over many pictures


def test_noise_has_the_deviation_that_is_asked_for():
    grey = np.full((50, 28, 28), 128, np.uint8)
    assert changed(grey, "noise", 20).std() == pytest.approx(20, rel=0.02)
