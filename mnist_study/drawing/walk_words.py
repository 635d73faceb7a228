"""What the walk through a convolution says and shows: its sentences, which the page says too, pictures and tables."""

import base64
import io
from collections.abc import Callable

import numpy as np
from matplotlib import colormaps
from PIL import Image, ImageDraw

from mnist_study.plots.style import DIGIT, ORANGE, SIGNED

WORDS = {
    "forwards": {
        "what": "Nine grey values (0 is paper, 1 is ink) times nine weights, added up, are one pixel of the map.",
        "left": "image x",
        "right": "map y",
        "patch": "patch of x",
        "products": "products",
        "sum": "their sum y",
        "matrix": "The patch is a row of the im2col matrix, {all} × 9",
        "status": "the nine products sum to {sum}",
    },
    "backwards": {
        "what": "L = ½ Σ y², so dL/dy = y. Times each weight, it is added to the pixel that the weight looked at.",
        "left": "dL/dx so far",
        "right": "dL/dy = y",
        "patch": "dL/dx there now",
        "products": "added to dL/dx",
        "sum": "dL/dy = y",
        "matrix": "The nine are a row of the gradient’s window matrix, {all} × 9; col2im adds all rows to their pixels",
        "status": "dL/dy = {sum}, {added} of {all} added",
    },
}
PICTURE, SHARP = 280, 2  # pixels of the screen for a picture's longer side; pixels of the picture for each of them
Colour = Callable[[np.ndarray], np.ndarray]  # values of any shape -> uint8 (..., 3)


def grey(values: np.ndarray) -> np.ndarray:
    """Ink on paper, for values from 0 to 1."""
    return colormaps[DIGIT](values, bytes=True)[..., :3]


def signed(values: np.ndarray) -> Colour:
    """Blue is positive, red negative; the deepest of both stand for the largest of ``values``."""
    scale = np.abs(values).max() or 1.0
    return lambda some: colormaps[SIGNED]((some / scale + 1) / 2, bytes=True)[..., :3]


def number(value: float) -> str:
    """In at most eight letters, and zero without a sign, as on the page."""
    text = f"{value:.1e}" if abs(value) >= 1000 else f"{0.0 if abs(value) < 0.005 else value:.2f}"
    return text.replace("-", "−")


def picture(
    values: np.ndarray, colour: Colour, marked: tuple[int, int, int], words: str, scale: np.ndarray | None
) -> str:
    """Values ``(H, W)`` as a picture, with the square (row, column, side) outlined."""
    rows, columns = values.shape
    zoom = max(SHARP * PICTURE // max(rows, columns), 1)
    enlarged = Image.fromarray(colour(values)).resize((zoom * columns, zoom * rows), Image.Resampling.NEAREST)
    row, column, side = (zoom * place for place in marked)
    box = (column - 5, row - 5, column + side + 4, row + side + 4)
    ImageDraw.Draw(enlarged).rectangle(tuple(np.add(box, (-2, -2, 2, 2))), outline="#222222", width=2)  # or it fades
    ImageDraw.Draw(enlarged).rectangle(box, outline=ORANGE, width=6)
    file = io.BytesIO()
    enlarged.save(file, "PNG")
    caption = f"{words}, {rows} × {columns}"
    alt = f"{caption}; row {marked[0]}, column {marked[1]} is outlined"
    if scale is not None:
        most = np.abs(scale).max()
        caption += f"; blue to {number(most)}, red to {number(-most)}"
    source = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    width = round(PICTURE * columns / max(rows, columns))
    return f'<figure><img alt="{alt}" width="{width}" src="{source}"><figcaption>{caption}</figcaption></figure>'


def _cells(values: np.ndarray, colour: Colour) -> str:
    """Values ``(n,)`` as cells, on the colours that they have in a picture."""
    return "".join(
        f'<td style="background:rgb({red},{green},{blue});color:{_letters(red, green, blue)}">{number(value)}</td>'
        for value, (red, green, blue) in zip(values, colour(values), strict=True)
    )


def _letters(*colour: int) -> str:
    """Black or white, whichever is easier to read on the colour (its relative luminance, WCAG 2)."""
    luminance = np.dot((0.2126, 0.7152, 0.0722), (np.array(colour) / 255) ** 2.2)
    return "#000" if luminance > 0.18 else "#fff"


def table(caption: str, values: np.ndarray, colour: Colour, name: str = "walk-nine") -> str:
    """Values ``(rows, columns)`` as numbers."""
    lines = "".join(f"<tr>{_cells(line, colour)}</tr>" for line in values)
    return f'<table class="{name}"><caption>{caption}</caption>{lines}</table>'


def matrix(caption: str, lines: np.ndarray, position: int, colour: Colour) -> str:
    """The row of this window between its neighbours."""
    shown = range(max(position - 1, 0), min(position + 2, len(lines)))
    body = "".join(
        f'<tr{" class=walk-here" if place == position else ""}><th scope="row">{place}</th>'
        f"{_cells(lines[place], colour)}</tr>"
        for place in shown
    )
    return f'<table class="walk-matrix"><caption>{caption}</caption>{body}</table>'
