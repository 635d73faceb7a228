"""The drawing pad of notebooks and of the app: draw a digit, and see at once what each network makes of it."""

import os
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from html import escape
from itertools import chain, count
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
from numpy.typing import ArrayLike

from mnist_study.analysis.diagnosis import reference
from mnist_study.data import StudyError
from mnist_study.images.preparation import check_stage
from mnist_study.images.strokes import PEN, PENS, check_strokes
from mnist_study.models import Classifier

from .answers import cards, verdict
from .board import Board, Trouble
from .hand import FORMATS, OwnDigits, check_pen
from .sketch import Point, Sketch
from .tasks import MODELS, digits_of, noun
from .words import ZOOM, downloads, hand_table, logits_table, measures, picture, preparations

CSS = Path(__file__).with_name("pad.css").read_text()


class HandPanel(widgets.VBox):
    """Your own test set: label what is on the pad, keep it, see who reads your hand, take it home as files.

    Parameters
    ----------
    pad : the Pad whose drawings are kept
    """

    def __init__(self, pad: "Pad") -> None:
        self.pad, self.own, self.trouble = pad, OwnDigits(task=pad.sketch.task), Trouble()
        self.written: set[Path] = set()
        trouble = self.trouble  # beside its buttons: on a phone the pad's is out of sight
        classes, self.noun = self.own.task.classes, noun(self.own.task)
        if digits_of(self.own.task) == 1:
            options = [("which digit?", ""), *((name, name) for name in classes)]
            self.label = widgets.Dropdown(options=options, description="I drew a")
        else:  # a hundred are too many to look through: they are typed
            self.label = widgets.Combobox(placeholder="two digits", options=classes, description="I drew")
        self.stem = widgets.Text(
            f"./my_{self.noun}s", description="Save as", layout={"display": "none" if _in_voila() else None}
        )
        self.upload = widgets.FileUpload(
            accept=",".join(FORMATS), description="Load", tooltip="Add the drawings of a file"
        )
        self.upload.observe(trouble.guarded(self._load), "value")
        self.save_button = trouble.button("Save to my test set", self.save, "Keep the drawing with its label")
        self.remove_button = trouble.button("Remove the last", self.remove, "Take the last drawing out of the set")
        self.export_button = trouble.button("Export", self.export, "Write the set as .npz and .json")
        self.status, self.table = widgets.HTML(), widgets.HTML()
        super().__init__(
            [
                widgets.HTML("<h2>Your own test set</h2>"),
                _row(self.label, self.save_button, self.remove_button),
                self.trouble,
                self.status,
                self.table,
                _row(self.stem, self.export_button, self.upload),
            ]
        )
        self._tell("")

    def save(self) -> None:
        """Keep what is on the pad, and clear the pad for the next drawing."""
        name, classes = self.label.value.strip(), self.own.task.classes
        if name not in classes:
            told = f"{name!r:.20} is none of {classes[0]} to {classes[-1]}; " if name else ""
            raise StudyError(f'{told}say first which {self.noun} you drew, in "{self.label.description}"')
        self.own.add(self.pad.strokes, classes.index(name), self.pad.sketch.pen)
        self._tell(f"Saved as {escape(name)}; the pad is clear for the next one.")
        self.label.value = ""
        self.pad.clear()

    def remove(self) -> None:
        """Take the last drawing out."""
        self.own.undo()
        self._tell("")

    def export(self) -> None:
        """Write both files where the kernel runs, but not for the guests of an app; offer them for download to all.

        Files of that name from another day stay: a number is put behind the new one's.
        """
        if not len(self.own):
            raise StudyError(f"there is no {self.noun} to export yet; save one to your test set first")
        stem = Path(self.stem.value or f"my_{self.noun}s")
        stem = stem.with_suffix("") if stem.suffix in FORMATS else stem
        paths = [] if _in_voila() else self._free(stem)
        for path in paths:
            self.own.save(path)
        self.written.update(paths)
        written = f"Written: {' and '.join(escape(str(path.absolute())) for path in paths)}. " if paths else ""
        self._tell(written + downloads(self.own, stem.name))

    def _free(self, stem: Path) -> list[Path]:
        """The files of that name, or of the first with a number behind it, that are not there or are this panel's."""
        stems = chain([f"{stem}"], (f"{stem}-{number}" for number in count(2)))
        files = ([Path(f"{each}{suffix}") for suffix in FORMATS] for each in stems)
        return next(paths for paths in files if all(path in self.written or not path.exists() for path in paths))

    def _load(self, change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        self.trouble.show(None)
        self.upload.value = ()  # so that the same file can be chosen again
        for file in change["new"]:
            loaded = OwnDigits.decode(file["name"], file["content"], self.own.task)
            self.own.extend(loaded)
            self._tell(f"{_count(loaded)} read from {escape(file['name'])}.")

    def _tell(self, news: str) -> None:
        self.status.value = f'<p role="status"><strong>{_count(self.own)}</strong> in your test set. {news}</p>'
        self.table.value = hand_table(self.own, self.pad.sketch.models)


def _count(own: OwnDigits) -> str:
    return f"{len(own)} {noun(own.task)}{'' if len(own) == 1 else 's'}"


class Pad(widgets.VBox):
    """Draw a digit, or two side by side, and see at the end of each stroke what each network makes of it.

    A cell's last line shows it.

    Parameters
    ----------
    models : names as for ``load_model``, or networks with ``predict_proba`` or ``logits`` of uint8 images, all of one
        task; or one of these. On a pad for two digits, those that read single digits read one after the other. None
        for a choice of the study's
    digits : that are drawn side by side, 1 or 2; None for as many as the networks read
    pen : width, in pixels of the image, 0.5 to 8
    stage : how a drawing is prepared, "raw", "cropped" or "centred", of two digits also "apart"; None for the one that
        goes farthest

    Attributes
    ----------
    strokes : list of lists of (x, y), in units of the pad: 280 high, and 280 wide for each digit
    image : uint8 ``task.shape``, what the networks saw
    guesses : dict from name to probabilities ``(classes,)``; empty without strokes
    own : OwnDigits, the test set of your hand
    milliseconds : float, from the end of the last stroke to the answer

    Raises
    ------
    StudyError
        There is no such model, it is no network, the networks read different things or not so many digits, there is no
        pad for so many, or no such pen or stage.
    """

    def __init__(
        self,
        models: str | Classifier | Iterable[str | Classifier] | None = None,
        *,
        digits: int | None = None,
        pen: float = PEN,
        stage: str | None = None,
    ) -> None:
        _enable_colab()
        if models is None:
            models = next((names for count, names in MODELS.items() if count == (digits or 1)), ())
        self.sketch, self.trouble, self.milliseconds = Sketch(models, digits), Trouble(), 0.0
        stage = stage or self.sketch.stage
        try:
            check_stage(stage, digits_of(self.sketch.task))
            pen = check_pen(pen)
        except ValueError as error:
            raise StudyError(error) from None
        with suppress(StudyError):  # without MNIST there is a pad still, and it says so
            reference(self.sketch.task)  # takes a second, which the first stroke would wait for
        self.board = Board(self.sketch, self._show, self.trouble)
        self._controls(pen, stage)
        self.seen, self.verdict, self.answers, self.details = (widgets.HTML() for _ in range(4))
        self.hand = HandPanel(self)
        super().__init__([widgets.HTML(f"<style>{CSS}</style>"), *self._rows()])
        self.children[0].layout.display = "none"
        self.add_class("mnist-pad")
        self._change()

    def _controls(self, pen: float, stage: str) -> None:
        self.undo_button = self.trouble.button("Undo", self.undo, "Take the last stroke away")
        self.clear_button = self.trouble.button("Clear", self.clear, "Take all strokes away")
        self.replay_button = self.trouble.button("Replay", self.replay, "Draw the strokes again, one by one")
        self.pen = widgets.FloatSlider(
            pen, min=PENS[0], max=PENS[1], step=0.1, description="Stroke width", readout_format=".1f"
        )
        stages = preparations(self.sketch.task)
        self.stage = widgets.ToggleButtons(
            options=list(stages), value=stage, description="Preparation", tooltips=list(stages.values())
        )
        self.averaged = widgets.Checkbox(False, description="Average small variants", indent=False)
        self.logits = widgets.Checkbox(False, description="Show logits", indent=False)
        self.pen.style.description_width = "initial"
        self.stage.style.button_width = "auto"
        for control in (self.pen, self.stage, self.averaged, self.logits):
            control.observe(self.trouble.guarded(self._change), "value")

    def _rows(self) -> list[widgets.Widget]:
        """What is shown, from top to bottom; each row wraps on a phone."""
        buttons = _row(self.undo_button, self.clear_button, self.replay_button)
        controls = _column("pad-controls", self.pen, self.stage, _row(self.averaged, self.logits))
        paper, seen = _column("pad-paper", self.board.canvas, buttons), _column("pad-seen", self.seen, self.verdict)
        paper.layout.max_width = f"{self.board.width + 2}px"  # with its border
        seen.layout.width = f"{ZOOM * self.sketch.task.shape[1] + 6}px"  # the picture with its border and margins
        return [
            _row(paper, seen, _column("pad-answers", self.answers)),
            self.trouble,
            _row(controls, _column("pad-details", self.details)),
            self.hand,
        ]

    @property
    def strokes(self) -> list[list[Point]]:
        return self.sketch.strokes

    @property
    def image(self) -> np.ndarray:
        return self.sketch.image

    @property
    def guesses(self) -> dict[str, np.ndarray]:
        return self.sketch.guesses

    @property
    def own(self) -> OwnDigits:
        return self.hand.own

    def draw(self, strokes: Sequence[ArrayLike]) -> None:
        """Put strokes in place of what is on the pad, and read them.

        Parameters
        ----------
        strokes : list of arrays ``(n, 2)``, x to the right, y down, in units of the pad

        Raises
        ------
        ValueError
            A stroke is no list of points, or a coordinate is not finite.
        """
        self._put([list(map(tuple, line.tolist())) for line in check_strokes(strokes)])

    def undo(self) -> None:
        """Take the last stroke away."""
        self._put(self.strokes[:-1])

    def clear(self) -> None:
        """Take all strokes away."""
        self._put([])

    def replay(self) -> None:
        """Draw the strokes again, one by one, while the kernel goes on."""
        self.board.replay()

    def _put(self, strokes: list[list[Point]]) -> None:
        self.board.active = False
        self.sketch.strokes = strokes
        self.board.redraw()
        self._show()

    def _change(self, *_: object) -> None:
        """A control was moved."""
        self.sketch.pen, self.sketch.stage = self.pen.value, self.stage.value
        self.sketch.averaged = self.averaged.value
        self.board.redraw()
        self._show()

    def _show(self) -> None:
        start = time.perf_counter()
        self.sketch.read()
        self.verdict.value = verdict(self.sketch.guesses, self.sketch.task, self.sketch.refusing)
        self.answers.value = cards(self.sketch.models, self.sketch.guesses, self.sketch.task)
        self.seen.value = f"<figure>{picture(self.image)}<figcaption>What the networks see</figcaption></figure>"
        more = ""
        if self.logits.value and self.strokes:
            more = logits_table(self.sketch.logits(), self.sketch.task.classes)
        self.details.value = f'<div class="pad-tables">{measures(self.image, self.sketch.task)}{more}</div>'
        self.milliseconds = 1000 * (time.perf_counter() - start)

    def __repr__(self) -> str:
        return f"Pad({', '.join(self.sketch.models)}; strokes: {len(self.strokes)})"


def _row(*parts: widgets.Widget) -> widgets.Box:
    row = widgets.Box(parts)
    row.add_class("pad-row")
    return row


def _column(name: str, *parts: widgets.Widget) -> widgets.VBox:
    column = widgets.VBox(parts)
    column.add_class(name)
    return column


def _in_voila() -> bool:
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _enable_colab() -> None:
    """Colab shows widgets that are not its own only on request."""
    if "google.colab" in sys.modules:
        sys.modules["google.colab"].output.enable_custom_widget_manager()
