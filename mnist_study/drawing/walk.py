"""A walk through a convolution, pixel by pixel, in a notebook; ``html()`` is the same piece for a page of the book."""

import base64
import json
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path

import ipywidgets as widgets
import numpy as np
from numpy.typing import ArrayLike

from mnist_study.models import Convolution, col2im, im2col

from .board import Trouble
from .pad import Pad
from .walk_words import WORDS, grey, matrix, number, picture, signed, table

SIDE = 3  # of the kernel
LARGEST = 1000.0  # weight, either way: what is shown stays readable
EDGE = ((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (-1.0, -1.0, -1.0))  # ink above, paper below
PRESETS = {
    "horizontal edge": EDGE,
    "vertical edge": ((1.0, 0.0, -1.0),) * 3,
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0.0, -1.0, 0.0), (-1.0, 5.0, -1.0), (0.0, -1.0, 0.0)),
    "diagonal": ((-1.0, -1.0, 2.0), (-1.0, 2.0, -1.0), (2.0, -1.0, -1.0)),
}
PACE = 150  # milliseconds for each output pixel that is played; each is a message to the kernel and back
CSS = Path(__file__).with_name("walk.css").read_text()
PAGE = (28, 28)  # images that the book's page can show


@dataclass(frozen=True)
class Page:
    """A piece of HTML that a cell of a chapter shows."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


class ConvolutionWalk(widgets.VBox):
    """Walk through a 3 × 3 convolution: window, products and sum forwards; backwards, what returns to each pixel.

    The map is y = im2col(x) W with grey values x from 0 to 1. Backwards the loss is L = half the sum of the squares of
    y, so dL/dy is y, and dL/dx = col2im(y Wᵀ), shown as summed over the output pixels from 0 to the current one.

    Parameters
    ----------
    image : uint8 ``(H, W)``, at least 3 × 3 pixels, ink bright on dark; or a Pad, whose drawing is followed
    kernel : ``(3, 3)``, finite numbers from -1000 to 1000

    Attributes
    ----------
    position : int, the output pixel, in reading order from 0; also the row of the im2col matrix. The first one is
        where the image looks most like the kernel
    backwards : bool
    image : uint8 ``(H, W)``
    kernel : float64 ``(3, 3)``
    map : float64 ``(H - 2, W - 2)``, y
    patch : float64 ``(3, 3)``, the grey values in the window
    products : float64 ``(3, 3)``, the patch times the kernel; their sum is this pixel of the map
    returned : float64 ``(3, 3)``, dL/dy of this output pixel times the kernel: what is added to dL/dx in the window
    gradient : float64 ``(H, W)``, dL/dx as summed so far

    Raises
    ------
    ValueError
        The image or the kernel is none.
    """

    def __init__(self, image: ArrayLike | Pad, kernel: ArrayLike = EDGE) -> None:
        self.pad = image if isinstance(image, Pad) else None
        self.image = _check_image(self.pad.image if self.pad else image)
        self.kernel = _check_kernel(kernel)
        self.trouble = Trouble()
        self._compute()
        self._controls()
        super().__init__(self._rows())
        self.children[0].layout.display = "none"
        self.add_class("mnist-walk")
        if self.pad:
            self.pad.seen.observe(self.trouble.guarded(self._follow), "value")  # changes whenever its image does
        self._turn()

    @property
    def position(self) -> int:
        return self.slider.value

    @position.setter
    def position(self, position: int) -> None:
        self.slider.value = position

    @property
    def backwards(self) -> bool:
        return self.direction.value == "backwards"

    @backwards.setter
    def backwards(self, backwards: bool) -> None:
        self.direction.value = "backwards" if backwards else "forwards"

    @property
    def patch(self) -> np.ndarray:
        return self.windows[self.position].reshape(SIDE, SIDE)

    @property
    def products(self) -> np.ndarray:
        return self.patch * self.kernel

    @property
    def returned(self) -> np.ndarray:
        return self.window_gradients[self.position].reshape(SIDE, SIDE)

    @property
    def gradient(self) -> np.ndarray:
        return self._summed(self.position + 1)

    def set_kernel(self, kernel: ArrayLike) -> None:
        """Walk with another kernel, ``(3, 3)``.

        Raises
        ------
        ValueError
            It is none.
        """
        self._fill(_check_kernel(kernel))
        self._refresh()

    def html(self) -> Page:
        """The same piece for a page that has ``_static/convolution``: what a cell shows as its last line.

        Raises
        ------
        ValueError
            The image is not 28 × 28, as the page's are.
        """
        if self.image.shape != PAGE:
            raise ValueError(f"the page walks over images of 28 × 28 pixels; this one is {self.image.shape}")
        image = base64.b64encode(self.image.tobytes()).decode()
        kernel = ",".join(repr(float(weight)) for weight in self.kernel.flat)
        instead = "Here one could walk through a convolution; it needs JavaScript and convolution.js."
        presets = {name: [weight for row in kernel for weight in row] for name, kernel in PRESETS.items()}
        words = escape(json.dumps({"directions": WORDS, "presets": presets}))
        given = f'data-image="{image}" data-kernel="{kernel}" data-words="{words}"'
        return Page(f'<div class="mnist-convolution" {given}><p>{instead}</p></div>')

    def _compute(self) -> None:
        """What does not depend on where the walk is."""
        x = self.image[None, :, :, None] / 255  # (1, H, W, 1)
        layer = Convolution(1, 1, SIDE)
        layer.weight, layer.bias = self.kernel.reshape(SIDE, SIDE, 1, 1), np.zeros(1)
        y = layer.forward(x)  # (1, H - 2, W - 2, 1)
        self.map = y[0, :, :, 0]
        self.windows = im2col(x, (SIDE, SIDE)).reshape(y.size, SIDE * SIDE)
        self.window_gradients = y.reshape(y.size, 1) @ layer.weight.reshape(1, SIDE * SIDE)  # dL/dy Wᵀ, as dL/dy = y

    def _summed(self, count: int) -> np.ndarray:
        """dL/dx ``(H, W)`` from the first ``count`` output pixels."""
        some = np.zeros_like(self.window_gradients)
        some[:count] = self.window_gradients[:count]
        windows = some.reshape(1, *self.map.shape, SIDE, SIDE, 1)
        return col2im(windows, (1, *self.image.shape, 1))[0, :, :, 0]

    def _controls(self) -> None:
        columns = self.map.shape[1]
        start, last = int(self.map.argmax()), self.map.size - 1
        self.direction = widgets.ToggleButtons(options=list(WORDS), description="Direction")
        self.slider = widgets.IntSlider(start, 0, last, description="Output pixel")
        self.slider.style.description_width = self.direction.style.description_width = "initial"
        self.play = widgets.Play(value=start, min=0, max=last, interval=PACE)
        self.link = widgets.jslink((self.play, "value"), (self.slider, "value"))
        self.up_button = self.trouble.button("Row up", lambda: self._go(-columns), "The window one pixel up")
        self.down_button = self.trouble.button("Row down", lambda: self._go(columns), "The window one pixel down")
        self.preset_buttons = [
            self.trouble.button(name, partial(self.set_kernel, weights), f"The kernel “{name}”")
            for name, weights in PRESETS.items()
        ]
        self.fields = [
            widgets.BoundedFloatText(
                weight, min=-LARGEST, max=LARGEST, step=None, tooltip=f"Kernel, row {i}, column {j}"
            )
            for (i, j), weight in np.ndenumerate(self.kernel)
        ]
        self.filling = False
        self.direction.observe(self.trouble.guarded(self._turn), "value")
        self.slider.observe(self.trouble.guarded(self._show), "value")
        for field in self.fields:
            field.observe(self.trouble.guarded(self._typed), "value")

    def _rows(self) -> list[widgets.Widget]:
        """What is shown, from top to bottom; each row wraps on a phone."""
        names = ("what", "status", "left", "right", "patch_table", "products_table", "sum_table", "matrix")
        self.parts = {name: widgets.HTML() for name in names}
        grid = widgets.GridBox(self.fields, layout=widgets.Layout(grid_template_columns="repeat(3, 64px)"))
        self.kernel_box = widgets.VBox([widgets.HTML('<span class="walk-caption">kernel</span>'), grid])
        self.numbers = _row()
        return [
            widgets.HTML(f"<style>{CSS}</style>"),
            self.direction,
            self.parts["what"],
            _row(self.slider, self.play, self.up_button, self.down_button),
            self.parts["status"],
            _row(self.parts["left"], self.parts["right"]),
            self.numbers,
            _row(*self.preset_buttons),
            self.trouble,
            self.parts["matrix"],
        ]

    def _go(self, by: int) -> None:
        if 0 <= self.position + by < self.map.size:
            self.position += by

    def _follow(self, _: object) -> None:
        assert self.pad
        self.image = _check_image(self.pad.image)
        self._refresh()

    def _typed(self, _: object) -> None:
        """A weight was typed; a bad one leaves the kernel as it was."""
        if not self.filling:
            self.trouble.show(None)
            self.kernel = _check_kernel([field.value for field in self.fields], (SIDE * SIDE,))
            self._refresh()

    def _fill(self, kernel: np.ndarray) -> None:
        """Take a kernel, and write it into the fields without an answer to each of them."""
        self.kernel, self.filling = kernel, True
        try:
            for field, weight in zip(self.fields, kernel.flat, strict=True):
                field.value = float(weight)
        finally:
            self.filling = False

    def _refresh(self) -> None:
        self._compute()
        self._show()

    def _turn(self, _: object = None) -> None:
        """The direction: what comes first, and what of it."""
        first, last = self.parts["patch_table"], self.parts["sum_table"]
        if self.backwards:
            first, last = last, first
        times, equals, becomes = (widgets.HTML(sign) for sign in "×=→")
        self.numbers.children = first, times, self.kernel_box, equals, self.parts["products_table"], becomes, last
        self._show()

    def _show(self, _: object = None) -> None:
        words, position = WORDS[self.direction.value], self.position
        row, column = divmod(position, self.map.shape[1])
        whole = self._summed(self.map.size)  # sets the scale, so that a colour means the same all the way
        by_map, by_input = signed(self.map), signed(whole) if self.backwards else grey
        x = self.gradient if self.backwards else self.image / 255
        lines = self.window_gradients if self.backwards else self.windows
        terms = (self.returned, by_input) if self.backwards else (self.products, by_map)
        shown = {
            "what": f"<p>{words['what']}</p>",
            "status": f'<p class="walk-status" role="status">Row {row}, column {column}: {self._status()}.</p>',
            "left": picture(x, by_input, (row, column, SIDE), words["left"], whole if self.backwards else None),
            "right": picture(self.map, by_map, (row, column, 1), words["right"], self.map),
            "patch_table": table(words["patch"], x[row : row + SIDE, column : column + SIDE], by_input),
            "products_table": table(words["products"], *terms),
            "sum_table": table(words["sum"], self.map[row : row + 1, column : column + 1], by_map, "walk-sum"),
            "matrix": matrix(words["matrix"].format(all=self.map.size), lines, position, by_input),
        }
        for name, value in shown.items():
            self.parts[name].value = value

    def _status(self) -> str:
        value = number(self.map.flat[self.position])
        return WORDS[self.direction.value]["status"].format(sum=value, added=self.position + 1, all=self.map.size)

    def __repr__(self) -> str:
        rows, columns = self.image.shape
        return f"ConvolutionWalk({rows} × {columns} pixels; output pixel {self.position} of {self.map.size})"


def _check_image(image: ArrayLike) -> np.ndarray:
    image = np.asarray(image)
    if image.ndim != 2 or min(image.shape) < SIDE:
        raise ValueError(f"an image is (H, W), at least 3 × 3 pixels; this one is {image.shape}")
    if image.dtype != np.uint8:
        raise ValueError(f"an image is uint8, 0 to 255; this one is {image.dtype}: prepare(image) makes it one")
    return image.copy()


def _check_kernel(kernel: ArrayLike, shape: tuple[int, ...] = (SIDE, SIDE)) -> np.ndarray:
    try:
        weights = np.array(kernel, np.float64)
    except (TypeError, ValueError):
        raise ValueError("a kernel is (3, 3) numbers; this one holds something else") from None
    if weights.shape != shape:
        raise ValueError(f"a kernel is (3, 3); this one is {weights.shape}")
    if not (np.abs(weights) <= LARGEST).all():  # which NaN is not, either
        raise ValueError("a kernel is made of finite numbers from -1000 to 1000; this one holds another")
    return weights.reshape(SIDE, SIDE)


def _row(*parts: widgets.Widget) -> widgets.Box:
    row = widgets.Box(parts)
    row.add_class("walk-row")
    return row
