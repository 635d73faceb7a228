"""MNIST-100: every number equally often, every half a digit of its own split, the same pairs on every machine."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

import mnist_study as ms
from mnist_study.data import TASKS, TWO_DIGIT, Digits, TwoDigit, find_task, load_two_digit
from mnist_study.data.two_digit import COUNTS, GAPS, loosely, pair_indices
from mnist_study.training import load_config, train

# SHA-256 of images and labels of each split: the pairs are these for good
CHECKSUMS = {
    ("train", False): "da70fcd96859b313",
    ("validation", False): "9ebc97593eb29659",
    ("test", False): "906c1dc8b591f029",
    ("test", True): "72e0f8acbc70e7c4",
}


@pytest.fixture(scope="module")
def pairs(mnist):
    return TwoDigit(mnist)


@pytest.mark.parametrize(("split", "loose"), CHECKSUMS)
def test_the_pairs_are_the_same_for_good(mnist, split, loose):
    digits = getattr(TwoDigit(mnist, loose), split)
    digest = hashlib.sha256(digits.images.tobytes() + digits.labels.tobytes()).hexdigest()
    assert digest.startswith(CHECKSUMS[split, loose])


@pytest.mark.parametrize("split", COUNTS)
def test_every_number_comes_equally_often_and_every_digit_nearly_so(pairs, mnist, split):
    digits, single = getattr(pairs, split), getattr(mnist, split)
    assert digits.images.shape == (COUNTS[split], 28, 56)
    assert np.bincount(digits.labels, minlength=100).tolist() == [COUNTS[split] // 100] * 100
    for side in pair_indices(single.labels, COUNTS[split]):
        for label in range(10):
            uses = np.bincount(side, minlength=len(single))[single.labels == label]
            assert uses.max() - uses.min() <= 1


def test_a_count_that_does_not_go_even_is_even_within_one(mnist):
    left, right = pair_indices(mnist.test.labels, 1234)
    uses = np.bincount(mnist.test.labels[left] * 10 + mnist.test.labels[right], minlength=100)
    assert (uses.min(), uses.max()) == (12, 13)


@pytest.mark.parametrize("split", COUNTS)
def test_each_half_is_a_digit_of_the_same_split_and_of_its_label(pairs, mnist, split):
    digits, single = getattr(pairs, split), getattr(mnist, split)
    known = {image.tobytes(): int(label) for image, label in zip(single.images, single.labels, strict=True)}
    for image, label in zip(digits.images[:3000], digits.labels[:3000], strict=True):
        assert [known[image[:, :28].tobytes()], known[image[:, 28:].tobytes()]] == list(divmod(int(label), 10))


def test_loose_digits_have_the_gap_and_the_height_that_they_were_given():
    left, right = np.zeros((2, 1, 28, 28), np.uint8)
    left[0, 4:24, 6:14], right[0, 10:20, 8:20] = 100, 200
    for gap in (-4, -1, 0, 5):
        image = loosely(left, right, [gap], [2], [-3])[0]
        columns = [np.flatnonzero((image == value).any(axis=0)) for value in (100, 200)]
        rows = [np.flatnonzero((image == value).any(axis=1)) for value in (100, 200)]
        assert columns[1][0] - (columns[0][0] + 8) == gap
        assert (rows[0][0], rows[0][-1], rows[1][0]) == (6, 25, 7)
        assert abs((columns[0][0] + columns[1][-1]) / 2 - 27.5) <= 0.5  # in the middle
        assert image.sum() >= 200 * 120  # the darker ink is whole
    low = loosely(left, right, [0], [30], [-30])[0]
    assert low[8:, :].any()
    assert (low == 100).sum() == 160  # no ink leaves the picture


def test_loose_pairs_touch_overlap_and_stand_apart_and_lose_no_ink(mnist):
    plain, loose = TwoDigit(mnist).test, TwoDigit(mnist, loose=True).test
    assert np.array_equal(plain.labels, loose.labels)
    whole = plain.images.reshape(10_000, -1).sum(axis=1, dtype=int)
    kept = loose.images.reshape(10_000, -1).sum(axis=1, dtype=int)
    assert (kept <= whole).all()  # where two overlap, the darker ink shows
    assert (kept > 0.75 * whole).all()
    assert 0.5 < (kept == whole).mean() < 0.95
    assert GAPS == (-4, 8)


def test_the_two_tasks_are_known_by_name_and_a_config_may_name_them(tmp_path):
    assert find_task("two_digit") is TWO_DIGIT
    assert (TWO_DIGIT.shape, len(TWO_DIGIT.classes), TWO_DIGIT.classes[7]) == ((28, 56), 100, "07")
    assert TASKS["two_digit_loose"].load().loose
    assert isinstance(ms.load_two_digit().test, Digits)
    assert load_two_digit(loose=True).loose
    small = ["task=two_digit", "data.train_size=300", "training.epochs=1", "model.hidden=[8]"]
    run = train(load_config("mlp", [*small, "logging.tensorboard=false", "logging.progress=false"]), tmp_path)
    assert run.model.logits(np.zeros((2, 28, 56), np.uint8)).shape == (2, 100)


@pytest.mark.parametrize("loose", [False, True])
def test_pairs_drawn_anew_are_others_of_the_same_digits_and_as_even(mnist, loose):
    splits = TwoDigit(SimpleNamespace(train=mnist.train[:3000]), loose)
    first, second, again = (splits.redrawn(np.random.default_rng([0, epoch])) for epoch in (1, 2, 1))
    assert np.array_equal(first.images, again.images)
    assert (first.images != second.images).any(axis=(1, 2)).mean() > 0.99
    assert np.bincount(second.labels, minlength=100).tolist() == [480] * 100
