"""The look of every figure: one opaque card, legible on a light and on a dark page, to colour-blind eyes too."""

import pickle
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import wraps
from io import BytesIO
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, overload

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.image import AxesImage
from matplotlib.ticker import FixedLocator
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType  # older versions do not have it

Arguments = ParamSpec("Arguments")
Limits = tuple[float | None, float | None]  # of an axis: low, high; None follows the data

# Okabe and Ito's palette (2008), which colour-blind readers can tell apart; grey stands for its yellow, too light here.
BLUE, ORANGE, GREEN, VERMILION, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#6B6B6B"
SKY, BLACK = "#56B4E9", "#000000"
COLOURS = (BLUE, ORANGE, VERMILION, GREY, PURPLE, GREEN, SKY, BLACK)  # of series, in this order
LINES = ("-", "--", "-.", ":")
MARKERS = ("o", "s", "X", "^", "D", "v", "P", "*")
HATCHES = (None, "//", "xx", "..")  # of bars
OFF_SCALE = "off the scale"  # what is drawn at the edge of an axis in place of points that are not on it
MOST_SERIES = len(COLOURS) * len(HATCHES)
DIGIT = "gray_r"  # digits as ink on paper
SIGNED = "RdBu"  # blue is positive, red negative
WIDTH = 8.0  # of a figure, in inches
PIXELS = 96  # per inch on the page; twice as many are drawn, for sharp screens
NARROW = "narrow"  # what a figure's picture for a phone is called in the notebook
LINE, NAME = 36, 20  # letters of a line on a phone, and of a name beside a row
LINE_HEIGHT = 0.2  # inches, of a legend
STYLE: "dict[RcKeyType, object]" = {
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
    """A Figure that shows itself in a notebook, once, without pyplot and whatever the backend.

    Where it may be drawn half as wide it tells the book, beside its size, how it looks on a phone: as ``NARROW``, a PNG
    in base 64. ``flows`` says that its pictures stand in no rows and columns that mean anything, like words of a text.
    """

    flows = False

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        about: dict[str, Any] = self.on_page()
        if narrow := self.narrow():
            about[NARROW] = b64encode(narrow.png()).decode()
        return self.png(), about

    def on_page(self) -> dict[str, int]:
        """``width`` and ``height`` in pixels of a page."""
        width, height = self.get_size_inches() * PIXELS
        return {"width": round(width), "height": round(height)}

    def png(self) -> bytes:
        """The content of a PNG file, of two pixels for each of a page."""
        file = BytesIO()
        self.savefig(file, format="png", dpi=2 * PIXELS)
        return file.getvalue()

    def narrow(self) -> "Drawing | None":
        """The same panels one below the other, half as wide, legends below; None where an image stands in a table."""
        drawing: Drawing = pickle.loads(pickle.dumps(self))
        if self.flows:
            drawing._flow()
            return drawing
        cells = {axis: place for axis in drawing.axes if (place := axis.get_subplotspec())}
        panels = [axis for axis in cells if axis.axison]
        if not panels or any(is_picture(axis) for axis in panels):
            return None
        stay = [axis for axis in cells if axis.axison or axis.get_legend()]
        for empty in cells.keys() - stay:
            empty.remove()
        rows = max(cells[axis].rowspan.stop for axis in panels)
        width, height = self.get_size_inches()
        drawing.set_size_inches(width / 2, height / rows * len(stay))
        grid = GridSpec(len(stay), 1, drawing)
        for row, axis in enumerate(stay):
            axis.set_subplotspec(grid[row])
            axis.tick_params(labelleft=True, labelbottom=True)  # also where a row or a column shared its scale
            axis.set_xlabel(axis.get_xlabel() or panels[-1].get_xlabel())
            axis.set_ylabel(axis.get_ylabel() or panels[0].get_ylabel())
            _fold_words(axis)
            legend = axis.get_legend()
            beside = legend and legend.get_bbox_to_anchor().x0 >= axis.bbox.x1
            if legend and (beside or panels == [axis]):  # there is no room now
                legend.remove()
                drawing.legend_below(axis)
        drawing._fold_title()
        return drawing

    def _flow(self) -> None:
        """Half as many pictures in a row, in the same order and size."""
        before = next(place.get_gridspec() for axis in self.axes if (place := axis.get_subplotspec()))
        columns = max(before.ncols // 2, 1)
        for empty in [axis for axis in self.axes if not axis.axison]:
            empty.remove()
        width, height = self.get_size_inches()
        needed = -(-len(self.axes) // columns)
        self.set_size_inches(width / 2, height / before.nrows * needed)
        grid = GridSpec(needed, columns, self)
        for number, axis in enumerate(self.axes):
            axis.set_subplotspec(grid[number // columns, number % columns])
        self._fold_title()

    def _fold_title(self) -> None:
        if title := self.get_suptitle():
            self.suptitle(fill(title, LINE), fontweight="bold")

    def legend_below(self, axis: Axes) -> None:
        """Name the series of a panel at the foot of a narrow figure, which grows by so much."""
        handles, names = axis.get_legend_handles_labels()
        columns = 1 if max(map(len, names)) > NAME else 2
        names = [fill(name, LINE) for name in names]
        self.set_figheight(self.get_figheight() + LINE_HEIGHT * -(-len(names) // columns))
        self.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False)


def _fold_words(axis):
    """Break the long lines of an axis's words where they would not fit into a narrow figure."""
    axis.set_xlabel(fill(axis.get_xlabel(), LINE))
    axis.set_ylabel(fill(axis.get_ylabel(), 3 * LINE // 4))
    beside, below = ([label.get_text() for label in each] for each in (axis.get_yticklabels(), axis.get_xticklabels()))
    if isinstance(axis.yaxis.get_major_locator(), FixedLocator) and max(map(len, beside), default=0) > NAME // 2:
        axis.set_yticks(axis.get_yticks(), [fill(name, NAME) for name in beside], fontsize=8, linespacing=0.9)
    if isinstance(axis.xaxis.get_major_locator(), FixedLocator) and sum(map(len, below)) > LINE // 2:
        axis.tick_params(axis="x", labelsize=8, labelrotation=90)


def is_picture(axis: Axes) -> bool:
    """Whether cells or pixels are what a panel shows: they cannot be made narrower."""
    return bool(axis.images) or any(isinstance(each, QuadMesh) for each in axis.collections)


@overload
def figure(height: float, *, title: str | None = None) -> tuple[Drawing, Axes]: ...
@overload
def figure(
    height: float, rows: int, columns: int, title: str | None = None, **options: Any
) -> tuple[Drawing, np.ndarray]: ...
def figure(
    height: float, rows: int = 1, columns: int = 1, title: str | None = None, **options: Any
) -> tuple[Drawing, Axes | np.ndarray]:
    """A Drawing of ``height`` inches and its axes."""
    drawing = Drawing(figsize=(WIDTH, height), layout="constrained", facecolor="white")
    axes = drawing.subplots(rows, columns, **options)
    if title:
        drawing.suptitle(title, fontweight="bold")
    return drawing, axes


def show_digit(axis: Axes, image: np.ndarray, title: str | None = None, cmap: str = DIGIT, **options: Any) -> AxesImage:
    """One image ``(H, W)`` without axes; grey values run from 0 to 255 unless ``vmin`` and ``vmax`` are given."""
    shown = axis.imshow(image, cmap=cmap, **{"vmin": 0, "vmax": 255, "interpolation": "nearest", **options})
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(False)
    if title is not None:
        axis.set_title(title, fontsize=10)
    return shown


def mark(axis: Axes) -> None:
    """Frame a digit and star its title: human raters reject the label."""
    axis.spines[:].set(visible=True, color=VERMILION, linewidth=2.5)
    axis.set_title(f"{axis.get_title()} *", fontsize=axis.title.get_fontsize(), color="#9A3C00", fontweight="bold")


class Look(NamedTuple):
    """How one of several series is drawn: no two share a colour and a line, nor a colour and a marker or hatch."""

    colour: str
    line: str
    marker: str
    hatch: str | None


def looks(count: int, first: Sequence[str] = ()) -> list[Look]:
    """Distinct looks for ``count`` series.

    Parameters
    ----------
    count : how many series there are
    first : colours to begin with; the others follow in the study's order

    Returns
    -------
    list of ``count`` Look

    Raises
    ------
    ValueError
        There are more series than one figure can tell apart.
    """
    if count > MOST_SERIES:
        raise ValueError(
            f"a figure tells at most {MOST_SERIES} series apart, and here are {count}: draw several figures"
        )
    places = [COLOURS.index(colour) for colour in (*first, *(colour for colour in COLOURS if colour not in first))]
    turns = [(place, turn) for turn in range(len(HATCHES)) for place in places]
    return [
        Look(
            COLOURS[place],
            LINES[(place + turn) % len(LINES)],
            MARKERS[(place + turn) % len(MARKERS)],
            HATCHES[turn],
        )
        for place, turn in turns[:count]
    ]


def limit(axis: Axes, low: float | None = None, high: float | None = None) -> None:
    """Limit the y axis, and mark each point of its lines that is not on it.

    A triangle at the edge stands for a point above or below, a cross for one that is no number; how many there are
    stands over the axis. A line without a single number is named "not measured". Call it before the legend is drawn.

    Parameters
    ----------
    low, high : in units of the axis; None follows the data
    """
    least, most = axis.get_ylim()  # of the data
    low, high = least if low is None else low, most if high is None else high
    counts = dict.fromkeys("▲▼×", 0)
    for line in [line for line in axis.get_lines() if line.get_transform() == axis.transData]:
        x, y = (np.asarray(values, float) for values in line.get_data())
        if np.isnan(y).all():
            line.set_label(f"{line.get_label()} (not measured)")
            continue
        edges = {"▲": ("^", high, y > high), "▼": ("v", low, y < low), "×": ("x", high, np.isnan(y))}
        for sign, (marker, edge, hidden) in edges.items():
            if hidden.any():
                counts[sign] += int(np.count_nonzero(hidden))
                look: dict[str, Any] = {"color": line.get_color(), "markersize": 5, "clip_on": False, "gid": OFF_SCALE}
                axis.plot(x[hidden], np.full(np.count_nonzero(hidden), edge), marker, **look)
    axis.set_ylim(low, high)
    if any(counts.values()):
        note = "  ".join(f"{sign} {count}" for sign, count in counts.items() if count)
        axis.set_title(f"{OFF_SCALE}: {note}", loc="right", fontsize=8, color=GREY)


def histogram(axis: Axes, values: ArrayLike, edges: Sequence[float] | np.ndarray, **options: Any) -> None:
    """Draw a histogram that leaves no value out.

    Parameters
    ----------
    values : array of any shape
    edges : of the bins, increasing

    Raises
    ------
    ValueError
        A value lies outside the edges, or is no number.
    """
    values = np.ravel(values)
    outside = np.count_nonzero(~((values >= edges[0]) & (values <= edges[-1])))
    if outside:
        span = f"between {edges[0]:g} and {edges[-1]:g}"
        raise ValueError(f"{outside} of {len(values)} values do not lie {span}, so the histogram cannot show them")
    axis.hist(values, list(edges), **options)


def edges_around(low: float, high: float, width: float, *arrays: np.ndarray) -> np.ndarray:
    """Edges of bins of one ``width``, from ``low`` to ``high`` and further where values of ``arrays`` are outside.

    Returns
    -------
    float ``(bins + 1,)``: ``low`` plus multiples of the width, whatever the values are
    """

    def bins(distance):
        return int(distance // width) + 1 if distance > 0 else 0

    before = bins(low - min(np.nanmin(values) for values in arrays))
    behind = bins(max(np.nanmax(values) for values in arrays) - high)
    return low + width * np.arange(-before, round((high - low) / width) + behind + 1)


def styled(function: Callable[Arguments, Drawing]) -> Callable[Arguments, Drawing]:
    """Draw under the study's style, and leave everybody else's alone."""

    @wraps(function)
    def draw(*arguments: Arguments.args, **options: Arguments.kwargs) -> Drawing:
        with matplotlib.rc_context(STYLE):
            return function(*arguments, **options)

    return draw
