"""From strokes to an image: a round pen, drawn by the distance of each pixel from the line.

The page's pad repeats it in JavaScript (``book/_static/pad/reader.js``); golden drawings hold the two together.
"""

from collections.abc import Iterable, Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from .preparation import APART, SIDE, box_shape, check_stage, image_shape, position

PEN = 2.6  # pixels of the final 28 x 28 image: MNIST digits, traced and drawn again, have as much ink as before
CANVAS = 280  # units from top to bottom of the pad that a drawing is made on, and across for each digit
PENS = (0.5, 8.0)  # pixels, the thinnest and the thickest pen
AT_A_TIME = 256  # pieces of a line whose distances are computed at a time: bounds the memory
FARTHEST, CLOSEST = 1e12, 1e-12  # units: larger coordinates are refused, a smaller drawing is a dot
OVERLAP = 0.15  # of a drawing's width: two strokes that overlap by more are of one digit
SPACING = 0.25  # pixels between two points of a line that are kept: nobody sees more


def rasterise(
    strokes: Iterable[ArrayLike], pen: float = PEN, *, stage: str = "centred", canvas: float = CANVAS, digits: int = 1
) -> np.ndarray:
    """Draw strokes with a round pen into an image such as MNIST's, or such as those of several digits side by side.

    A pixel is as bright as the pen covers it: ``1/2 + radius - distance`` of its centre from the line, between 0 and
    1. The drawing is scaled before it is drawn, so the pen is as wide in a small drawing as in a large one. A stroke of
    one point is a dot; a drawing of dots in one place is not enlarged.

    Parameters
    ----------
    strokes : list of arrays ``(n, 2)``, x to the right, y down, in any unit
    pen : its width, in pixels of the final image, 0.5 to 8
    stage : "raw", "cropped" or "centred", as for ``prepare``, with one scale for all digits; or, for two digits,
        "apart": cut by ``divide``, and each of them "centred"
    canvas : height of the pad in the strokes' unit; it is as many times as wide as there are digits. It matters only
        to "raw", which shows the whole pad, and to where a lone digit stands
    digits : that stand side by side, 1 or 2

    Returns
    -------
    uint8 ``(28, 28 digits)``, ink bright on dark; all 0 without strokes

    Raises
    ------
    ValueError
        A stroke is no list of points, a coordinate is not finite, or the pen, the canvas or ``digits`` is out of range.
    """
    if digits not in (1, 2):
        raise ValueError(f"digits: {digits}, but one or two stand side by side")
    check_stage(stage, digits)
    lines = check_strokes(strokes)
    if not isinstance(pen, Real) or not PENS[0] <= pen <= PENS[1]:
        raise ValueError(f"pen: {pen} pixels is not between {PENS[0]} and {PENS[1]}")
    if not isinstance(canvas, Real) or not CLOSEST < canvas < np.inf:
        raise ValueError(f"canvas: {canvas} is no side of a pad")
    if not lines:
        return np.zeros(image_shape(digits), np.uint8)
    if stage == APART:
        return np.concatenate([rasterise(each, pen, canvas=canvas) for each in divide(lines, canvas)], axis=1)
    if stage == "raw":
        ink = _cover([line * (SIDE / canvas) for line in lines], pen / 2, image_shape(digits))
        return np.floor(ink + 0.5).astype(np.uint8)
    points, box = np.concatenate(lines), box_shape(digits)
    corner, extents = points.min(axis=0), np.ptp(points, axis=0)
    room = np.array(box[::-1]) - pen  # across and down, as points are
    fits = extents > CLOSEST
    scale = (room[fits] / extents[fits]).min() if fits.any() else 1.0
    ink = _cover([(line - corner) * scale + pen / 2 for line in lines], pen / 2, box)
    return position(ink[None], stage, digits)[0]


def divide(lines: Sequence[np.ndarray], canvas: float = CANVAS) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Which strokes are of the left digit and which of the right: cut where the gap is widest, no stroke cut itself.

    Strokes are put in order by the middle of their extent across. A cut between two of them has a gap, from the
    rightmost point before it to the leftmost behind it, which is below 0 where they overlap; the first of the widest is
    taken. Where all overlap by more than OVERLAP of the drawing's width there is one digit only, on the side of the pad
    where its middle is.

    Parameters
    ----------
    lines : list of float64 ``(n, 2)``
    canvas : half the pad's width, in the strokes' unit

    Returns
    -------
    two lists of lines, left and right, each in the order that they were drawn in
    """
    left, right = (np.array([end(line[:, 0]) for line in lines]) for end in (np.min, np.max))
    order = np.argsort(left + right, kind="stable")
    before, behind = np.maximum.accumulate(right[order]), np.minimum.accumulate(left[order][::-1])[::-1]
    gaps = behind[1:] - before[:-1]
    if len(gaps) and gaps.max() > -OVERLAP * (before[-1] - behind[0]):
        cut = int(gaps.argmax()) + 1
    else:
        cut = 0 if before[-1] + behind[0] > 2 * canvas else len(lines)
    first, second = ([lines[number] for number in sorted(part)] for part in (order[:cut], order[cut:]))
    return first, second


def check_strokes(strokes: Iterable[ArrayLike]) -> list[np.ndarray]:
    """Strokes as a list of finite float64 arrays ``(n, 2)``; empty ones are left out.

    Raises
    ------
    ValueError
        Says which stroke is wrong, and how.
    """
    if not hasattr(strokes, "__iter__"):
        raise ValueError(f"strokes: a list of strokes is wanted, not {strokes!r}")
    lines = []
    for number, stroke in enumerate(strokes, 1):
        try:
            line = np.asarray(stroke)
        except ValueError:
            line = np.array("points of different lengths")
        if line.dtype.kind not in "buif":
            raise ValueError(f"stroke {number}: is no list of points (x, y)")
        line = line.astype(np.float64)
        if line.size == 0:
            continue
        if line.ndim != 2 or line.shape[1] != 2:
            raise ValueError(f"stroke {number}: has shape {line.shape}, not (n, 2): a list of points (x, y)")
        if not np.isfinite(line).all():
            raise ValueError(f"stroke {number}: holds a coordinate that is NaN or infinite")
        if np.abs(line).max() > FARTHEST:
            raise ValueError(f"stroke {number}: holds a coordinate beyond {FARTHEST:g}")
        lines.append(line)
    return lines


def _cover(lines, radius, shape):
    """Grey values, float64 ``shape``, of pixels whose centres lie at 0.5, 1.5, …"""
    starts, ends = (np.concatenate(parts) for parts in zip(*map(_segments, lines), strict=True))
    pieces = range(0, len(starts), AT_A_TIME)
    squared = [_squared_distances(starts[i : i + AT_A_TIME], ends[i : i + AT_A_TIME], shape) for i in pieces]
    return 255 * np.clip(0.5 + radius - np.sqrt(np.minimum.reduce(squared)), 0, 1)


def _squared_distances(starts, ends, shape):
    """Of each pixel of ``shape`` (rows, columns) from the nearest of the pieces ``(S, 2)``."""
    along = ends - starts
    rows, columns = (np.arange(side) + 0.5 for side in shape)
    across, down = columns - starts[:, :1], rows - starts[:, 1:]  # (S, side) each: x and y from a segment's start
    dot = (down * along[:, 1:])[:, :, None] + (across * along[:, :1])[:, None, :]  # (S, rows, columns)
    squared = (along**2).sum(axis=1)
    share = np.clip(dot / np.where(squared > 0, squared, 1)[:, None, None], 0, 1)
    right = across[:, None, :] - share * along[:, 0, None, None]
    below = down[:, :, None] - share * along[:, 1, None, None]
    return (right**2 + below**2).min(axis=0)


def _segments(line):
    """Starts and ends ``(S, 2)`` of a line's pieces; points that crowd closer than SPACING are thinned out."""
    steps = np.sqrt((np.diff(line, axis=0) ** 2).sum(axis=1))
    passed = np.floor(np.cumsum(steps) / SPACING)
    kept = np.flatnonzero(np.diff(passed, prepend=0)) + 1
    line = line[np.unique(np.concatenate([[0], kept, [len(line) - 1]]))]
    return (line, line) if len(line) == 1 else (line[:-1], line[1:])
