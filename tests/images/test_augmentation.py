import numpy as np
import pytest
from scipy.ndimage import affine_transform

from mnist_study.data import ink_geometry, together
from mnist_study.images import augment


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.train.images[:256]


def rng(seed=0):
    return np.random.default_rng(seed)


class Fixed:
    """A generator whose every draw is the largest amount."""

    def uniform(self, low, high, size):
        return np.full(size, high)


def test_without_options_nothing_is_changed(images):
    assert np.array_equal(augment(images, rng()), images)


def test_each_image_is_changed_in_its_own_way_and_the_same_generator_repeats_it(images):
    same = np.repeat(images[:1], 20, axis=0)
    options = {"shift": 2, "rotation": 15, "scale": 0.1, "shear": 0.2, "elastic": 1, "stroke": 0.5}
    once, twice, other = (augment(same, rng(seed), **options) for seed in (1, 1, 2))
    assert np.array_equal(once, twice)
    assert not np.array_equal(once, other)
    assert len({image.tobytes() for image in once}) == 20
    assert once.dtype == np.uint8
    assert once.shape == same.shape


def test_a_whole_pixel_shift_moves_every_value_by_one_pixel(images):
    moved = augment(images, Fixed(), shift=1.0)
    assert np.array_equal(moved[:, :-1, :-1], images[:, 1:, 1:])
    assert not moved[:, -1].any()
    assert not moved[:, :, -1].any()


def test_a_turned_digit_is_what_scipy_makes_of_it(images):
    turned = augment(images[:20], Fixed(), rotation=20.0)
    angle = np.radians(20)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([13.5, 13.5])
    for image, ours in zip(images[:20].astype(float), turned, strict=True):
        theirs = affine_transform(image, matrix, middle - matrix @ middle, order=1)
        assert np.abs(theirs - ours).max() <= 1


def test_scaling_makes_the_ink_box_larger_and_smaller_by_the_same_factor(images):
    larger = ink_geometry(augment(images, Fixed(), scale=0.2))
    plain = ink_geometry(images)
    assert np.mean(larger.height / plain.height) == pytest.approx(1.2, abs=0.08)


def test_strokes_get_thicker_and_thinner_and_never_leave_their_neighbourhood(images):
    ink = images.sum(axis=(1, 2), dtype=float)
    changed = augment(images, rng(), stroke=1.0).sum(axis=(1, 2), dtype=float)
    assert (changed > 1.1 * ink).mean() > 0.25
    assert (changed < 0.9 * ink).mean() > 0.25
    assert (augment(images, Fixed(), stroke=1.0) >= images).all()


def test_an_elastic_warp_is_as_large_as_it_is_set_and_smooth():
    from mnist_study.images.warping import smooth_field

    field = 1.5 * smooth_field(rng(), 2000, 28, 28)
    assert field.std() == pytest.approx(1.5, rel=0.05)
    assert np.abs(np.diff(field, axis=1)).mean() < 0.5


def test_a_uniform_image_stays_uniform_inside(images):
    flat = np.full((50, 28, 28), 200, np.uint8)
    inside = augment(flat, rng(), rotation=10, shift=1, elastic=0.5)[:, 8:20, 8:20]
    assert (inside == 200).all()


def test_a_stretched_digit_loses_height_or_width_and_never_both(images):
    plain = ink_geometry(images)
    stretched = ink_geometry(augment(images, rng(), stretch=0.8))
    height, width = stretched.height / plain.height, stretched.width / plain.width
    assert np.minimum(height, width).min() < 0.75
    assert np.mean(np.maximum(height, width) > 0.9) > 0.95


def test_a_coarse_scan_takes_detail_and_leaves_the_digit_where_it_is(images):
    coarse = augment(images, rng(), coarse=1.0)
    assert np.mean((coarse != images).any(axis=(1, 2))) > 0.99
    assert (coarse.max(axis=(1, 2)) > 60).all()
    moved = ink_geometry(coarse).centre_row - ink_geometry(images).centre_row
    assert np.abs(moved).max() < 1.5
    some = augment(images, rng(), coarse=0.25)
    assert np.mean((some != images).any(axis=(1, 2))) == pytest.approx(0.25, abs=0.08)


def test_prepared_digits_are_what_the_pad_would_show_before_they_are_moved(images):
    turned = augment(images, rng(), rotation=15, shear=0.2, stretch=0.5, prepared=True)
    geometry = ink_geometry(turned)
    assert (np.abs(np.maximum(geometry.height, geometry.width) - 20) <= 1).mean() > 0.98
    assert np.abs(geometry.centre_row - 14).max() < 0.6
    moved = ink_geometry(augment(images, rng(), shift=3.0, prepared=True))
    assert np.abs(moved.centre_row - 14).max() > 2


def test_only_a_share_is_changed(images):
    changed = augment(images, rng(), rotation=20, share=0.3)
    assert np.mean((changed != images).any(axis=(1, 2))) == pytest.approx(0.3, abs=0.1)


def test_parts_are_changed_each_by_itself_as_images_are(images):
    pairs = together(images, 2)
    ranges = {"shift": 2.0, "rotation": 10.0, "elastic": 0.5, "stroke": 0.5, "share": 0.7}
    changed = augment(pairs, np.random.default_rng(3), parts=2, **ranges)
    assert np.array_equal(changed, together(augment(images, np.random.default_rng(3), **ranges), 2))
