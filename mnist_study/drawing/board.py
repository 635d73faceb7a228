"""The canvas of the widget: what a mouse, a finger or a pen does on it becomes strokes."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import wraps

import ipywidgets as widgets
import numpy as np
from ipycanvas import Canvas, hold_canvas

from mnist_study.data import StudyError
from mnist_study.images.strokes import CANVAS

from .sketch import Point, Sketch
from .tasks import digits_of

SHARP = 2  # pixels of the canvas per unit of the pad: lines stay sharp on a screen of high resolution
PAPER, INK = "#ffffff", "#1a1a1a"
REPLAY = 2.5  # seconds that a replay lasts at most
FRAME = 0.03  # seconds between two of its points at most


class Trouble(widgets.Output):
    """The place under the pad where errors of callbacks are shown, which ipywidgets would swallow."""

    def guarded(self, act: Callable[..., object]) -> Callable[..., object]:
        """``act`` as a callback: if it fails, one line says why."""

        @wraps(act)
        def call(*arguments: object) -> object:
            try:
                return act(*arguments)
            except Exception as error:
                self.show(error)
                return None

        return call

    def show(self, error: Exception | None) -> None:
        """Show an error in one line; None takes the last one away."""
        line = str(error) if isinstance(error, StudyError | ValueError) else f"{type(error).__name__}: {error}"
        shown = ({"output_type": "stream", "name": "stderr", "text": " ".join(line.split()) + "\n"},)
        self.outputs = () if error is None else shown

    def button(self, label: str, act: Callable[[], object], tooltip: str) -> widgets.Button:
        """A Button that takes the last error away and does ``act()``."""

        def pressed(_: widgets.Button) -> None:
            self.show(None)
            act()

        made = widgets.Button(description=label, tooltip=tooltip)
        made.on_click(self.guarded(pressed))
        return made


class Board:
    """The canvas: what a mouse, a finger or a pen does on it becomes strokes of ``sketch``, and those become lines.

    Parameters
    ----------
    sketch : Sketch
    ended : called without arguments at the end of each stroke
    trouble : Trouble
    """

    def __init__(self, sketch: Sketch, ended: Callable[[], object], trouble: Trouble) -> None:
        self.sketch, self.ended, self.trouble = sketch, ended, trouble
        self.active = False
        self.task: asyncio.Task[None] | None = None
        self.width = CANVAS * digits_of(sketch.task)  # units, and pixels of a screen that has so many
        layout = widgets.Layout(width=f"{self.width}px", max_width="100%", height="auto")
        self.canvas = Canvas(width=SHARP * self.width, height=SHARP * CANVAS, layout=layout)
        self.canvas.tabbable = False  # it would swallow the Tab key that leads out of it
        self.canvas.add_class("pad-canvas")
        self._listen()
        self.redraw()

    def _listen(self) -> None:
        """Mouse and touch: ipycanvas knows no pointer events, and a finger sends no mouse events. A pen sends one."""
        canvas, first = self.canvas, lambda act: lambda touches: act(*touches[0])
        for register, act in (
            (canvas.on_mouse_down, self._down),
            (canvas.on_mouse_move, self._move),
            (canvas.on_mouse_up, self._up),
            (canvas.on_mouse_out, self._up),  # a button released outside sends nothing
            (canvas.on_touch_start, first(self._down)),
            (canvas.on_touch_move, first(self._move)),
            (canvas.on_touch_end, self._up),
            (canvas.on_touch_cancel, self._up),
            (canvas.on_client_ready, self.redraw),  # the browser's canvas is blank when the page is loaded again
        ):
            register(self.trouble.guarded(act))

    def _down(self, x: float, y: float) -> None:
        if self.active:  # a second finger
            return
        self.trouble.show(None)
        self.stop()
        self.active = True
        self.sketch.strokes.append([_units(x, y)])
        self._draw(self.sketch.strokes[-1])

    def _move(self, x: float, y: float) -> None:
        if self.active and (point := _units(x, y)) != self.sketch.strokes[-1][-1]:
            self.sketch.strokes[-1].append(point)
            self._draw(self.sketch.strokes[-1][-2:])

    def _up(self, *_: object) -> None:
        if self.active:
            self.active = False
            self.ended()
            self.canvas.blur()  # else it keeps every key that is pressed, Tab too

    def redraw(self) -> None:
        """Draw all strokes at once; a replay ends."""
        self.stop(whole=False)
        # A page that was loaded again does not know which canvas was drawn on last, and ipycanvas would not say.
        self.canvas._canvas_manager._current_canvas = None
        self._clean()
        self._draw(*self.sketch.strokes)

    def replay(self) -> None:
        """Draw the strokes again as they were drawn, while the kernel goes on; at once where no event loop runs."""
        self.redraw()
        try:
            self.task = asyncio.get_running_loop().create_task(self._play())
        except RuntimeError:
            self.task = None

    def stop(self, whole: bool = True) -> None:
        """End a replay, with the ``whole`` drawing shown."""
        task, self.task = self.task, None
        if task is not None and not task.done():
            task.cancel()
            if whole:
                self.redraw()

    async def _play(self) -> None:
        strokes = [list(stroke) for stroke in self.sketch.strokes]
        length = -(-sum(map(len, strokes)) // int(REPLAY / FRAME))  # points at a time
        self._clean()
        for piece in _pieces(strokes, length):
            self.trouble.guarded(self._draw)(piece)
            await asyncio.sleep(FRAME)

    def _clean(self) -> None:
        with hold_canvas():
            self.canvas.fill_style = PAPER
            self.canvas.fill_rect(0, 0, SHARP * self.width, SHARP * CANVAS)

    def _draw(self, *lines: Sequence[Point]) -> None:
        width = self.sketch.pen * CANVAS / self.sketch.task.shape[0] * SHARP
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


def _pieces(strokes: Sequence[list[Point]], length: int) -> Iterator[list[Point]]:
    """Strokes cut into ``length`` points each, and the one before, so that the pieces meet."""
    for stroke in strokes:
        for start in range(0, len(stroke), length):
            yield stroke[max(start - 1, 0) : start + length]


def _units(x: float, y: float) -> Point:
    return round(x / SHARP, 2), round(y / SHARP, 2)
