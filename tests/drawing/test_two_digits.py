"""The pad for two digits without a browser: what it draws, what it shows of a hundred numbers, what it keeps."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from test_pad import by_mouse, by_touch, save, trouble, upload

from mnist_study.analysis import diagnose
from mnist_study.data import MNIST, TWO_DIGIT, StudyError
from mnist_study.drawing import OwnDigits, Pad, PadSwitch, guess, variants
from mnist_study.drawing import pad as pad_module
from mnist_study.images import rasterise
from mnist_study.models import PartByPart, load_model
from mnist_study.models.specs import build
from mnist_study.training import load_config


@pytest.fixture(scope="module")
def cnn():
    network = build(load_config("two_digit_cnn").model, task=TWO_DIGIT)  # untrained: it says something of everything
    network.name = "two_digit_cnn"
    return network


@pytest.fixture(scope="module")
def digits(root):
    drawings = {d["name"]: d["strokes"] for d in json.loads((root / "tests" / "drawing" / "golden.json").read_text())}
    return {4: drawings["test digit 67"], 5: drawings["test digit 132"]}


@pytest.fixture(scope="module")
def number(digits):
    """45."""
    return [*digits[4], *[[(x + 280, y) for x, y in stroke] for stroke in digits[5]]]


@pytest.fixture
def pad(cnn):
    return Pad([cnn, "mlp"])


class Tables(HTMLParser):
    """Of each table with the class pad-map: its caption, heads and cells, as a reader of a screen hears them."""

    def __init__(self, html):
        super().__init__()
        self.tables, self.text = [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table" and attributes.get("class") == "pad-map":
            self.tables.append({"heads": [], "rows": [], "chosen": [], "titles": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("caption", "th", "td"):
            self.text, self.scope, self.attributes = "", attributes.get("scope"), attributes

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "caption":
            self.tables[-1]["caption"] = self.text
        elif tag == "th":
            self.tables[-1]["heads"].append((self.scope, self.text))
        elif tag == "td" and self.text:
            self.tables[-1]["rows"][-1].append(self.text)
            self.tables[-1]["titles"].append(self.attributes["title"])
            if "pad-chosen" in self.attributes.get("class", ""):
                self.tables[-1]["chosen"].append(self.text)
        if tag in ("caption", "th", "td"):
            self.text = None


def maps(pad):
    return Tables(pad.answers.value).tables


def test_the_networks_decide_how_many_digits_a_pad_is_for(pad, cnn):
    assert pad.sketch.task == TWO_DIGIT
    assert (pad.board.canvas.width, pad.board.canvas.height) == (1120, 560)
    assert pad.stage.options == ("raw", "cropped", "centred", "apart")
    assert (pad.stage.value, pad.image.shape) == ("apart", (28, 56))
    assert Pad([cnn]).sketch.task == Pad("mlp", digits=2).sketch.task == TWO_DIGIT
    assert Pad("mlp").sketch.task == Pad("mlp", digits=1).sketch.task == MNIST
    assert (Pad("mlp").board.canvas.width, Pad("mlp").stage.value) == (560, "centred")


@pytest.mark.parametrize("digits", [3, 0, -1, "2", 1.5, [2]])
def test_a_pad_for_so_many_digits_is_refused_in_one_line(digits):
    for models in (None, ["mlp"]):
        with pytest.raises(StudyError, match="^digits: .* is neither 1 nor 2; a pad is for one digit or two$"):
            Pad(models, digits=digits)


def test_networks_that_do_not_fit_the_digits_are_refused_in_one_line(cnn):
    with pytest.raises(StudyError, match="^two_digit_cnn reads two_digit, a pad for digits=1 reads mnist; choose"):
        Pad([cnn, "mlp"], digits=1)


@pytest.mark.parametrize("draw", [by_mouse, by_touch])
def test_two_digits_are_drawn_stroke_by_stroke_and_each_network_sees_both(pad, cnn, number, draw):
    for stroke in number:
        draw(pad, stroke)
    assert np.array_equal(pad.image, rasterise(number, stage="apart", digits=2))
    assert np.array_equal(pad.guesses["two_digit_cnn"], cnn.predict_proba(pad.image[None])[0])
    alone = [load_model("mlp").predict_proba(half[None])[0] for half in (pad.image[:, :28], pad.image[:, 28:])]
    np.testing.assert_allclose(pad.guesses["mlp"].reshape(10, 10), np.outer(*alone), rtol=1e-4, atol=1e-7)
    assert 'data-model="mlp" data-guess="45"' in pad.answers.value
    assert trouble(pad) == ""


def test_the_average_over_variants_is_taken_of_both_digits(pad, cnn, number):
    pad.averaged.value = True
    pad.draw(number)
    expected = guess(cnn, variants(number, stage="apart", digits=2))
    assert np.array_equal(pad.guesses["two_digit_cnn"], expected)


def test_the_map_says_how_likely_each_of_a_hundred_numbers_is(pad, number):
    for table in maps(pad):  # empty paper
        assert table["rows"][1][:2] == ["00", "01"]
        assert table["chosen"] == []
    pad.draw(number)
    for table, (name, shares) in zip(maps(pad), pad.guesses.items(), strict=True):
        assert table["caption"] == f"{name}: tens down, ones across"
        assert table["heads"] == [("col", str(one)) for one in range(10)] + [("row", str(ten)) for ten in range(10)]
        cells = [cell for row in table["rows"] for cell in row]
        assert cells == table["titles"] == [f"{n:02}: {100 * share:.1f} %" for n, share in enumerate(shares)]
        assert [len(row) for row in table["rows"]] == [0, *[10] * 10]
        assert table["chosen"] == [cells[int(shares.argmax())]]


def test_a_card_says_in_words_what_is_likeliest_and_the_digits_by_themselves(pad, number):
    pad.draw(number)
    shares = pad.guesses["two_digit_cnn"]
    card = re.search(
        r'<div class="pad-card pad-number" data-model="two_digit_cnn".*?</table>(.*?)</div>', pad.answers.value
    )
    told = re.findall("<li>(.*?)</li>", card.group(1))
    best = sorted(range(100), key=lambda n: -shares[n])[:3]
    assert told[:3] == [f"{n:02}: {100 * shares[n]:.1f} %" for n in best]
    tens = [sum(shares[10 * ten + one] for one in range(10)) for ten in range(10)]
    ones = [sum(shares[10 * ten + one] for ten in range(10)) for one in range(10)]
    for place, alone, line in zip(("tens", "ones"), (tens, ones), told[3:], strict=True):
        assert line == f"{place} {np.argmax(alone)}: {100 * max(alone):.1f} %"
    assert pad.answers.value.count("one digit at a time") == 1  # mlp
    assert pad.answers.value.count("both digits at once") == 1


def test_of_a_hundred_logits_the_ten_largest_of_each_network_are_shown(pad, cnn, number):
    pad.logits.value = True
    pad.draw(number)
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th><td>(\d\d:[^<]*)</td></tr>', pad.details.value)
    assert [name for name, _ in rows] == ["two_digit_cnn", "mlp"]
    for network, (_, told) in zip((cnn, PartByPart(load_model("mlp"))), rows, strict=True):
        logits = network.logits(pad.image[None])[0]
        best = sorted(range(100), key=lambda n: -logits[n])[:10]
        assert told == ", ".join(f"{n:02}:&nbsp;{logits[n]:+.2f}" for n in best).replace("-", "\N{MINUS SIGN}")


def test_a_drawing_is_compared_with_pairs_of_digits(pad, number):
    pad.draw(number)
    assert "Is it like pairs of MNIST's digits?" in pad.details.value
    measured = diagnose(pad.image, TWO_DIGIT)["width"]
    assert f"<td>{measured.amount}</td><td>{measured.compared}</td>" in pad.details.value


def test_a_number_is_labelled_by_typing_it(pad, number, tmp_path):
    pad.draw(number)
    pad.hand.save_button.click()
    assert trouble(pad) == 'say first which number you drew, in "I drew"\n'
    pad.hand.label.value = "4"
    pad.hand.save_button.click()
    assert trouble(pad) == "'4' is none of 00 to 99; say first which number you drew, in \"I drew\"\n"
    save(pad, number, " 45")
    assert "Saved as 45" in pad.hand.status.value
    assert "<strong>1 number</strong>" in pad.hand.status.value
    assert '<th scope="row">mlp</th><td>1 of 1</td>' in pad.hand.table.value
    assert np.array_equal(pad.own.digits.images[0], rasterise(number, stage="apart", digits=2))
    assert pad.own.digits.labels.tolist() == [45]


def test_a_file_of_single_digits_is_refused_by_a_pad_for_two(pad, number, digits):
    single = OwnDigits()
    single.add(digits[4], 4)
    upload(pad, "mine.json", single.encode(".json"))
    assert trouble(pad).startswith("mine.json: holds drawings of 0 to 9, and 00 to 99 are wanted here")
    save(pad, number, 45)
    upload(pad, "mine.json", pad.own.encode(".json"))
    assert pad.own.digits.labels.tolist() == [45, 45]


# The switch between the two.


@pytest.fixture
def switch(cnn, monkeypatch):
    monkeypatch.setitem(pad_module.MODELS, 2, (cnn, "mlp"))
    return PadSwitch()


def test_the_second_pad_is_made_when_it_is_asked_for_and_each_keeps_what_is_on_it(switch, digits, number):
    assert list(switch.pads) == [1]
    first = switch.pad
    first.draw(digits[4])
    switch.digits.value = 2
    assert switch.pad.sketch.task == TWO_DIGIT
    assert switch.children[-1] is switch.pad
    save(switch.pad, number, 45)
    switch.pad.draw(number)
    switch.digits.value = 1
    assert switch.pad is switch.children[-1] is first
    assert len(first.strokes) == len(digits[4])
    assert len(first.own) == 0
    switch.digits.value = 2
    assert len(switch.pad.strokes) == len(number)
    assert len(switch.pad.own) == 1
    assert repr(switch) == f"PadSwitch(Pad(two_digit_cnn, mlp; strokes: {len(number)}))"


def test_a_pad_that_cannot_be_made_says_why_and_the_first_one_is_still_there(switch, monkeypatch):
    monkeypatch.setitem(pad_module.MODELS, 2, ("no_such",))
    switch.digits.value = 2
    assert "no model 'no_such'" in switch.trouble.outputs[0]["text"]
    assert switch.children == (switch.digits, switch.trouble)
    switch.digits.value = 1
    assert switch.children[-1] is switch.pads[1]
    assert switch.trouble.outputs == ()
