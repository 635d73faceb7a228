import numpy as np
import pytest

from mnist_study.images import augment
from mnist_study.images.dirt import DIRT, soil


@pytest.fixture(scope="module")
def images(mnist):
    return mnist.train.images[:400]


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_share_of_the_images_becomes_dirty_and_the_others_stay_to_the_bit(images):
    dirty = soil(images, rng(), 0.5)
    assert (dirty.dtype, dirty.shape) == (np.uint8, images.shape)
    changed = (dirty != images).any(axis=(1, 2)).mean()
    assert 0.5 * (1 - 0.75 ** len(DIRT)) == pytest.approx(changed, abs=0.08)
    assert np.array_equal(soil(images, rng(), 0), images)


def test_the_same_generator_makes_the_same_dirt(images):
    assert np.array_equal(soil(images, rng(3), 0.5), soil(images, rng(3), 0.5))
    assert not np.array_equal(soil(images, rng(3), 0.5), soil(images, rng(4), 0.5))


@pytest.mark.parametrize("kind", DIRT)
def test_each_kind_changes_each_image_in_its_own_way_and_leaves_the_batch_as_it_was(kind, images):
    same = np.repeat(images[:1], 30, axis=0).astype(np.float32) / 255
    before = same.copy()
    changed = np.clip(kind(same, rng()), 0, 1)
    assert np.array_equal(same, before)
    assert changed.shape == same.shape
    if kind.__name__ != "_hollow":  # which draws nothing
        assert len({each.tobytes() for each in changed}) > 20


@pytest.mark.parametrize("kind", DIRT)
def test_a_network_that_never_saw_dirt_reads_far_more_of_it_than_it_would_by_guessing(kind, mnist):
    import mnist_study as ms

    test = mnist.test[:300]
    dirty = np.rint(255 * np.clip(kind(test.images.astype(np.float32) / 255, rng(1)), 0, 1)).astype(np.uint8)
    read = np.mean(ms.load_model("cnn_hand").predict(dirty) == test.labels)
    assert read > 0.3


def test_there_may_be_no_image(images):
    assert soil(images[:0], rng(), 1.0).shape == (0, 28, 28)
    assert augment(images[:1], rng(), dirt=1.0).shape == (1, 28, 28)
    assert soil(np.zeros((3, 28, 56), np.uint8), rng(), 1.0).shape == (3, 28, 56)
