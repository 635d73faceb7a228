import numpy as np
import pytest

from mnist_study.analysis.diagnosis import MEASURES, measure
from mnist_study.drawing import Measure, diagnose
from mnist_study.images import rasterise

LINE = [[[140, 20], [140, 250]]]


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
    with pytest.raises(ValueError, match="uint8, 0 to 255; this one is float64"):
        diagnose(np.full((28, 28), 0.5))
