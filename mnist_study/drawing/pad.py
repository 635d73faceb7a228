"""The drawing pad of notebooks and of the app: draw a digit, and see at once what each network makes of it.

``Sketch`` knows strokes, image and guesses, and no widget. The functions behind it put those into words and HTML.
``Board``, ``HandPanel`` and ``Pad`` are the widgets: they hand on what the user does, and show what the others say.
"""

import asyncio
import base64
import io
import os
import sys
import time
from contextlib import suppress
from functools import wraps
from html import escape
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from ipycanvas import Canvas, hold_canvas
from PIL import Image

from mnist_study.data import StudyError, rasterise
from mnist_study.data.preparation import SIDE, STEPS
from mnist_study.data.strokes import CANVAS, PEN, PENS, check_strokes
from mnist_study.models import load_model
from mnist_study.models.classifier import Classifier
from mnist_study.models.shapes import CLASSES

from .diagnosis import MEASURES, diagnose, reference
from .guesses import guess, variants
from .hand import FORMATS, OwnDigits

MODELS = ("softmax", "mlp", "cnn_fast")
SHARP = 2  # pixels of the canvas per unit of the pad: lines stay sharp on a screen of high resolution
PAPER, INK = "#ffffff", "#1a1a1a"
REPLAY = 2.5  # seconds that a replay lasts at most
FRAME = 0.03  # seconds between two of its points at most


class Sketch:
    """A drawing, how it is prepared, and what each network makes of it.

    Parameters
    ----------
    models : names as for ``load_model``, or networks with ``predict_proba`` or ``logits``

    Attributes
    ----------
    strokes : list of lists of (x, y), in units of the 280 x 280 pad
    pen : pixels of the 28 x 28 image
    steps : "raw", "cropped" or "centred"
    averaged : whether a guess is the mean over small variants of the drawing
    image : uint8 ``(28, 28)``, what the networks saw
    guesses : dict from name to probabilities ``(classes,)``; empty without strokes
    """

    def __init__(self, models):
        self.models = _named(models)
        self.strokes, self.pen, self.steps, self.averaged = [], PEN, "centred", False
        self.read()

    def read(self):
        """Compute image and guesses anew."""
        self.image, self.guesses = self._rasterised(rasterise), {}
        if self.strokes:
            images = self._rasterised(variants) if self.averaged else self.image[None]
            self.guesses = {name: guess(model, images) for name, model in self.models.items()}

    def logits(self):
        """dict from name to the logits ``(classes,)`` of the image, for the networks that tell them."""
        telling = {name: model for name, model in self.models.items() if hasattr(model, "logits")}
        return {name: model.logits(self.image[None])[0] for name, model in telling.items()}

    def _rasterised(self, how):
        return how(self.strokes, self.pen, steps=self.steps)


class _FromLogits(Classifier):
    """A network that only tells logits."""

    def __init__(self, model):
        self.logits = model.logits


def _named(models):
    """Networks by the names they are shown under; each has read a blank image, so that the first stroke is quick."""
    named = {}
    for model in [models] if isinstance(models, str) else models:
        name, network = (model, load_model(model)) if isinstance(model, str) else (_name(model), model)
        if not hasattr(network, "predict_proba"):
            network = _FromLogits(network)
        network.predict_proba(np.zeros((1, SIDE, SIDE), np.uint8))
        again = sum(shown == name or shown.startswith(f"{name} (") for shown in named)
        named[f"{name} ({again + 1})" if again else name] = network
    return named


def _name(model):
    if not (hasattr(model, "predict_proba") or hasattr(model, "logits")):
        raise StudyError(
            f"{model!r:.60} is no network: it has neither predict_proba nor logits; name one of the study's"
        )
    return str(getattr(model, "name", None) or type(model).__name__)


# What is shown. Every text that comes from outside goes through ``escape``.


def picture(image):
    """The image that the networks saw, as ink on paper, every pixel six wide."""
    file = io.BytesIO()
    Image.fromarray(255 - image).save(file, "PNG")
    told = f"The image of {SIDE} by {SIDE} pixels that the networks saw" if image.any() else "No drawing yet"
    return f'<img class="pad-seen" alt="{told}" width="168" height="168" src="{_link(file.getvalue(), "image/png")}">'


def verdict(guesses):
    """What the networks say, in one line of words."""
    if not guesses:
        return "Draw a digit: mouse, finger or pen."
    answers = {name: int(np.argmax(probabilities)) for name, probabilities in guesses.items()}
    if len(set(answers.values())) > 1:
        told = ", ".join(f"{escape(name)} reads {digit}" for name, digit in answers.items())
        return f'<strong class="pad-mark">They disagree:</strong> {told}.'
    who = "All networks read" if len(answers) > 1 else "The network reads"
    return f"{who} <strong>{next(iter(answers.values()))}</strong>."


def cards(names, guesses):
    """For each network its guess, large, and a bar for each probability."""
    shown = "".join(_card(name, guesses.get(name)) for name in names)
    return f'<p class="pad-verdict" role="status">{verdict(guesses)}</p><div class="pad-cards">{shown}</div>'


def _card(name, probabilities):
    digit = "" if probabilities is None else int(np.argmax(probabilities))
    shares = [None] * CLASSES if probabilities is None else probabilities
    bars = "".join(_bar(number, share, number == digit) for number, share in enumerate(shares))
    head = f'<div class="pad-head"><span>{escape(name)}</span><span class="pad-guess">{digit}</span></div>'
    return f'<div class="pad-card" data-model="{escape(name)}" data-guess="{digit}">{head}{bars}</div>'


def _bar(number, share, chosen):
    filled = f'<span class="pad-track"><span class="pad-fill" style="width:{100 * (share or 0):.1f}%"></span></span>'
    percent = f'<span class="pad-percent">{"" if share is None else f"{100 * share:.1f} %"}</span>'
    return f'<div class="pad-bar{" pad-chosen" if chosen else ""}"><span>{number}</span>{filled}{percent}</div>'


def measures(image):
    """What makes the drawing unlike MNIST's digits, marked in words; why not, where MNIST is not there."""
    try:
        told = diagnose(image) if image.any() else dict.fromkeys(MEASURES)
    except StudyError as error:
        return f"<p>No comparison with MNIST: {escape(str(error))}</p>"
    rows = [
        (
            name.replace("_", " "),
            "–" if one is None else _amount(one),
            "" if one is None else _usual(one),
        )
        for name, one in told.items()
    ]
    return _table("Is it like MNIST's digits?", ("measure", "here", "among MNIST's"), rows)


def _amount(one):
    return f"{one.value:,.0f} {one.unit}".replace(",", " ") if one.value >= 100 else f"{one.value:.3g} {one.unit}"


def _usual(one):
    side = "less" if one.percentile < 50 else "more"
    return f'<strong class="pad-mark">unusual: {side} than almost all</strong>' if one.unusual else "usual"


def logits_table(logits):
    """Logits of the image as it is, a column for each network."""
    rows = [
        (digit, *(f"{values[digit]:+.2f}".replace("-", "−") for values in logits.values())) for digit in range(CLASSES)
    ]
    return _table("Logits of the image", ("digit", *map(escape, logits)), rows)


def hand_table(own, models):
    """How well each network reads the digits of one hand, with what so few digits allow to say."""
    if not len(own):
        return "<p>No digit of your hand yet: draw one, say which it is, and save it.</p>"
    rows = []
    for name, model in models.items():
        result = own.accuracy(model)
        low, high = result.wilson()
        shares = (f"{100 * result.share:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %")
        rows.append((escape(name), f"{result.right} of {result.total}", *shares))
    return _table("Accuracy on your hand", ("network", "right", "share", "95 % interval (Wilson)"), rows)


def downloads(own, stem):
    """Links that hold both files themselves, for where the kernel's folder is not the reader's."""
    links = [
        f'<a download="{escape(stem + suffix)}" href="{_link(own.encode(suffix), kind)}">{escape(stem + suffix)}</a>'
        for suffix, kind in KINDS.items()
    ]
    return f"Download: {' · '.join(links)}"


KINDS = {".npz": "application/octet-stream", ".json": "application/json"}


def _link(content, kind):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _table(caption, heads, rows):
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


# The widgets.


class Trouble(widgets.Output):
    """The place under the pad where errors of callbacks are shown, which ipywidgets would swallow."""

    def guarded(self, act):
        """``act`` as a callback: if it fails, one line says why."""

        @wraps(act)
        def call(*arguments):
            try:
                return act(*arguments)
            except Exception as error:
                return self.show(error)

        return call

    def show(self, error):
        """Show an error in one line; None takes the last one away."""
        line = str(error) if isinstance(error, StudyError | ValueError) else f"{type(error).__name__}: {error}"
        shown = ({"output_type": "stream", "name": "stderr", "text": " ".join(line.split()) + "\n"},)
        self.outputs = () if error is None else shown

    def button(self, label, act, tooltip):
        """A Button that takes the last error away and does ``act()``."""
        made = widgets.Button(description=label, tooltip=tooltip)
        made.on_click(self.guarded(lambda _: (self.show(None), act())))
        return made


class Board:
    """The canvas: what a mouse, a finger or a pen does on it becomes strokes of ``sketch``, and those become lines.

    Parameters
    ----------
    sketch : Sketch
    ended : called without arguments at the end of each stroke
    trouble : Trouble
    """

    def __init__(self, sketch, ended, trouble):
        self.sketch, self.ended, self.trouble = sketch, ended, trouble
        self.active, self.task = False, None
        layout = widgets.Layout(width=f"{CANVAS}px", height=f"{CANVAS}px")
        self.canvas = Canvas(width=SHARP * CANVAS, height=SHARP * CANVAS, layout=layout)
        self.canvas.tabbable = False  # it would swallow the Tab key that leads out of it
        self.canvas.add_class("pad-canvas")
        self._listen()
        self.redraw()

    def _listen(self):
        """Mouse and touch: ipycanvas knows no pointer events, and a finger sends no mouse events. A pen sends one."""
        canvas, first = self.canvas, lambda act: lambda touches: act(*touches[0])
        for register, act in (
            (canvas.on_mouse_down, self._down),
            (canvas.on_mouse_move, self._move),
            (canvas.on_mouse_up, self._up),
            (canvas.on_mouse_out, self._up),  # a button released outside is never told
            (canvas.on_touch_start, first(self._down)),
            (canvas.on_touch_move, first(self._move)),
            (canvas.on_touch_end, self._up),
            (canvas.on_touch_cancel, self._up),
            (canvas.on_client_ready, self.redraw),  # the browser's canvas is blank when the page is loaded again
        ):
            register(self.trouble.guarded(act))

    def _down(self, x, y):
        if self.active:  # a second finger
            return
        self.trouble.show(None)
        self.stop()
        self.active = True
        self.sketch.strokes.append([_units(x, y)])
        self._draw(self.sketch.strokes[-1])

    def _move(self, x, y):
        if self.active and (point := _units(x, y)) != self.sketch.strokes[-1][-1]:
            self.sketch.strokes[-1].append(point)
            self._draw(self.sketch.strokes[-1][-2:])

    def _up(self, *_):
        if self.active:
            self.active = False
            self.ended()
            self.canvas.blur()  # else it keeps every key that is pressed, Tab too

    def redraw(self):
        """Draw all strokes at once; a replay ends."""
        self.stop(whole=False)
        # A page that was loaded again does not know which canvas was drawn on last; ipycanvas would not tell it.
        self.canvas._canvas_manager._current_canvas = None
        self._clean()
        self._draw(*self.sketch.strokes)

    def replay(self):
        """Draw the strokes again as they were drawn, while the kernel goes on; at once where no event loop runs."""
        self.redraw()
        try:
            self.task = asyncio.get_running_loop().create_task(self._play())
        except RuntimeError:
            self.task = None

    def stop(self, whole=True):
        """End a replay, with the ``whole`` drawing shown."""
        task, self.task = self.task, None
        if task is not None and not task.done():
            task.cancel()
            if whole:
                self.redraw()

    async def _play(self):
        strokes = [list(stroke) for stroke in self.sketch.strokes]
        length = -(-sum(map(len, strokes)) // int(REPLAY / FRAME))  # points at a time
        self._clean()
        for piece in _pieces(strokes, length):
            self.trouble.guarded(self._draw)(piece)
            await asyncio.sleep(FRAME)

    def _clean(self):
        with hold_canvas():
            self.canvas.fill_style = PAPER
            self.canvas.fill_rect(0, 0, SHARP * CANVAS, SHARP * CANVAS)

    def _draw(self, *lines):
        width = self.sketch.pen * CANVAS / SIDE * SHARP
        with hold_canvas():
            self.canvas.fill_style = self.canvas.stroke_style = INK
            self.canvas.line_width = width
            self.canvas.line_cap = self.canvas.line_join = "round"
            for line in lines:
                points = SHARP * np.asarray(line, np.float64)
                if len(points) > 1:
                    self.canvas.stroke_lines(points)
                else:  # a tap
                    self.canvas.fill_circle(*points[0].tolist(), width / 2)


def _pieces(strokes, length):
    """Strokes cut into ``length`` points each, and the one before, so that the pieces meet."""
    for stroke in strokes:
        for start in range(0, len(stroke), length):
            yield stroke[max(start - 1, 0) : start + length]


def _units(x, y):
    return round(x / SHARP, 2), round(y / SHARP, 2)


class HandPanel(widgets.VBox):
    """Your own test set: label what is on the pad, keep it, see who reads your hand, take it home as files.

    Parameters
    ----------
    pad : the Pad whose drawings are kept
    """

    def __init__(self, pad):
        self.pad, self.own, self.trouble = pad, OwnDigits(), Trouble()
        trouble = self.trouble  # beside its buttons: on a phone the pad's is out of sight
        self.label = widgets.Dropdown(
            options=[("which digit?", ""), *((str(digit), digit) for digit in range(CLASSES))], description="I drew a"
        )
        self.stem = widgets.Text(
            "./my_digits", description="Save as", layout={"display": "none" if _in_voila() else None}
        )
        self.upload = widgets.FileUpload(
            accept=",".join(FORMATS), description="Load", tooltip="Add the digits of a file"
        )
        self.upload.observe(trouble.guarded(self._load), "value")
        self.save_button = trouble.button("Save to my test set", self.save, "Keep the drawing with its label")
        self.remove_button = trouble.button("Remove the last", self.remove, "Take the last drawing out of the set")
        self.export_button = trouble.button("Export", self.export, "Write the set as .npz and .json")
        self.said, self.table = widgets.HTML(), widgets.HTML()
        super().__init__(
            [
                widgets.HTML("<h2>Your own test set</h2>"),
                _row(self.label, self.save_button, self.remove_button),
                self.trouble,
                self.said,
                self.table,
                _row(self.stem, self.export_button, self.upload),
            ]
        )
        self._tell("")

    def save(self):
        """Keep what is on the pad, and clear the pad for the next digit."""
        if self.label.value == "":
            raise StudyError('say first which digit you drew, in "I drew a"')
        self.own.add(self.pad.strokes, self.label.value, self.pad.sketch.pen)
        self._tell(f"Saved as {self.label.value}; the pad is clear for the next one.")
        self.label.value = ""
        self.pad.clear()

    def remove(self):
        """Take the last drawing out."""
        self.own.undo()
        self._tell("")

    def export(self):
        """Write both files where the kernel runs, but not for the guests of an app; offer them for download to all."""
        if not len(self.own):
            raise StudyError("there is no digit to export yet; save one to your test set first")
        stem = Path(self.stem.value or "my_digits")
        stem = stem.with_suffix("") if stem.suffix in FORMATS else stem
        paths = [] if _in_voila() else [Path(f"{stem}{suffix}") for suffix in FORMATS]
        for path in paths:
            self.own.save(path)
        written = f"Written: {' and '.join(escape(str(path.absolute())) for path in paths)}. " if paths else ""
        self._tell(written + downloads(self.own, stem.name))

    def _load(self, change):
        if not change["new"]:
            return
        self.trouble.show(None)
        self.upload.value = ()  # so that the same file can be chosen again
        for file in change["new"]:
            loaded = OwnDigits.decode(file["name"], file["content"])
            self.own.extend(loaded)
            self._tell(f"{_count(loaded)} read from {escape(file['name'])}.")

    def _tell(self, news):
        self.said.value = f'<p role="status"><strong>{_count(self.own)}</strong> in your test set. {news}</p>'
        self.table.value = hand_table(self.own, self.pad.sketch.models)


def _count(own):
    return f"{len(own)} digit{'' if len(own) == 1 else 's'}"


class Pad(widgets.VBox):
    """Draw a digit, and see at the end of each stroke what each network makes of it. A cell's last line shows it.

    Parameters
    ----------
    models : names as for ``load_model``, or networks with ``predict_proba`` or ``logits`` of uint8 ``(N, 28, 28)``
    pen : width, in pixels of the 28 x 28 image, 0.5 to 8
    steps : how a drawing is prepared, "raw", "cropped" or "centred"

    Attributes
    ----------
    strokes : list of lists of (x, y), in units of the 280 x 280 pad
    image : uint8 ``(28, 28)``, what the networks saw
    guesses : dict from name to probabilities ``(classes,)``; empty without strokes
    own : OwnDigits, the test set of your hand
    milliseconds : float, from the end of the last stroke to the answer

    Raises
    ------
    StudyError
        There is no such model, or it is no network.
    """

    def __init__(self, models=MODELS, *, pen=PEN, steps="centred"):
        _enable_colab()
        with suppress(StudyError):  # without MNIST there is a pad still, and it says so
            reference()  # takes a second, which the first stroke would wait for
        self.sketch, self.trouble, self.milliseconds = Sketch(models), Trouble(), 0.0
        self.board = Board(self.sketch, self._show, self.trouble)
        self._controls(pen, steps)
        self.answers, self.seen, self.details = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.hand = HandPanel(self)
        super().__init__([widgets.HTML(f"<style>{CSS}</style>"), *self._rows()])
        self.children[0].layout.display = "none"
        self.add_class("mnist-pad")
        self._change()

    def _controls(self, pen, steps):
        self.undo_button = self.trouble.button("Undo", self.undo, "Take the last stroke away")
        self.clear_button = self.trouble.button("Clear", self.clear, "Take all strokes away")
        self.replay_button = self.trouble.button("Replay", self.replay, "Draw the strokes again, one by one")
        self.pen = widgets.FloatSlider(
            pen, min=PENS[0], max=PENS[1], step=0.1, description="Stroke width", readout_format=".1f"
        )
        self.steps = widgets.ToggleButtons(
            options=STEPS, value=steps, description="Preparation", tooltips=[PREPARED[name] for name in STEPS]
        )
        self.averaged = widgets.Checkbox(False, description="Average small variants", indent=False)
        self.logits = widgets.Checkbox(False, description="Show logits", indent=False)
        self.pen.style.description_width = "initial"
        self.steps.style.button_width = "auto"
        for control in (self.pen, self.steps, self.averaged, self.logits):
            control.observe(self.trouble.guarded(self._change), "value")

    def _rows(self):
        """What is shown, from top to bottom; each row wraps on a phone."""
        buttons = _row(self.undo_button, self.clear_button, self.replay_button)
        controls = widgets.VBox([self.pen, self.steps, _row(self.averaged, self.logits)])
        return [
            _row(_column("pad-left", self.board.canvas, buttons), _column("pad-wide", self.answers)),
            self.trouble,
            _row(_column("pad-left", self.seen), _column("pad-wide", controls, self.details)),
            self.hand,
        ]

    @property
    def strokes(self):
        return self.sketch.strokes

    @property
    def image(self):
        return self.sketch.image

    @property
    def guesses(self):
        return self.sketch.guesses

    @property
    def own(self):
        return self.hand.own

    def draw(self, strokes):
        """Put strokes in place of what is on the pad, and read them.

        Parameters
        ----------
        strokes : list of arrays ``(n, 2)``, x to the right, y down, in units of the 280 x 280 pad

        Raises
        ------
        ValueError
            A stroke is no list of points, or a coordinate is not finite.
        """
        self._put([list(map(tuple, line.tolist())) for line in check_strokes(strokes)])

    def undo(self):
        """Take the last stroke away."""
        self._put(self.strokes[:-1])

    def clear(self):
        """Take all strokes away."""
        self._put([])

    def replay(self):
        """Draw the strokes again, one by one, while the kernel goes on."""
        self.board.replay()

    def _put(self, strokes):
        self.board.active = False
        self.sketch.strokes = strokes
        self.board.redraw()
        self._show()

    def _change(self, *_):
        """A control was moved."""
        self.sketch.pen, self.sketch.steps = self.pen.value, self.steps.value
        self.sketch.averaged = self.averaged.value
        self.board.redraw()
        self._show()

    def _show(self):
        start = time.perf_counter()
        self.sketch.read()
        self.answers.value = cards(self.sketch.models, self.sketch.guesses)
        self.seen.value = f"<figure>{picture(self.image)}<figcaption>What the networks see</figcaption></figure>"
        more = logits_table(self.sketch.logits()) if self.logits.value and self.strokes else ""
        self.details.value = f'<div class="pad-tables">{measures(self.image)}{more}</div>'
        self.milliseconds = 1000 * (time.perf_counter() - start)

    def __repr__(self):
        return f"Pad({', '.join(self.sketch.models)}; strokes: {len(self.strokes)})"


PREPARED = {
    "raw": "The whole pad, scaled to 28 x 28 pixels",
    "cropped": "The ink, scaled to 20 pixels, its box in the middle",
    "centred": "The ink, scaled to 20 pixels, its centre of mass in the middle, as in MNIST",
}


def _row(*parts):
    row = widgets.Box(parts)
    row.add_class("pad-row")
    return row


def _column(name, *parts):
    column = widgets.VBox(parts)
    column.add_class(name)
    return column


def _in_voila():
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _enable_colab():
    """Colab shows widgets that are not its own only when it is asked to."""
    if "google.colab" in sys.modules:
        sys.modules["google.colab"].output.enable_custom_widget_manager()


# Jupyter's themes give the colours; what stands behind each is for pages that have no theme.
CSS = """
.mnist-pad { --ink: var(--jp-ui-font-color1, #212121); --soft: var(--jp-ui-font-color2, #5f5f5f);
  --line: var(--jp-border-color1, #bdbdbd); --ground: var(--jp-layout-color2, #eeeeee);
  --accent: var(--jp-brand-color1, #1976d2); --mark: var(--jp-error-color1, #d32f2f);
  color: var(--ink); max-width: 980px; padding: 4px; gap: 12px; font-family: var(--jp-ui-font-family, sans-serif); }
.mnist-pad, .mnist-pad .widget-box, .mnist-pad .widget-html, .mnist-pad .widget-html-content { overflow: visible;
  height: auto; }
.mnist-pad .widget-html-content { line-height: 1.4; color: var(--ink); width: 100%; white-space: normal; }
.mnist-pad p, .mnist-pad figure { margin: 0; }
.mnist-pad h2 { margin: 8px 0 0; font-size: 16px; color: var(--ink); }
.mnist-pad .pad-row { display: flex; flex-flow: row wrap; gap: 8px 16px; align-items: flex-start; }
.mnist-pad .pad-row .widget-button, .mnist-pad .pad-row .widget-upload { width: auto; margin: 0; }
.mnist-pad .pad-left { width: 284px; flex: none; gap: 8px; }
.mnist-pad .pad-wide { flex: 1 1 330px; min-width: 0; gap: 8px; }
.mnist-pad .pad-canvas { border: 1px solid var(--line); border-radius: 4px; cursor: crosshair; touch-action: none;
  margin: 0; box-sizing: content-box; }
.mnist-pad .pad-seen { image-rendering: pixelated; border: 1px solid var(--line); display: block; }
.mnist-pad figcaption { color: var(--soft); font-size: 12px; }
.mnist-pad .pad-verdict { font-size: 16px; margin-bottom: 8px; }
.mnist-pad .pad-mark { color: var(--mark); }
.mnist-pad .pad-cards { display: flex; flex-wrap: wrap; gap: 8px; }
.mnist-pad .pad-card { flex: 1 1 150px; max-width: 240px; background: var(--ground); border-radius: 4px;
  padding: 6px 10px; }
.mnist-pad .pad-head { display: flex; justify-content: space-between; align-items: center; height: 44px;
  font-weight: 600; }
.mnist-pad .pad-guess { font-size: 36px; line-height: 1; }
.mnist-pad .pad-bar { display: flex; align-items: center; gap: 6px; font-size: 12px; line-height: 18px;
  font-variant-numeric: tabular-nums; }
.mnist-pad .pad-track { flex: 1; height: 10px; background: var(--jp-layout-color1, #ffffff); border-radius: 2px;
  overflow: hidden; }
.mnist-pad .pad-fill { display: block; height: 100%; background: var(--soft); }
.mnist-pad .pad-chosen { font-weight: 700; }
.mnist-pad .pad-chosen .pad-fill { background: var(--accent); }
.mnist-pad .pad-percent { width: 52px; text-align: right; }
.mnist-pad .pad-tables { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
.mnist-pad a { color: var(--jp-content-link-color, #1565c0); text-decoration: underline; }
.mnist-pad .widget-checkbox { width: auto; }
.mnist-pad td { font-variant-numeric: tabular-nums; }
.mnist-pad table { border-collapse: collapse; font-size: 13px; color: var(--ink); margin: 0; }
.mnist-pad caption { text-align: left; font-weight: 600; padding: 4px 0; color: var(--ink); caption-side: top; }
.mnist-pad th, .mnist-pad td { text-align: left; vertical-align: top; padding: 2px 14px 2px 0;
  font-weight: 400; background: none;
  white-space: normal; }
.mnist-pad thead th { color: var(--soft); border-bottom: 1px solid var(--line); }
"""
