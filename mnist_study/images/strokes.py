"""From strokes to an image: a round pen, drawn by the distance of each pixel from the line.

The page's pad repeats it in JavaScript (``book/_static/pad/reader.js``); golden drawings hold the two together.
"""

from collections.abc import Iterable
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from .preparation import BOX, SIDE, check_stage, position

PEN = 2.6  # pixels of the final 28 x 28 image: MNIST digits, traced and drawn again, have as much ink as before
CANVAS = 280  # units across the pad that a drawing is made on; matters to "raw" only
PENS = (0.5, 8.0)  # pixels, the thinnest and the thickest pen
AT_A_TIME = 256  # pieces of a line whose distances are computed at a time: bounds the memory
FARTHEST, CLOSEST = 1e12, 1e-12  # units: larger coordinates are refused, a smaller drawing is a dot
SPACING = 0.25  # pixels between two points of a line that are kept: nobody sees more


def rasterise(
    strokes: Iterable[ArrayLike], pen: float = PEN, *, stage: str = "centred", canvas: float = CANVAS
) -> np.ndarray:
    """Draw strokes with a round pen into an image such as MNIST's.

    A pixel is as bright as the pen covers it: ``1/2 + radius - distance`` of its centre from the line, between 0 and
    1. The drawing is scaled before it is drawn, so the pen is as wide in a small drawing as in a large one. A stroke of
    one point is a dot; a drawing of dots in one place is not enlarged.

    Parameters
    ----------
    strokes : list of arrays ``(n, 2)``, x to the right, y down, in any unit
    pen : its width, in pixels of the final image, 0.5 to 8
    stage : "raw", "cropped" or "centred", as for ``prepare``
    canvas : side of the pad in the strokes' unit; matters only to "raw", which shows the whole pad

    Returns
    -------
    uint8 ``(28, 28)``, ink bright on dark; all 0 without strokes

    Raises
    ------
    ValueError
        A stroke is no list of points, a coordinate is not finite, or the pen or the canvas is out of range.
    """
    check_stage(stage)
    lines = check_strokes(strokes)
    if not isinstance(pen, Real) or not PENS[0] <= pen <= PENS[1]:
        raise ValueError(f"pen: {pen} pixels is not between {PENS[0]} and {PENS[1]}")
    if not isinstance(canvas, Real) or not CLOSEST < canvas < np.inf:
        raise ValueError(f"canvas: {canvas} is no side of a pad")
    if not lines:
        return np.zeros((SIDE, SIDE), np.uint8)
    if stage == "raw":
        ink = _cover([line * (SIDE / canvas) for line in lines], pen / 2, SIDE)
        return np.floor(ink + 0.5).astype(np.uint8)
    points = np.concatenate(lines)
    corner, extent = points.min(axis=0), np.ptp(points, axis=0).max()
    scale = (BOX - pen) / extent if extent > CLOSEST else 1.0
    ink = _cover([(line - corner) * scale + pen / 2 for line in lines], pen / 2, BOX)
    return position(ink[None], stage)[0]


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


def _cover(lines, radius, side):
    """Grey values, float64 ``(side, side)``, of pixels whose centres lie at 0.5, 1.5, …"""
    starts, ends = (np.concatenate(parts) for parts in zip(*map(_segments, lines), strict=True))
    pieces = range(0, len(starts), AT_A_TIME)
    squared = [_squared_distances(starts[i : i + AT_A_TIME], ends[i : i + AT_A_TIME], side) for i in pieces]
    return 255 * np.clip(0.5 + radius - np.sqrt(np.minimum.reduce(squared)), 0, 1)


def _squared_distances(starts, ends, side):
    """Of each pixel ``(side, side)`` from the nearest of the pieces ``(S, 2)``."""
    along = ends - starts
    centres = np.arange(side) + 0.5
    across, down = centres - starts[:, :1], centres - starts[:, 1:]  # (S, side) each: x and y from a segment's start
    dot = (down * along[:, 1:])[:, :, None] + (across * along[:, :1])[:, None, :]  # (S, side, side)
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
