"""The pad without a browser: its handlers are called as ipycanvas and ipywidgets call them."""

import asyncio
import base64
import datetime
import io
import json
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from mnist_study.data import MNIST, StudyError, Task
from mnist_study.drawing import OwnDigits, Pad, board, guess, variants, words
from mnist_study.drawing import pad as pad_module
from mnist_study.drawing.board import SHARP
from mnist_study.images import rasterise
from mnist_study.models import load_model
from mnist_study.models.losses import softmax

NAMES = ("softmax", "mlp", "cnn_fast")


@pytest.fixture(scope="module")
def golden(root):
    drawings = json.loads((root / "tests" / "drawing" / "golden.json").read_text())
    return {drawing["name"]: drawing for drawing in drawings}


@pytest.fixture
def four(golden):
    return golden["test digit 67"]["strokes"]


@pytest.fixture
def two(golden):
    return golden["test digit 149"]["strokes"]  # every network reads another digit


@pytest.fixture(scope="module")
def networks():
    networks = {name: load_model(name) for name in NAMES}
    for name, network in networks.items():
        network.name = name
    return networks


@pytest.fixture
def pad(networks):
    return Pad(networks.values())


def tell(pad, event, *points):
    """What the browser's canvas sends to ipycanvas."""
    places = [{"x": SHARP * x, "y": SHARP * y} for x, y in points]
    content = {"touches": places} if event.startswith("touch") else places[0]
    pad.board.canvas._handle_frontend_event(pad.board.canvas, {"event": event, **content}, [])


def by_mouse(pad, stroke, end="mouse_up"):
    tell(pad, "mouse_down", stroke[0])
    for point in stroke[1:]:
        tell(pad, "mouse_move", point)
    tell(pad, end, stroke[-1])


def by_touch(pad, stroke, end="touch_end"):
    tell(pad, "touch_start", stroke[0])
    for point in stroke[1:]:
        tell(pad, "touch_move", point)
    tell(pad, end)


def shown(pad):
    """dict from network to the digit that the page shows."""
    return dict(re.findall(r'data-model="([^"]*)" data-guess="([^"]*)"', pad.answers.value))


def trouble(pad):
    return "".join(output["text"] for place in (pad, pad.hand) for output in place.trouble.outputs)


@pytest.mark.parametrize("draw", [by_mouse, by_touch])
def test_a_digit_drawn_stroke_by_stroke_is_read_by_every_network(pad, four, draw):
    assert shown(pad) == dict.fromkeys(NAMES, "")
    for stroke in four:
        draw(pad, stroke)
    assert pad.strokes == [[tuple(point) for point in stroke] for stroke in four]
    assert np.array_equal(pad.image, rasterise(four))
    assert shown(pad) == dict.fromkeys(NAMES, "4")
    assert "All networks read <strong>4</strong>" in pad.verdict.value
    assert trouble(pad) == ""


def test_networks_that_take_a_drawing_for_no_digit_say_so_and_who_they_are(four):
    pad = Pad()
    pad.draw(four)
    assert "no digit" not in pad.verdict.value
    pad.draw([[(40 + 25 * at, 60 + 150 * (at % 2)) for at in range(9)], [(30, 140), (250, 130)]])
    refusing = pad.sketch.refusing
    assert refusing
    assert words.refused_by(refusing) in pad.verdict.value
    assert words.refused_by(["a", "b", "c"]).startswith("This may be no digit, going by a, b and c:")
    pad.clear()
    assert "no digit" not in pad.verdict.value
    assert Pad(digits=2).sketch.refusals == {}


def test_the_guesses_are_those_of_the_networks_themselves(pad, four, networks):
    pad.draw(four)
    for name, network in networks.items():
        assert np.array_equal(pad.guesses[name], network.predict_proba(rasterise(four)[None])[0])
    pad.averaged.value = True
    for name, network in networks.items():
        assert np.array_equal(pad.guesses[name], guess(network, variants(four)))


def test_the_pad_knows_how_long_an_answer_took(pad, four):  # how long that is: benchmarks/drawing.py
    by_mouse(pad, four[0])
    assert pad.milliseconds > 0


def test_nothing_is_read_before_the_end_of_a_stroke(pad, four):
    tell(pad, "mouse_down", four[0][0])
    tell(pad, "mouse_move", four[0][1])
    assert len(pad.strokes[0]) == 2
    assert pad.guesses == {}
    tell(pad, "mouse_out", four[0][1])
    assert pad.guesses
    tell(pad, "mouse_move", four[0][2])
    tell(pad, "mouse_up", four[0][2])
    assert len(pad.strokes) == 1
    assert len(pad.strokes[0]) == 2


@pytest.mark.parametrize("end", ["touch_end", "touch_cancel"])
def test_a_second_finger_neither_starts_a_stroke_nor_bends_the_first(pad, end):
    tell(pad, "touch_start", (10, 20))
    tell(pad, "touch_start", (10, 20), (200, 200))
    tell(pad, "touch_move", (15, 25), (210, 210))
    tell(pad, end, (210, 210))
    tell(pad, "touch_move", (220, 220))
    tell(pad, end)
    assert pad.strokes == [[(10, 20), (15, 25)]]
    assert trouble(pad) == ""


def test_a_tap_draws_a_dot(pad):
    by_mouse(pad, [(140, 140)])
    assert pad.strokes == [[(140, 140)]]
    assert pad.image.any()
    assert pad.guesses


def test_networks_that_disagree_are_told_in_words(pad, two):
    pad.draw(two)
    assert shown(pad) == {"softmax": "9", "mlp": "4", "cnn_fast": "2"}
    assert "They disagree:" in pad.verdict.value
    assert "softmax reads 9, mlp reads 4, cnn_fast reads 2." in pad.verdict.value


def test_undo_takes_one_stroke_and_clear_all(pad, four, two):
    pad.draw([*four, *two])
    pad.undo_button.click()
    assert len(pad.strokes) == len(four) + len(two) - 1
    pad.clear_button.click()
    assert pad.strokes == []
    assert not pad.image.any()
    assert shown(pad) == dict.fromkeys(NAMES, "")
    pad.undo_button.click()
    assert trouble(pad) == ""


def test_preparation_pen_and_logits_follow_their_controls(pad, four, networks):
    pad.draw(np.array(four[0])[None] * 0.4)
    assert "Logits" not in pad.details.value
    pad.stage.value, pad.pen.value, pad.logits.value = "raw", 4.0, True
    assert np.array_equal(pad.image, rasterise(pad.strokes, 4.0, stage="raw"))
    assert "unusual: less than 9" in pad.details.value
    logit = networks["mlp"].logits(pad.image[None])[0, 3]
    assert f"<td>{logit:+.2f}</td>".replace("-", "−") in pad.details.value


def test_the_picture_shown_is_the_tensor_that_the_networks_saw(pad, four):
    pad.draw(four)
    content = re.search(r"data:image/png;base64,([^\"]+)", pad.seen.value).group(1)
    with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
        assert np.array_equal(np.asarray(picture), pad.image)  # ink bright on dark
    assert 'alt="The image of 28 by 28 pixels that the networks saw"' in pad.seen.value


class Recorder:
    """Stands in for the drawing of lines; counts them."""

    def __init__(self, pad, monkeypatch):
        self.points = []
        monkeypatch.setattr(pad.board, "_draw", lambda *lines: self.points.extend(len(line) for line in lines))


def test_a_replay_lets_the_kernel_go_on_and_draws_every_point(pad, four, monkeypatch):
    monkeypatch.setattr(board, "FRAME", 0.001)
    pad.draw(four)

    async def run():
        pad.replay()
        assert not pad.board.task.done()  # it returned at once
        drawn = Recorder(pad, monkeypatch)
        await pad.board.task
        assert sum(drawn.points) - len(drawn.points) >= sum(map(len, four)) - 2 * len(four)

    asyncio.run(run())
    assert trouble(pad) == ""


@pytest.mark.parametrize("act", ["clear", "undo", "replay", "stroke"])
def test_whatever_the_user_does_ends_a_replay_with_the_drawing_whole(pad, four, act, monkeypatch):
    pad.draw(four)

    async def run():
        pad.replay()
        task = pad.board.task
        await asyncio.sleep(0)
        drawn = Recorder(pad, monkeypatch)
        tell(pad, "mouse_down", (5, 5)) if act == "stroke" else getattr(pad, act)()
        await asyncio.sleep(0)
        assert task.cancelled()
        whole = {"clear": [], "undo": four[:-1]}.get(act, four)
        assert drawn.points[: len(whole)] == [len(stroke) for stroke in whole]
        pad.board.stop()

    asyncio.run(run())


def test_without_an_event_loop_a_replay_draws_at_once(pad, four, monkeypatch):
    pad.draw(four)
    drawn = Recorder(pad, monkeypatch)
    pad.replay()
    assert drawn.points == [len(stroke) for stroke in four]
    assert pad.board.task is None


def test_a_page_that_is_loaded_again_gets_its_drawing_back(pad, four, monkeypatch):
    pad.draw(four)
    sent = []
    monkeypatch.setattr(pad.board.canvas._canvas_manager, "_send_custom", lambda *sending: sent.append(sending[0]))
    pad.board.canvas._handle_frontend_event(None, {"event": "client_ready"}, [])
    switches = [command for commands in sent for command in commands if "IPY_MODEL_" in str(command)]
    assert switches, "a new page must be told which canvas is drawn on"
    assert len(sent) == 2  # the paper, the lines


class Blunt:
    """Only logits, and a broken one on demand."""

    broken = False

    def logits(self, images):
        if self.broken:
            raise RuntimeError("first line\nsecond line")
        return np.tile(np.arange(10.0), (len(images), 1))


def test_an_error_in_a_callback_is_shown_in_one_line_until_the_next_act(four):
    model = Blunt()
    pad = Pad([model])
    model.broken = True
    by_mouse(pad, four[0])
    assert trouble(pad) == "RuntimeError: first line second line\n"
    model.broken = False
    by_mouse(pad, four[1])
    assert trouble(pad) == ""


def test_any_network_with_logits_or_probabilities_can_read_along(four, networks):
    named = SimpleNamespace(name="<b>mine</b>", predict_proba=networks["mlp"].predict_proba)
    pad = Pad([Blunt(), Blunt(), named])
    pad.draw(four)
    assert list(pad.guesses) == ["Blunt", "Blunt (2)", "<b>mine</b>"]
    np.testing.assert_allclose(pad.guesses["Blunt"], softmax(np.arange(10.0)[None])[0])
    assert "<b>mine" not in pad.answers.value
    assert shown(pad)["&lt;b&gt;mine&lt;/b&gt;"] == "4"
    pad.logits.value = True  # of those that tell them
    assert trouble(pad) == ""


class Letters:
    """Reads everything as the second of three letters."""

    task = Task("letters", MNIST.shape, ("<a>", "b", "c"), MNIST.load)

    def logits(self, images):
        return np.tile([0.0, 2.0, 1.0], (len(images), 1))


def test_classes_are_shown_by_the_names_that_their_task_gives_them(four):
    pad = Pad([Letters()])
    pad.logits.value = True
    pad.draw(four)
    assert shown(pad) == {"Letters": "b"}
    assert "The network reads <strong>b</strong>" in pad.verdict.value
    assert re.findall(r'<div class="pad-bar[^>]*><span>([^<]*)</span>', pad.answers.value) == ["&lt;a&gt;", "b", "c"]
    assert '<th scope="row">&lt;a&gt;</th><td>+0.00</td>' in pad.details.value
    assert [name for name, _ in pad.hand.label.options] == ["which digit?", "<a>", "b", "c"]
    save(pad, four, "c")
    assert "Saved as c" in pad.hand.status.value
    assert pad.own.task is Letters.task


def test_networks_of_two_tasks_are_refused_in_one_line():
    with pytest.raises(StudyError, match="Letters reads letters, mlp reads mnist"):
        Pad(["mlp", Letters()])


def test_what_is_no_network_is_refused_in_one_line():
    with pytest.raises(StudyError, match="no model 'mpl'; did you mean 'mlp'"):
        Pad(["mpl"])
    for models in ([3], 3):
        with pytest.raises(StudyError, match="3 is no network"):
            Pad(models)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"pen": 9}, "the pen 9 is no width between 0.5 and 8.0 pixels"),
        ({"pen": "x"}, "the pen 'x' is no width"),
        ({"stage": "apart"}, "stage: 'apart' is none of raw, cropped, centred"),
        ({"digits": 1.0}, "digits: 1.0 is neither 1 nor 2"),
        ({"digits": 2.0}, "digits: 2.0 is neither 1 nor 2"),
    ],
)
def test_a_pen_a_stage_and_digits_that_no_pad_has_are_refused_in_one_line(options, told, networks):
    with pytest.raises(StudyError, match=told):
        Pad(networks.values(), **options)
    assert Pad(networks.values(), pen=8, stage="raw", digits=1).sketch.pen == 8


def test_one_network_needs_no_list_and_may_answer_in_lists(four, networks):
    listing = SimpleNamespace(predict_proba=lambda images: networks["mlp"].predict_proba(images).tolist())
    for model in (networks["mlp"], listing):
        pad = Pad(model)
        pad.draw(four)
        (guess,) = pad.guesses.values()
        np.testing.assert_allclose(guess, networks["mlp"].predict_proba(pad.image[None])[0])


def test_a_network_that_gives_no_probabilities_is_refused_by_the_pad_in_one_line(networks):
    logits = networks["mlp"].logits
    for answer, told in (
        (logits, "are these logits"),
        (lambda images: logits(images)[:, :5], r"array \(1, 10\) for so many pictures; it gives \(1, 5\)"),
        (lambda images: np.full((len(images), 10), np.nan), "it gives NaN or infinity"),
    ):
        with pytest.raises(StudyError, match=told):
            Pad([SimpleNamespace(predict_proba=answer)])


def test_a_pad_without_mnist_still_reads_and_says_what_it_cannot_compare(pad, four, monkeypatch):
    def missing(image, task):
        raise StudyError("data/train.gz: not there")

    monkeypatch.setattr(words, "diagnose", missing)
    pad.draw(four)
    assert "No comparison with MNIST: data/train.gz: not there" in pad.details.value
    assert shown(pad) == dict.fromkeys(NAMES, "4")


def test_a_cells_last_line_shows_the_pad_and_its_text_is_short(pad, four):
    pad.draw(four)
    assert "application/vnd.jupyter.widget-view+json" in pad._repr_mimebundle_()
    assert repr(pad) == f"Pad(softmax, mlp, cnn_fast; strokes: {len(four)})"


def test_the_default_networks_ship_with_the_package():
    assert list(Pad().sketch.models) == list(pad_module.MODELS[1])


def test_the_tab_key_never_stops_at_the_canvas(pad):
    assert pad.board.canvas.tabbable is False


def test_a_strange_drawing_is_refused_and_the_old_one_stays(pad, four):
    pad.draw(four)
    with pytest.raises(ValueError, match="NaN or infinite"):
        pad.draw([[[float("nan"), 0]]])
    assert len(pad.strokes) == len(four)


def test_colab_is_asked_to_show_widgets(networks, monkeypatch):
    enabled = []
    output = SimpleNamespace(enable_custom_widget_manager=lambda: enabled.append(True))
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace(output=output))
    Pad(networks.values())
    assert enabled == [True]


# The test set of one's own hand.


def save(pad, strokes, label):
    pad.draw(strokes)
    pad.hand.label.value = str(label)
    pad.hand.save_button.click()


def test_a_saved_drawing_counts_and_the_pad_is_clear_for_the_next(pad, four, two):
    save(pad, four, 4)
    assert pad.own.digits.labels.tolist() == [4]
    assert (pad.strokes, pad.hand.label.value) == ([], "")
    save(pad, two, 2)
    assert "<strong>2 digits</strong>" in pad.hand.status.value
    assert '<th scope="row">softmax</th><td>1 of 2</td><td>50.0 %</td><td>9.5 to 90.5 %</td>' in pad.hand.table.value
    assert '<th scope="row">cnn_fast</th><td>2 of 2</td>' in pad.hand.table.value
    pad.hand.remove_button.click()
    assert pad.own.digits.labels.tolist() == [4]
    assert trouble(pad) == ""


def test_saving_without_a_label_or_a_drawing_says_what_is_missing(pad, four):
    pad.draw(four)
    pad.hand.save_button.click()
    assert "say first which digit you drew" in trouble(pad)
    assert len(pad.strokes) == len(four)
    pad.clear()
    pad.hand.label.value = "0"
    pad.hand.save_button.click()
    assert trouble(pad) == "nothing is drawn\n"
    assert len(pad.own) == 0


@pytest.mark.parametrize("typed", ["mine", "./mine.npz", "mine.json"])
def test_export_writes_both_files_and_says_where(pad, four, tmp_path, monkeypatch, typed):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    save(pad, four, 4)
    pad.hand.stem.value = typed
    pad.hand.export_button.click()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "mine.npz"]
    assert str(tmp_path / "mine.npz") in pad.hand.status.value
    assert 'download="mine.json" href="data:application/json;base64,' in pad.hand.status.value
    assert OwnDigits.load(tmp_path / "mine.npz").digits.labels.tolist() == [4]


def test_an_export_leaves_the_files_of_another_day_and_writes_its_own_anew(pad, four, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    (tmp_path / "mine.npz").write_bytes(b"yesterday")
    pad.hand.stem.value = "mine"
    for count in (1, 2):
        save(pad, four, 4)
        pad.hand.export_button.click()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["mine-2.json", "mine-2.npz", "mine.npz"]
        assert len(OwnDigits.load(tmp_path / "mine-2.npz")) == count
    assert (tmp_path / "mine.npz").read_bytes() == b"yesterday"
    assert str(tmp_path / "mine-2.npz") in pad.hand.status.value


def test_guests_of_an_app_get_downloads_and_write_no_file(networks, four, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    pad = Pad(networks.values())
    save(pad, four, 4)
    pad.hand.export_button.click()
    assert list(tmp_path.iterdir()) == []
    assert "Written" not in pad.hand.status.value
    assert 'download="my_digits.npz"' in pad.hand.status.value


def test_an_export_that_cannot_be_says_why(pad, four):
    pad.hand.export_button.click()
    assert "no digit to export yet" in trouble(pad)
    save(pad, four, 4)
    pad.hand.stem.value = "/no/such/folder/mine"
    pad.hand.export_button.click()
    assert "cannot be written (No such file or directory)" in trouble(pad)


def upload(pad, name, content):
    now = datetime.datetime.now(datetime.UTC)
    file = {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": now}
    pad.hand.upload.value = (file,)


def test_a_loaded_file_is_added_and_a_bad_one_is_one_line(pad, four):
    save(pad, four, 4)
    for suffix in (".npz", ".json"):
        upload(pad, f"mine{suffix}", pad.own.encode(suffix))
    assert pad.own.digits.labels.tolist() == [4] * 4
    assert "2 digits read from mine.json." in pad.hand.status.value
    upload(pad, "<b>mine</b>.json", b"{}")
    assert '<b>mine</b>.json: is no set of digits of this study ("format" is not' in trouble(pad)
    assert len(pad.own) == 4
    assert pad.hand.upload.value == ()
