import numpy as np
import pytest
from scipy.ndimage import rotate

from mnist_study.images import MNIST_C, mnist_c
from mnist_study.images.mnist_c import _plasma


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.test.images[:200]


def corrupted(images, name, seed=0):
    return mnist_c(images, name, np.random.default_rng(seed))


def test_there_are_the_fifteen_of_the_paper():
    assert len(MNIST_C) == 15


@pytest.mark.parametrize("name", MNIST_C)
def test_each_gives_pictures_of_the_same_shape_repeats_itself_and_keeps_what_it_was_given(name, images):
    before = images.copy()
    changed = corrupted(images, name)
    assert (changed.dtype, changed.shape) == (np.uint8, images.shape)
    assert (changed != images).any(axis=(1, 2)).all()
    assert np.array_equal(changed, corrupted(images, name))
    assert np.array_equal(images, before)
    assert corrupted(images[:0], name).shape == (0, 28, 28)


@pytest.mark.parametrize("name", MNIST_C)
@pytest.mark.parametrize("shape", [(28, 56), (40, 20)])
def test_images_of_any_shape_are_corrupted_from_edge_to_edge(name, shape):
    changed = corrupted(np.full((2, *shape), 100, np.uint8), name)
    assert (changed.dtype, changed.shape) == (np.uint8, (2, *shape))
    if name in ("dotted line", "zigzag"):
        lit = np.flatnonzero((changed > 100).any(axis=(0, 1)))
        assert lit.min() <= 2
        assert lit.max() >= shape[1] - 6


def test_fog_lies_on_images_larger_than_a_cloud():
    foggy = corrupted(np.zeros((2, 300, 270), np.uint8), "fog")
    assert (foggy.shape, foggy.max()) == ((2, 300, 270), pytest.approx(191, abs=20))
    assert foggy.std(axis=(1, 2)).min() > 5


@pytest.mark.parametrize("name", MNIST_C)
def test_whoever_never_saw_it_still_reads_more_than_by_guessing_most_of_the_time(name, mnist, images):
    import mnist_study as ms

    answers = {model: ms.load_model(model).predict(corrupted(images, name)) for model in ("mlp", "cnn_hand")}
    best = max(np.mean(each == mnist.test.labels[:200]) for each in answers.values())
    assert best > 0.3


def test_translation_is_by_three_whole_pixels_along_each_axis(images):
    moved = corrupted(images, "translate")
    for image, result in zip(images[:50], moved, strict=False):
        ways = [np.roll(np.pad(image, 4), (down, right), (0, 1))[4:-4, 4:-4] for down in (-3, 3) for right in (-3, 3)]
        assert any(np.array_equal(result, way) for way in ways)


def test_rotation_is_scipys(images):
    turned = corrupted(images, "rotate").astype(float)
    for image, result in zip(images[:20].astype(float), turned, strict=False):
        ways = [rotate(image, angle, reshape=False, order=1) for angle in np.degrees((-0.4, 0.4))]
        assert min(np.abs(result - way).mean() for way in ways) < 1


def test_brightness_stripes_and_salt_are_what_they_say(images):
    assert corrupted(images, "brightness").min() == 128  # half of 255, rounded to even
    striped = corrupted(images, "stripe")
    assert np.array_equal(striped[:, :, 7:21], images[:, :, 7:21])
    assert np.array_equal(striped[:, :, :7], 255 - images[:, :, :7])
    paper = corrupted(np.zeros((100, 28, 28), np.uint8), "impulse noise")
    assert set(np.unique(paper)) == {0, 255}
    assert (paper == 255).mean() == pytest.approx(0.17 / 2, abs=0.01)


def test_lines_cross_the_picture_where_they_should(images):
    paper = np.zeros((50, 28, 28), np.uint8)
    dotted, zigzag = (corrupted(paper, name).max(axis=1) for name in ("dotted line", "zigzag"))
    assert not dotted[:, np.arange(28) % 4 < 2].any()
    assert (dotted[:, np.arange(28) % 4 >= 2] > 0).all()
    assert not zigzag[:, [0, 1, 25, 26, 27]].any()
    assert (zigzag[:, 2:25] > 0).mean() > 0.85  # some of it lies outside


def test_glass_moves_grey_about_and_loses_little_of_it(images):
    ink = images.sum(axis=(1, 2), dtype=float)
    assert corrupted(images, "glass blur").sum(axis=(1, 2), dtype=float) / ink == pytest.approx(1, abs=0.1)


def test_a_cloud_fills_its_range_and_is_smooth():
    cloud = _plasma(np.random.default_rng(0))
    assert (cloud.min(), cloud.max()) == (0, 1)
    neighbours = np.abs(np.diff(cloud, axis=0)).mean(), np.abs(np.diff(cloud, axis=1)).mean()
    assert max(neighbours) < 0.1 * cloud.std() * 3
    assert neighbours[0] == pytest.approx(neighbours[1], rel=0.2)
