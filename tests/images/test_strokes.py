import json
from itertools import pairwise

import numpy as np
import pytest

from mnist_study.images import rasterise
from mnist_study.images.strokes import PEN, SPACING, _segments, divide

CIRCLE = np.stack([140 + 80 * np.cos(t := np.linspace(0, 2 * np.pi, 80)), 140 + 80 * np.sin(t)], axis=1)


@pytest.fixture(scope="module")
def golden(root):
    return json.loads((root / "tests" / "drawing" / "golden.json").read_text())


def brute_force(strokes, pen, side):
    """Coverage of each pixel, straight from the definition: the distance to densely sampled points of the line."""
    points = []
    for stroke in strokes:
        stroke = np.asarray(stroke, float)
        points.append(stroke[:1])
        for start, end in pairwise(stroke):
            points.append(start + np.linspace(0, 1, 400)[:, None] * (end - start))
    points = np.concatenate(points)
    centres = np.stack(np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5), axis=-1)
    distance = np.sqrt(((centres[:, :, None] - points) ** 2).sum(axis=-1).min(axis=-1))
    return 255 * np.clip(0.5 + pen / 2 - distance, 0, 1)


def test_a_pixel_is_as_bright_as_the_pen_covers_it():
    strokes = [[[40, 60], [120, 80], [90, 200]], [[200, 230]]]
    image = rasterise(strokes, 3.0, stage="raw")
    expected = brute_force([np.array(stroke) / 10 for stroke in strokes], 3.0, 28)
    assert np.abs(image - expected).max() <= 1


def test_a_drawing_is_scaled_so_that_ink_and_pen_fill_twenty_pixels_exactly(golden):
    for drawing in golden[:40]:
        for pen in (1.0, PEN, 5.0):
            inked = rasterise(drawing["strokes"], pen) > 0
            assert max(np.ptp(np.flatnonzero(inked.any(axis=axis))) + 1 for axis in (0, 1)) == 20


def test_place_size_and_unit_of_a_drawing_do_not_matter():
    image = rasterise([CIRCLE])
    for other in (CIRCLE + 500, CIRCLE * 0.01 - 3, CIRCLE[::-1]):
        assert np.abs(rasterise([other]).astype(int) - image).max() <= 1


def test_the_centre_of_mass_comes_to_the_middle(golden):
    for drawing in golden[:40]:
        image = rasterise(drawing["strokes"]).astype(float)
        for axis in (0, 1):
            centre = image.sum(axis=axis) @ np.arange(28) / image.sum()
            assert abs(centre - 14) <= 0.51


def test_raw_shows_the_pad_as_it_is_and_cropped_the_box_in_the_middle():
    corner = rasterise([CIRCLE * 0.3], stage="raw")
    assert corner[:, 14:].sum() == 0
    assert corner.any()
    hook = [[[100, 20], [100, 250], [180, 250]]]
    cropped, centred = (rasterise(hook, stage=stage) for stage in ("cropped", "centred"))
    columns = np.flatnonzero(cropped.any(axis=0))
    assert abs((columns[0] + columns[-1]) / 2 - 13.5) <= 0.5
    assert not np.array_equal(cropped, centred)


def test_a_wider_pen_leaves_more_ink():
    ink = [rasterise([CIRCLE], pen).sum(dtype=int) for pen in (0.5, 1, 2, 4, 8)]
    assert ink == sorted(set(ink))


@pytest.mark.parametrize("strokes", [[], [[]], [np.zeros((0, 2))]])
def test_nothing_drawn_is_an_empty_image(strokes):
    assert not rasterise(strokes).any()


def test_a_dot_is_as_large_as_the_pen_and_in_the_middle():
    for dot in ([[[20, 250]]], [[[5, 5], [5, 5]]]):
        image = rasterise(dot, 4.0)
        assert image[14, 14] == 255
        assert image.sum() / 255 == pytest.approx(np.pi * 2**2, rel=0.1)


def test_a_drawing_too_small_to_be_enlarged_is_a_dot():
    assert np.array_equal(rasterise([[[0, 0], [1e-320, 0]]]), rasterise([[[0, 0]]]))


def test_crowded_points_are_thinned_and_the_ends_kept():
    line = np.stack([np.linspace(0, 10, 5001), np.zeros(5001)], axis=1)
    starts, ends = _segments(line)
    assert len(starts) <= 10 / SPACING + 2
    assert (starts[0] == line[0]).all()
    assert (ends[-1] == line[-1]).all()


@pytest.mark.parametrize(
    ("strokes", "options", "message"),
    [
        ([[[1, np.nan]]], {}, "stroke 1: holds a coordinate that is NaN"),
        ([[[1, 2]], [[1, 2, 3]]], {}, r"stroke 2: has shape \(1, 3\)"),
        ([[1, 2]], {}, "stroke 1: has shape"),
        ([["a"]], {}, "stroke 1: is no list of points"),
        ([[["1", "2"]]], {}, "stroke 1: is no list of points"),
        ([[[1j, 2]]], {}, "stroke 1: is no list of points"),
        ([[[1, 2], [3]]], {}, "stroke 1: is no list of points"),
        ([[[10**400, 0]]], {}, "stroke 1: is no list of points"),
        ([[[0, 0], [1e300, 0]]], {}, "stroke 1: holds a coordinate beyond"),
        ([[[1, 2]]], {"pen": None}, "pen: None"),
        ([[[1, 2]]], {"canvas": "a"}, "canvas: a"),
        (7, {}, "strokes: a list of strokes"),
        ([[[1, 2]]], {"pen": 0}, "pen: 0 pixels is not between"),
        ([[[1, 2]]], {"pen": np.nan}, "pen: nan"),
        ([[[1, 2]]], {"canvas": 0}, "canvas: 0"),
        ([[[1, 2]]], {"stage": "none"}, "stage: 'none' is none of raw, cropped, centred"),
    ],
)
def test_what_is_no_drawing_is_refused_in_one_line(strokes, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        rasterise(strokes, **options)
    assert "\n" not in str(caught.value)


# Two digits

LEFT_4 = [[[60, 60], [50, 140], [120, 145]], [[100, 70], [95, 220]]]
RIGHT_1 = [[[150, 60], [150, 220]]]


@pytest.mark.parametrize(
    ("strokes", "cut"),
    [
        ([*LEFT_4, *RIGHT_1], ([0, 1], [2])),
        ([*RIGHT_1, *LEFT_4], ([1, 2], [0])),  # the right one drawn first
        ([LEFT_4[0], *RIGHT_1, LEFT_4[1]], ([0, 2], [1])),  # a bar drawn last
        ([[[0, 0], [60, 90]], [[52, 0], [140, 90]]], ([0], [1])),  # they overlap by less than a bar crosses its digit
        (LEFT_4, ([0, 1], [])),  # only one digit, on the left
        ([[[x + 300, y] for x, y in line] for line in LEFT_4], ([], [0, 1])),
        ([[[10, 10]], [[500, 10]]], ([0], [1])),  # dots
        ([[[10, 10], [500, 200]]], ([0], [])),  # one stroke is not cut
    ],
)
def test_a_number_is_cut_between_strokes_where_the_gap_is_widest(strokes, cut):
    lines = [np.array(stroke, float) for stroke in strokes]
    found = divide(lines)
    assert [[next(n for n, line in enumerate(lines) if line is one) for one in part] for part in found] == list(cut)


def test_digits_cut_apart_are_each_prepared_as_a_digit_alone():
    image = rasterise([*LEFT_4, *RIGHT_1], 3.0, stage="apart", digits=2)
    assert image.shape == (28, 56)
    assert np.array_equal(image[:, :28], rasterise(LEFT_4, 3.0))
    assert np.array_equal(image[:, 28:], rasterise(RIGHT_1, 3.0))
    alone = rasterise(LEFT_4, stage="apart", digits=2)
    assert not alone[:, 28:].any()
    assert np.array_equal(alone[:, :28], rasterise(LEFT_4))


def test_digits_scaled_alike_fit_into_their_box_and_keep_their_proportions():
    low = rasterise([[[0, 0], [400, 0]], [[0, 40], [400, 40]]], 2.0, stage="cropped", digits=2) > 0
    high = rasterise([*LEFT_4, *RIGHT_1], 2.0, stage="cropped", digits=2) > 0
    extents = [[np.ptp(np.flatnonzero(image.any(axis=axis))) + 1 for axis in (1, 0)] for image in (low, high)]
    assert extents[0][1] == 48  # 20 and another 28 pixels
    assert extents[1][0] == 20
    assert abs(extents[1][1] - (2 + 18 * 100 / 160)) <= 1  # as wide as it was drawn
    for stage in ("cropped", "centred"):
        image = rasterise([*LEFT_4, *RIGHT_1], stage=stage, digits=2).astype(float)
        columns = image.sum(axis=0)
        middle = columns @ np.arange(56) / columns.sum() if stage == "centred" else np.flatnonzero(columns).mean()
        assert abs(middle - (28 if stage == "centred" else 27.5)) <= 0.51


def test_raw_shows_the_whole_of_a_pad_twice_as_wide():
    strokes = [[[40, 60], [300, 80]], [[520, 230]]]
    image = rasterise(strokes, 3.0, stage="raw", digits=2)
    expected = brute_force([np.array(stroke) / 10 for stroke in strokes], 3.0, 56)[:28]
    assert np.abs(image - expected).max() <= 1


def test_one_digit_is_not_cut_apart():
    with pytest.raises(ValueError, match="stage: 'apart' is none of raw, cropped, centred$"):
        rasterise(LEFT_4, stage="apart")
