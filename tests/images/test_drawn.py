import numpy as np
import pytest

from mnist_study.images import drawn_digits, drawn_numbers, lettered_digits
from mnist_study.images.drawn import HELD_OUT, STYLES, _hurry, _parse, curve, draw
from mnist_study.images.strokes import divide


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("draw_digits", [drawn_digits, lettered_digits])
def test_all_classes_are_drawn_in_turn_and_the_same_generator_repeats_them(draw_digits):
    digits = draw_digits(200, rng())
    assert digits.images.shape == (200, 28, 28)
    assert digits.images.dtype == np.uint8
    assert np.bincount(digits.labels).tolist() == [20] * 10
    assert np.array_equal(digits.images, draw_digits(200, rng()).images)
    assert len({image.tobytes() for image in digits.images}) == 200
    assert len(draw_digits(0, rng())) == 0


@pytest.mark.parametrize("draw_digits", [drawn_digits, lettered_digits])
def test_every_image_looks_prepared_as_mnist_was(draw_digits):
    for image in draw_digits(200, rng(1)).images.astype(float):
        extents = [np.ptp(np.flatnonzero(image.any(axis=axis))) + 1 for axis in (0, 1)]
        assert max(extents) == 20
        for axis in (0, 1):
            assert abs(image.sum(axis=axis) @ np.arange(28) / image.sum() - 14) <= 0.51


def test_a_network_that_never_saw_them_reads_nearly_all_so_they_are_digits():
    import mnist_study as ms

    digits = drawn_digits(500, rng(2))
    assert np.mean(ms.load_model("cnn").predict(digits.images) == digits.labels) > 0.9


def test_acurve_passes_through_its_points_and_turns_sharply_only_at_corners():
    points, corners = _parse("0 0, 100 0 |, 100 100")[0]
    line = curve(points, corners)
    for point in points:
        assert np.abs(line - point).sum(axis=1).min() < 1e-12
    assert (line[: len(line) // 2, 1] == 0).all()  # the way to the corner is straight
    smooth = curve(points, [False] * 3)
    assert np.abs(smooth[: len(smooth) // 2, 1]).max() > 0.01


def test_every_digit_has_several_styles_and_each_is_drawn():
    assert sorted(STYLES) == list(range(10))
    assert all(len(styles) >= 5 for styles in STYLES.values())
    strokes = {digit: {len(draw(digit, rng(seed))) for seed in range(60)} for digit in (0, 1, 7)}
    assert all(counts == {1, 2} for counts in strokes.values())  # slashed 0, 1 with a base, crossed 7


def test_numbers_are_two_digits_beside_each_other_on_a_pad_twice_as_wide():
    drawings, labels = drawn_numbers(200, np.random.default_rng(1))
    assert labels.tolist() == [*range(100), *range(100)]
    again, _ = drawn_numbers(200, np.random.default_rng(1))
    assert all(map(np.array_equal, drawings[17], again[17]))
    for strokes in drawings:
        across = np.concatenate(strokes)[:, 0]
        assert abs(across.min() + across.max() - 560) < 1  # in the middle
    halves = [divide(strokes) for strokes in drawings]
    assert np.mean([len(left) > 0 and len(right) > 0 for left, right in halves]) > 0.95


def test_held_out_styles_are_drawn_only_when_asked_for_and_no_training_style_is_among_them():
    assert sorted(HELD_OUT) == list(range(10))
    assert not {style for styles in HELD_OUT.values() for style in styles} & {
        style for styles in STYLES.values() for style in styles
    }
    held_out = drawn_digits(50, rng(3), HELD_OUT)
    assert np.bincount(held_out.labels).tolist() == [5] * 10
    assert not np.array_equal(held_out.images, drawn_digits(50, rng(3)).images)


def test_a_fast_hand_leaves_the_stroke_near_where_it_was():
    line = curve(*_parse("0 0, 50 20, 100 100")[0])
    for seed in range(50):
        hurried = _hurry(line, rng(seed))
        assert len(hurried) >= 0.75 * len(line)
        apart = np.linalg.norm(hurried[:, None] - line[None], axis=2).min(axis=1)
        assert np.median(apart) < 0.03
        assert apart.max() < 0.4  # a hook
