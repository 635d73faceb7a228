import base64
import json
import re
from html import unescape

import numpy as np
import pytest

import mnist_study as ms
from mnist_study.analysis import Accuracy
from mnist_study.data import Digits, StudyError
from mnist_study.drawing import drag_a_digit
from mnist_study.drawing.tasks import MODELS
from mnist_study.images import CHANGES


def curve(errors_at):
    """A curve of each change, ``errors_at(name, place)`` of 200 at the place of each amount."""
    return {
        name: tuple(Accuracy(errors_at(name, place), 200) for place in range(len(rule.amounts)))
        for name, rule in CHANGES.items()
    }


RISING = curve(lambda name, place: 10 * place + ("i" in name))  # 0.5 % less where there is an i in its name


@pytest.fixture(scope="module")
def some(mnist):
    return mnist.test[:300]


@pytest.fixture(scope="module")
def said(some):
    html = drag_a_digit(some, {"mine": RISING, "yours": curve(lambda name, place: 0)})._repr_html_()
    return {name: unescape(value) for name, value in re.findall(r'data-(\w+)="([^"]*)"', html)}


@pytest.fixture(scope="module")
def properties(said):
    return {one["name"]: one for one in json.loads(said["said"])["properties"]}


def test_the_page_gets_the_first_digit_of_each_class_that_all_its_networks_read(some, said):
    images = np.frombuffer(base64.b64decode(said["images"]), np.uint8).reshape(10, 28, 28)
    assert said["labels"] == "0,1,2,3,4,5,6,7,8,9"
    places = [int(np.flatnonzero((some.images == image).all(axis=(1, 2)))[0]) for image in images]
    assert (some.labels[places] == np.arange(10)).all()
    read = np.array([ms.load_model(name).predict(some.images) == some.labels for name in MODELS[1]]).all(axis=0)
    for label, place in enumerate(places):
        assert read[place]
        assert not read[:place][some.labels[:place] == label].any()


def test_a_curve_goes_from_the_most_downwards_over_nothing_to_the_most_upwards(properties):
    blur, stroke = properties["blur"], properties["stroke"]
    assert blur["amounts"] == [0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert blur["curves"]["mine"] == [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7]
    assert stroke["amounts"] == [-1, -0.75, -0.5, -0.25, 0, 0.5, 1, 1.5, 2, 3]
    assert stroke["curves"]["mine"] == [0.795, 0.845, 0.895, 0.945, 0.995, 0.945, 0.895, 0.845, 0.795, 0.745]
    assert stroke["curves"]["yours"] == [1] * 10


@pytest.mark.parametrize("name", ["shift", "rotation"])
def test_what_was_tried_to_both_sides_at_random_is_the_same_on_both(properties, name):
    amounts, shares = properties[name]["amounts"], properties[name]["curves"]["mine"]
    assert amounts == [-amount for amount in reversed(amounts)]
    assert shares == shares[::-1]
    assert amounts == sorted(amounts)
    assert amounts[-1] == CHANGES[name].amounts[-1]


def test_every_amount_that_was_measured_can_be_set_or_lies_between_two_steps_at_most(properties):
    for one in properties.values():
        for slider in one["sliders"]:
            steps = np.subtract(one["amounts"], one["amounts"][0]) / slider["step"]
            np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)


def test_who_has_no_script_reads_a_sentence(some):
    html = drag_a_digit(some, {"mine": RISING})._repr_html_()
    assert re.fullmatch(r'<div class="mnist-changes"[^>]*><p>[^<>]+\.</p></div>', html)


@pytest.mark.parametrize(
    ("digits", "curves", "line"),
    [
        (Digits(np.zeros((1, 28, 56), np.uint8), np.zeros(1, int)), {"mine": RISING}, r"28 × 28 pixels; these are"),
        (Digits(np.zeros((2, 28, 28), np.uint8), np.arange(2)), {"mine": RISING}, r"no digit of class \d is read by"),
        (Digits(np.zeros((1, 28, 28), np.uint8), np.zeros(1, int)), {}, "no curve of any network"),
    ],
    ids=["two digits", "blank", "no curves"],
)
def test_what_the_page_cannot_show_is_refused_in_one_line(digits, curves, line):
    with pytest.raises(StudyError, match=line):
        drag_a_digit(digits, curves)
