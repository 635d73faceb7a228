"""Your own test set: what goes in comes out of both files, and no odd file gets in."""

import io
import json
import os
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_study.analysis import Accuracy
from mnist_study.data import MNIST, TWO_DIGIT, StudyError, Task
from mnist_study.drawing import OwnDigits
from mnist_study.drawing.hand import FORMATS, LARGEST
from mnist_study.images import rasterise
from mnist_study.models import PartByPart, load_model

LINE = [[60.0, 40.0], [150.0, 240.0]]
PAIR = [LINE, [[200.0, 30.0]], [[400.0, 40.0], [380.0, 240.0]]]


@pytest.fixture(scope="module")
def golden(root):
    drawings = json.loads((root / "tests" / "drawing" / "golden.json").read_text())
    return [drawing for drawing in drawings if drawing["label"] is not None]


@pytest.fixture
def own(golden):
    digits = OwnDigits()
    for drawing in golden[::4]:
        digits.add(drawing["strokes"], drawing["label"], drawing["pen"])
    digits.add([LINE, [[200, 30.12345]]], 1, 4)
    return digits


def same(one, other):
    assert len(one) == len(other)
    assert np.array_equal(one.digits.images, other.digits.images)
    assert one.digits.labels.tolist() == other.digits.labels.tolist()
    for left, right in zip(one.drawings, other.drawings, strict=True):
        assert left.pen == right.pen
        assert [line.tolist() for line in left.strokes] == [line.tolist() for line in right.strokes]


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_is_saved_is_loaded_again_to_the_last_point(own, tmp_path, suffix):
    path = tmp_path / f"mine{suffix}"
    own.save(path)
    same(OwnDigits.load(path), own)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_set_can_be_kept_too(suffix):
    assert len(OwnDigits.decode(f"mine{suffix}", OwnDigits().encode(suffix))) == 0


POINT = st.tuples(*[st.floats(-100, 400, allow_subnormal=False)] * 2)
STROKES = st.lists(st.lists(POINT, min_size=1, max_size=5), min_size=1, max_size=4)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(STROKES, st.integers(0, 9), st.floats(0.5, 8)), max_size=4))
def test_any_drawings_survive_both_files(drawings):
    digits = OwnDigits()
    for drawing in drawings:
        digits.add(*drawing)
    for suffix in FORMATS:
        same(OwnDigits.decode(f"mine{suffix}", digits.encode(suffix)), digits)


def test_the_digits_are_prepared_as_mnists_and_the_last_can_be_taken_out(own):
    digits = own.digits
    assert (digits.images.dtype, digits.labels.dtype) == (np.uint8, np.int64)
    assert digits.images.shape == (len(own), 28, 28)
    assert np.array_equal(digits.images[-1], rasterise([LINE, [[200, 30.123]]], 4))
    count = len(own)
    own.undo()
    assert len(own) == count - 1
    empty = OwnDigits()
    empty.undo()
    assert len(empty) == 0
    assert empty.digits.images.shape == (0, 28, 28)


def test_programs_find_images_and_labels_in_the_bundle_and_no_pickle(own):
    with np.load(io.BytesIO(own.encode(".npz")), allow_pickle=False) as bundle:
        assert np.array_equal(bundle["images"], own.digits.images)
        assert bundle["labels"].tolist() == own.digits.labels.tolist()


def test_people_find_one_digit_a_line_in_the_json_file(own):
    lines = own.encode(".json").decode().splitlines()
    assert len(lines) == len(own) + 2
    assert json.loads(lines[1].rstrip(","))["label"] == own.drawings[0].label


def test_a_network_that_reads_the_golden_digits_gets_their_count(own):
    result = own.accuracy(load_model("mlp"))
    assert isinstance(result, Accuracy)
    assert result.right + result.errors == result.total == len(own)
    assert result.fraction > 0.9
    assert 0 < result.wilson()[0] < result.fraction
    with pytest.raises(ValueError, match="no digit of your hand yet"):
        OwnDigits().accuracy(load_model("mlp"))


def test_a_network_that_gives_no_probabilities_of_ten_digits_is_not_scored(own):
    for shares in (np.full((len(own), 5), 0.2), np.full((len(own), 10), np.nan)):
        with pytest.raises(StudyError, match="predict_proba of a SimpleNamespace should give an array"):
            own.accuracy(SimpleNamespace(predict_proba=lambda _, shares=shares: shares))


@pytest.mark.parametrize(
    ("strokes", "label", "pen", "message"),
    [
        ([], 3, 2.6, "nothing is drawn"),
        ([[]], 3, 2.6, "nothing is drawn"),
        ([LINE], 10, 2.6, "the label 10 is no digit"),
        ([LINE], -1, 2.6, "the label -1 is no digit"),
        ([LINE], True, 2.6, "the label True is no digit"),
        ([LINE], 3.0, 2.6, "the label 3.0 is no digit"),
        ([LINE], None, 2.6, "the label None is no digit"),
        ([LINE], 3, 9, "the pen 9 is no width"),
        ([LINE], 3, float("nan"), "the pen nan is no width"),
        ([LINE], 3, "2.6", "the pen '2.6' is no width"),
        ([[[float("nan"), 1]]], 3, 2.6, "stroke 1: holds a coordinate that is NaN"),
        ([[[10**400, 1]]], 3, 2.6, "is no list of points"),
        ([[[1e300, 1]]], 3, 2.6, "a coordinate (beyond|is farther than 10000 units)"),
        ([[[1, 2, 3]]], 3, 2.6, "stroke 1: has shape"),
        ([np.zeros((5001, 2))], 3, 2.6, "more than 5000 points"),
        ("drawing", 3, 2.6, "stroke 1"),
    ],
)
def test_a_drawing_that_is_none_is_refused_and_nothing_is_kept(strokes, label, pen, message):
    digits = OwnDigits()
    with pytest.raises(ValueError, match=message):
        digits.add(strokes, label, pen)
    assert len(digits) == 0


def table(**changes):
    digit = {"label": 7, "pen": 2.6, "strokes": [LINE]} | changes.pop("digit", {})
    return json.dumps({"format": "mnist-study digits", "version": 1, "digits": [digit]} | changes).encode()


BAD_JSON = {
    b"": "Expecting value",
    b"\xff\xfe\x00": "utf-16|codec",
    b"[1, 2": "Expecting",
    b"[" * 100_000: "recursion",
    b"3": '"format" is not',
    b"{}": '"format" is not',
    b'{"format": "mnist-study digits"}': "'version' is missing",
    table(version=3): "its version is 3; this program reads versions 1 and 2",
    table(version=2): "'classes' is missing",
    table(version=2, classes=[]): '"classes" is no list of names',
    table(version=2, classes="0123456789"): '"classes" is no list of names',
    table(version=2, classes=[[0]] * 10): '"classes" is no list of names',
    table(digits=5): '"digits" is no list',
    table(digits=[{}]): "'strokes' is missing",
    table(digits=[[]]): "indices must be",
    table(digit={"label": 12}): "digit 1: the label 12 is no digit",
    table(digit={"label": "x" * 1000}): "digit 1: the label 'xxx",
    table(digit={"pen": None}): "digit 1: the pen None",
    table(digit={"strokes": [[[float("nan"), 3]]]}): "digit 1: stroke 1: holds a coordinate that is NaN",
    table(digit={"strokes": [[[10**400, 3]]]}): "digit 1: stroke 1: is no list of points",
    table(digit={"strokes": {"a": 1}}): "digit 1: stroke 1",
    b'{"format": "mnist-study digits", "version": ' + b"9" * 5000 + b"}": "digits",
}


@pytest.mark.parametrize(("content", "message"), BAD_JSON.items(), ids=range(len(BAD_JSON)))
def test_a_bad_json_file_gives_one_line_that_says_what_and_where(tmp_path, content, message):
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    refused(path, message)


def refused(path, message):
    with pytest.raises(StudyError, match=message) as caught:
        OwnDigits.load(path)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert len(line) < 400
    assert "export one from the pad" in line


def bundle(**changes):
    parts = {
        "version": np.int64(1),
        "images": np.zeros((1, 28, 28), np.uint8),
        "labels": np.array([7]),
        "pens": np.array([2.6]),
        "points": np.array(LINE),
        "points_per_stroke": np.array([2]),
        "strokes_per_digit": np.array([1]),
    } | changes
    file = io.BytesIO()
    np.savez_compressed(file, **{name: values for name, values in parts.items() if values is not None})
    return file.getvalue()


BAD_NPZ = {
    "nothing": (b"", "not a zip file"),
    "text": (b"PK but no zip", "not a zip file"),
    "cut": (bundle()[:-30], "zip"),
    "pickle": (bundle(labels=np.array([{}], dtype=object)), "no plain array"),
    "no points": (bundle(points=None), "'points"),
    "version": (bundle(version=np.int64(3)), "its version is 3"),
    "numbers for names": (bundle(version=np.int64(2), classes=np.arange(10)), '"classes" is no list of names'),
    "label": (bundle(labels=np.array([11])), "digit 1: the label 11"),
    "two labels": (bundle(labels=np.array([1, 2])), "one for each digit"),
    "NaN": (bundle(points=np.full((2, 2), np.nan)), "digit 1: stroke 1: holds a coordinate"),
    "too few points": (bundle(points_per_stroke=np.array([5])), "not as long together"),
    "negative": (bundle(points_per_stroke=np.array([3, -1])), "not as long together"),
    "floats": (bundle(points_per_stroke=np.array([2.0])), "not as long together"),
    "three dimensions": (bundle(points=np.zeros((2, 3))), "stroke 1: has shape"),
    "a bomb": (bundle(images=np.zeros(2 * LARGEST, np.uint8)), "unpacks to more than"),
}


@pytest.mark.parametrize(("content", "message"), BAD_NPZ.values(), ids=BAD_NPZ)
def test_a_bad_bundle_gives_one_line_that_says_what_and_where(tmp_path, content, message):
    path = tmp_path / "mine.npz"
    path.write_bytes(content)
    refused(path, message)


def test_a_file_that_is_too_large_is_not_even_read(tmp_path):
    path = tmp_path / "mine.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(StudyError, match="mine.json: has 8,388,609 bytes, more than 8,388,608"):
        OwnDigits.load(path)
    with pytest.raises(StudyError, match="is larger than 8,388,608 bytes, .* export one from the pad"):
        OwnDigits.decode("mine.npz", bytes(LARGEST + 1))


def test_paths_that_cannot_be_used_say_so_in_one_line(own, tmp_path):
    for path, message in (
        (tmp_path / "mine.txt", r"ends in none of \.npz, \.json; give it a name that does"),
        (tmp_path / "no" / "mine.json", "No such file or directory"),
        ("nul\0.json", "no possible path|cannot be"),
    ):
        with pytest.raises(StudyError, match=message):
            own.save(path)
        with pytest.raises(StudyError, match=message):
            OwnDigits.load(path)


def test_a_full_disk_leaves_the_file_that_was_there(own, tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    own.save(path)
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    own.undo()
    with pytest.raises(StudyError, match="cannot be written \\(No space left on device\\); name another"):
        own.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", FORMATS)
def test_labels_are_places_in_the_classes_of_the_task(suffix):
    letters = Task("letters", MNIST.shape, tuple("abcdefghijklmnopqrstuvwxyz"), MNIST.load)
    digits = OwnDigits(task=letters)
    digits.add([LINE], 25)
    with pytest.raises(ValueError, match="the label 26 is no digit, 0 to 25"):
        digits.add([LINE], 26)
    content = digits.encode(suffix)
    assert OwnDigits.decode(f"mine{suffix}", content, letters).digits.labels.tolist() == [25]
    with pytest.raises(StudyError, match="holds drawings of a to z, and 0 to 9 are wanted here"):
        OwnDigits.decode(f"mine{suffix}", content)


@pytest.fixture
def numbers():
    numbers = OwnDigits(task=TWO_DIGIT)
    numbers.add(PAIR, 71)
    numbers.add(PAIR, 7, 4.0)
    return numbers


def test_two_digits_are_drawn_each_by_itself_and_labelled_by_their_number(numbers):
    digits = numbers.digits
    assert digits.images.shape == (2, 28, 56)
    assert np.array_equal(digits.images[1], rasterise(PAIR, 4.0, stage="apart", digits=2))
    assert digits.labels.tolist() == [71, 7]
    with pytest.raises(ValueError, match="the label 100 is no number, 0 to 99"):
        numbers.add(PAIR, 100)
    assert numbers.accuracy(PartByPart(load_model("mlp"))).total == 2


@pytest.mark.parametrize("suffix", FORMATS)
def test_drawings_of_two_digits_survive_both_files_and_are_never_taken_for_one(numbers, own, suffix):
    content = numbers.encode(suffix)
    same(OwnDigits.decode(f"mine{suffix}", content, TWO_DIGIT), numbers)
    with pytest.raises(StudyError, match=rf"^mine{suffix}: holds drawings of 00 to 99, and 0 to 9 are wanted here"):
        OwnDigits.decode(f"mine{suffix}", content)
    with pytest.raises(StudyError, match="holds drawings of 0 to 9, and 00 to 99 are wanted here; load it where"):
        OwnDigits.decode(f"mine{suffix}", own.encode(suffix), TWO_DIGIT)
    with pytest.raises(ValueError, match="drawings of mnist cannot be added to those of two_digit"):
        numbers.extend(own)


@pytest.mark.parametrize("make", [table, bundle], ids=[".json", ".npz"])
def test_a_file_of_version_1_holds_single_digits(make, request):
    name = f"mine{request.node.callspec.id}"
    assert OwnDigits.decode(name, make()).digits.labels.tolist() == [7]
    with pytest.raises(StudyError, match="holds drawings of 0 to 9"):
        OwnDigits.decode(name, make(), TWO_DIGIT)


def test_sets_can_be_put_together(own):
    count = len(own)
    own.extend(OwnDigits.decode("mine.json", own.encode(".json")))
    assert len(own) == 2 * count
    assert np.array_equal(own.digits.images[:count], own.digits.images[count:])
