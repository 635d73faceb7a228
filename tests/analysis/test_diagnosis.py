import numpy as np
import pytest

from mnist_study.analysis import Measure, diagnose
from mnist_study.analysis.diagnosis import MEASURES, measure, reference
from mnist_study.data import MNIST, Digits, Task
from mnist_study.images import rasterise


class Bars:
    """Splits of a task of its own: 4 x 10 pixels, a hundred training digits each with bars of 1, 2, 3 and 4 pixels."""

    train = Digits(np.zeros((400, 4, 10), np.uint8), np.arange(400) % 4)


for image, label in zip(Bars.train.images, Bars.train.labels, strict=True):
    image[2, : label + 1] = 255
WIDE = Task("wide", (4, 10), ("1", "2", "3", "4"), load=Bars)


def test_measures_are_those_of_a_picture_counted_by_hand():
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 10:15] = 255
    image[4:14, 10:15] = 51
    found = diagnose(image)
    assert list(found) == list(MEASURES)
    assert found["ink"].value == 255 * 50 + 51 * 50
    assert found["stroke_density"].value == pytest.approx(60 / 100)
    assert (found["height"].value, found["width"].value) == (20, 5)
    assert found["area_ratio"].value == pytest.approx(100 / 784)
    row = (8.5 * 10 + 18.5 * 50) / 60
    assert found["centre_offset"].value == pytest.approx(np.hypot(row - 14, 12 - 14))


def test_a_percentile_is_the_share_of_training_digits_with_less(mnist):
    images = mnist.train.images
    values = measure(images)
    for image in images[:20]:
        for name, found in diagnose(image).items():
            less, equal = (np.mean(compare(values[name], found.value)) for compare in (np.less, np.equal))
            assert found.percentile == pytest.approx(100 * (less + equal / 2), abs=0.5), name


def test_a_typical_digit_is_not_unusual_and_a_faint_corner_is(mnist):
    assert np.mean([m.unusual for image in mnist.validation.images[:200] for m in diagnose(image).values()]) < 0.1
    corner = diagnose(rasterise([[[5, 5], [40, 60]]], 0.5, stage="raw"))
    assert corner["ink"].unusual
    assert corner["centre_offset"].unusual
    assert "ink" in str(corner["ink"])
    assert str(corner["ink"]).endswith("less than all of them, unusual")
    assert Measure("ink", 1.0, "grey values", 0.5).compared == "less than 99.5 % of them"
    assert "more than" in str(corner["centre_offset"])
    assert Measure("ink", 1.0, "grey values", 100.0).compared == "more than all of them"
    assert Measure("ink", 1.0, "grey values", 46.4).compared == "less than 54 % of them"


def test_an_empty_image_and_one_of_another_size_are_refused():
    with pytest.raises(ValueError, match="no ink"):
        diagnose(np.zeros((28, 28), np.uint8))
    with pytest.raises(ValueError, match=r"\(28, 28\); this one is \(280, 280\)"):
        diagnose(np.ones((280, 280), np.uint8))
    with pytest.raises(ValueError, match="uint8, 0 to 255; these are float64"):
        diagnose(np.full((28, 28), 0.5))


def test_the_middle_and_the_area_are_those_of_the_tasks_image():
    image = np.zeros((4, 10), np.uint8)
    image[2, 5] = 255
    found = diagnose(image, WIDE)
    assert found["centre_offset"].value == 0
    assert found["area_ratio"].value == 1 / 40
    image[2, 5], image[1, 8] = 0, 255
    assert diagnose(image, WIDE)["centre_offset"].value == pytest.approx(np.hypot(1, 3))
    with pytest.raises(ValueError, match=r"an image is \(4, 10\); this one is \(28, 28\)"):
        diagnose(np.ones((28, 28), np.uint8), WIDE)


def test_a_drawing_is_compared_with_the_digits_of_its_own_task():
    """Of four bars three are shorter than 4 pixels, and one is as long, which counts half: 3.5 of 4."""
    found = diagnose(WIDE.load().train.images[3], WIDE)
    assert found["width"].percentile == pytest.approx(87.5, abs=0.5)
    assert found["height"].percentile == 50
    assert reference(WIDE)["width"][[0, -1]].tolist() == [1, 4]


def test_the_digits_of_a_task_are_measured_once():
    assert reference() is reference(MNIST)


@pytest.mark.parametrize(
    ("percentile", "unusual"), [(0, True), (2.49, True), (2.5, False), (50, False), (97.5, False), (97.51, True)]
)
def test_two_and_a_half_percent_at_either_end_are_unusual(percentile, unusual):
    assert Measure("ink", 1.0, "grey values", percentile).unusual == unusual


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (0.0, "less than all of them"),
        (1.0, "less than 99 % of them"),
        (49.9, "less than 50 % of them"),
        (50.0, "more than 50 % of them"),
        (99.0, "more than 99 % of them"),
        (99.1, "more than 99.1 % of them"),
        (99.9, "more than 99.9 % of them"),
    ],
)
def test_a_measure_is_put_beside_the_digits_in_words(percentile, words):
    assert Measure("ink", 1.0, "grey values", percentile).compared == words


@pytest.mark.parametrize(
    ("value", "amount"), [(99.94, "99.9 pixels"), (100.0, "100 pixels"), (12345.6, "12 346 pixels")]
)
def test_a_large_amount_is_a_whole_number(value, amount):
    assert Measure("height", value, "pixels", 50).amount == amount
