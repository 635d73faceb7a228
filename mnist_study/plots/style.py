"""The look of every figure: one opaque card, legible on a light and on a dark page, to colour-blind eyes too."""

from functools import wraps
from io import BytesIO

import matplotlib
from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), which colour-blind readers can tell apart.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#6B6B6B"
DIGIT = "gray_r"  # digits as ink on paper
SIGNED = "RdBu"  # blue is positive, red negative
WIDTH = 8.0  # of a figure, in inches
PIXELS = 96  # per inch on the page; twice as many are drawn, for sharp screens
STYLE = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "figure.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}


class Drawing(Figure):
    """A Figure that shows itself in a notebook, once, without pyplot and whatever the backend."""

    def _repr_png_(self):
        file = BytesIO()
        self.savefig(file, format="png", dpi=2 * PIXELS)
        width, height = self.get_size_inches() * PIXELS
        return file.getvalue(), {"width": round(width), "height": round(height)}


def figure(height, rows=1, columns=1, title=None, **options):
    """A Drawing of ``height`` inches and its axes."""
    drawing = Drawing(figsize=(WIDTH, height), layout="constrained", facecolor="white")
    axes = drawing.subplots(rows, columns, **options)
    if title:
        drawing.suptitle(title, fontweight="bold")
    return drawing, axes


def show_digit(axis, image, title=None, cmap=DIGIT, **options):
    """One image ``(H, W)`` without axes; grey values run from 0 to 255 unless ``vmin`` and ``vmax`` are given."""
    shown = axis.imshow(image, cmap=cmap, **{"vmin": 0, "vmax": 255, "interpolation": "nearest", **options})
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(False)
    if title is not None:
        axis.set_title(title, fontsize=10)
    return shown


def styled(function):
    """Draw under the study's style, and leave everybody else's alone."""

    @wraps(function)
    def draw(*arguments, **options):
        with matplotlib.rc_context(STYLE):
            return function(*arguments, **options)

    return draw
