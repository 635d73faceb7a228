"""The atlas and the quiz as HTML: every misread digit is in it once, with what each network says, and its picture."""

import base64
import io
import json
import re
from html import unescape

import numpy as np
import pytest
from PIL import Image

from mnist_study.analysis import nearest
from mnist_study.data import REJECTED, Rated
from mnist_study.drawing import atlas, quiz


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test[:60]


@pytest.fixture(scope="module")
def probabilities(digits):
    """Two made-up networks: one misreads every third digit, the other every fifth, as the next class."""
    found = {}
    for name, every, sure in (("thirds", 3, 0.75), ("fifths", 5, 0.6)):
        answers = np.where(np.arange(60) % every, digits.labels, (digits.labels + 1) % 10)
        found[name] = np.where(np.eye(10, dtype=bool)[answers], sure, (1 - sure) / 9)
    return found


def content(page):
    """What a piece of HTML carries for its script."""
    (given,) = re.findall(r' data-content="([^"]+)"', page._repr_html_())
    return json.loads(unescape(given))


def pictures(given, count):
    """The pictures of a sheet, uint8 ``(count, 28, 28)``, ink bright again."""
    with Image.open(io.BytesIO(base64.b64decode(given["sheet"]))) as sheet:
        grey = 255 - np.asarray(sheet.convert("L"))
    return np.array([grey[28 * (n // 32) :, 28 * (n % 32) :][:28, :28] for n in range(count)])


def test_every_digit_that_some_network_misreads_is_there_with_all_answers(digits, probabilities, mnist):
    given = content(atlas(digits, probabilities, mnist.train[:500], rated=()))
    wrong = [n for n in range(60) if n % 3 == 0 or n % 5 == 0]
    assert given["index"] == wrong
    assert given["labels"] == "".join(str(digits.labels[n]) for n in wrong)
    assert [network["name"] for network in given["networks"]] == ["thirds", "fifths"]
    for network, every, sure in zip(given["networks"], (3, 5), (750, 600), strict=True):
        expected = [digits.labels[n] if n % every else (digits.labels[n] + 1) % 10 for n in wrong]
        assert network["answers"] == "".join(map(str, expected))
        assert network["sure"] == [sure] * len(wrong)
    assert given["rated"] == {}


def test_its_pictures_are_the_digits_to_four_bits(digits, probabilities, mnist):
    given = content(atlas(digits, probabilities, mnist.train[:500]))
    shown = pictures(given, len(given["index"])).astype(int)
    assert np.abs(shown - digits.images[given["index"]]).max() <= 16
    assert (shown[digits.images[given["index"]] == 0] == 0).all()


def test_beside_each_digit_are_the_three_training_digits_that_are_nearest(digits, probabilities, mnist):
    training = mnist.train[:500]
    given = content(atlas(digits, probabilities, training))
    near, _ = nearest(digits.images[given["index"]], training.images, 3)
    shown = given["training"]
    assert np.array_equal(np.array(shown["index"])[np.array(given["near"])], near)
    assert shown["labels"] == "".join(str(training.labels[n]) for n in shown["index"])
    sheet = pictures(shown, len(shown["index"])).astype(int)
    assert np.abs(sheet - training.images[shown["index"]]).max() <= 16


def test_raters_votes_stand_at_the_digit_that_they_are_of(digits, probabilities, mnist):
    rated = (Rated(9, int(digits.labels[9]), 1, 0, 5, 0), Rated(7, 0, 1, 0, 5, 0))  # 7 is read rightly by both
    given = content(atlas(digits, probabilities, mnist.train[:500], rated))
    assert given["rated"] == {str(given["index"].index(9)): str(rated[0])}


def test_a_quiz_asks_the_digits_that_it_is_given_in_their_order(digits, probabilities):
    given = content(quiz(digits, np.array([30, 4, 9]), probabilities))
    assert given["index"] == [30, 4, 9]
    assert given["labels"] == "".join(str(digits.labels[n]) for n in (30, 4, 9))
    assert np.abs(pictures(given, 3).astype(int) - digits.images[[30, 4, 9]]).max() <= 16


def test_who_has_no_script_is_told_and_nothing_comes_from_elsewhere(digits, probabilities, mnist):
    for page in (atlas(digits, probabilities, mnist.train[:500]), quiz(digits, [1], probabilities)):
        html = page._repr_html_()
        assert "it needs JavaScript.</p>" in html
        assert html.count("<script>") == html.count("</script>") == 2
        assert not re.search(r"https?://|src=", html)


def test_nobody_misreads_anything_is_an_atlas_too(digits, mnist):
    right = np.eye(10)[digits.labels]
    given = content(atlas(digits, {"perfect": right}, mnist.train[:500]))
    assert given["index"] == given["near"] == given["training"]["index"] == []


def test_answers_to_other_digits_are_refused(digits, mnist):
    with pytest.raises(ValueError, match="short: answers"):
        atlas(digits, {"short": np.full((5, 10), 0.1)}, mnist.train[:500])


@pytest.mark.slow
def test_the_atlas_of_the_test_digits_weighs_less_than_700_kb(mnist):
    """With twelve networks, more errors than ours make, and hardly one of them shared."""
    rng = np.random.default_rng(0)
    found = {}
    for number in range(12):
        wrong = rng.choice(10_000, 745 if number == 0 else 30, replace=False)
        answers = mnist.test.labels.copy()
        answers[wrong] = (answers[wrong] + rng.integers(1, 10, len(wrong))) % 10
        found[f"network {number}"] = np.where(np.eye(10, dtype=bool)[answers], 0.91, 0.01)
    page = atlas(mnist.test, found, mnist.train)
    assert len(content(page)["index"]) > 1000
    assert len(page.html) < 700_000
    assert {str(rated) for rated in REJECTED} >= set(content(page)["rated"].values())
