"""Digits drawn by a program, in the ways that people write and MNIST's writers seldom did.

MNIST comes from American hands of about 1990: as far as one sees by looking, few 1s with a flag and a base, few
crossed 7s, hardly a slashed 0. Each style below is a drawing of a few points; a digit is drawn by moving the points,
bending the line, choosing a pen and stretching the whole. So a network that is to read other hands has seen other
styles.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from mnist_study.data import Digits

from .preparation import SIDE
from .strokes import CANVAS, rasterise

Styles = Mapping[int, Sequence[str]]

# Styles of each digit: strokes separated by "/", points "x y" in percent of the box, x right, y down. The pen passes
# through them on a smooth curve; "|" behind a point makes a corner there.
STYLES: Styles = {
    0: (
        "55 0, 20 15, 0 50, 20 88, 50 100, 82 86, 100 50, 80 14, 50 0",
        "70 6, 40 0, 10 25, 2 60, 25 97, 60 98, 95 65, 92 25, 62 2, 45 8",
        "50 0, 20 15, 5 50, 20 88, 50 100, 80 86, 95 50, 80 14, 50 0 / 92 2, 8 98",
        "50 2, 22 15, 12 50, 22 86, 50 98, 78 86, 88 50, 78 14, 50 2 / 100 0, 0 100",
        "50 3, 15 20, 5 55, 25 92, 60 95, 92 70, 92 30, 65 3, 40 10, 50 30, 80 25",
        "50 0, 20 12, 5 50, 20 88, 50 100, 80 88, 95 50, 80 12, 50 0 / 72 25, 30 75",
        "60 4, 28 12, 5 48, 22 90, 58 99, 92 62, 88 24, 66 14",
        "12 8 |, 88 5 |, 92 92 |, 10 95 |, 10 4",
        "50 0, 8 30, 10 75, 50 100, 90 70, 90 28, 55 2, 72 -8, 95 -4",
    ),
    1: (
        "50 0, 50 100",
        "62 0, 40 100",
        "10 32, 60 0 |, 60 100",
        "0 45, 60 0 |, 58 50, 60 100",
        "15 28, 55 0 |, 55 100 / 15 100, 95 100",
        "25 20, 50 0 |, 50 100 / 20 98, 82 100",
        "50 0, 50 100 / 22 100, 80 100",
        "0 60, 35 30, 62 0 |, 55 50, 48 100",
        "20 0, 52 0 |, 52 100 |, 15 100, 90 100",
        "30 12, 50 4, 55 0 |, 50 60, 52 100",
        "0 62, 60 0 |, 60 100",
        "5 28, 48 0 |, 48 100 / 0 98, 100 98",
        "0 92, 55 0 |, 62 100",
        "30 22, 55 0 |, 52 88, 72 100",
        "38 8, 60 0 |, 42 100",
    ),
    2: (
        "5 22, 28 2, 65 3, 85 28, 65 58, 25 85, 2 100 |, 50 98, 98 100",
        "0 25, 25 0, 70 2, 82 30, 55 62, 20 92, 5 88, 18 75, 45 88, 75 98, 100 88",
        "5 8, 50 0, 92 5, 85 30 |, 5 100 |, 95 100",
        "10 30, 20 5, 55 0, 85 18, 78 45, 40 75, 0 98 |, 35 90, 70 100, 100 92",
        "8 18, 45 0, 80 20, 70 55, 35 88, 12 98, 5 85, 22 78, 50 92, 95 95",
        "0 35, 8 10, 45 0, 90 15, 88 42, 50 60, 12 75, 0 100 |, 100 100",
        "0 2, 98 0 |, 2 98 |, 100 100",
        "2 30, 30 0, 80 5, 88 40, 50 75, 5 92, 12 72, 38 80, 62 98, 100 84",
        "15 10, 60 0, 92 22, 70 55, 8 96 |, 96 92",
        "4 20, 50 -2, 96 20, 60 60, 5 98 |, 60 88, 102 100",
    ),
    3: (
        "5 12, 40 0, 82 12, 78 38, 40 48 |, 85 58, 95 80, 60 100, 20 98, 0 85",
        "5 0, 90 0 |, 45 40 |, 85 52, 95 78, 60 100, 20 98, 0 85",
        "8 18, 30 0, 72 5, 78 32, 45 46, 30 50, 45 52, 82 60, 85 88, 45 100, 0 90",
        "0 8, 45 0, 80 15, 65 42, 35 48, 75 55, 92 78, 65 98, 25 100, 2 88",
        "10 5, 85 2 |, 40 45, 30 42, 60 45, 90 65, 80 92, 40 100, 0 92",
        "5 4, 80 10, 45 46 |, 96 70, 8 98",
        "2 2, 96 2 |, 42 38 |, 78 44, 98 72, 70 98, 22 100, 0 82",
        "12 22, 22 2, 62 0, 78 22, 55 44, 30 47 |, 80 52, 96 78, 62 102, 18 94, 10 76",
    ),
    4: (
        "20 0, 5 55 |, 95 58 / 75 20, 68 100",
        "70 0, 0 65 |, 100 65 / 70 0, 70 100",
        "65 0, 10 60 |, 95 62 / 72 35, 60 100",
        "8 0, 5 40, 25 52, 90 45 / 92 0, 85 50, 80 100",
        "25 0, 0 50 |, 90 50 |, 92 0 |, 85 100",
        "60 0, 0 70 |, 100 70 / 60 40, 60 100",
        "15 5, 10 45, 40 55, 80 40, 88 5 |, 85 50, 70 100",
        "80 0 |, 0 68 |, 98 66 / 82 0, 78 100",
        "5 0, 10 48, 52 62, 92 46 / 95 0, 82 100",
        "48 0, 0 72 |, 100 72 / 72 48, 72 100",
        "12 0, 0 44 |, 96 44 / 58 10, 58 100",
        "78 2, 2 58 |, 100 52 / 92 16, 60 100",
        "62 100, 66 0 |, 0 64 |, 100 62",
    ),
    5: (
        "90 0, 20 2 |, 12 42 |, 50 36, 90 55, 85 88, 45 100, 0 90",
        "18 5, 12 45 |, 55 38, 92 60, 80 92, 40 100, 0 88 / 18 4, 95 0",
        "95 0, 35 0, 15 25, 30 42, 75 55, 82 85, 45 100, 5 95",
        "85 0, 15 0 |, 15 48 |, 70 48, 90 70, 75 98, 10 100",
        "100 5, 55 0, 25 12, 15 45 |, 55 42, 75 65, 60 92, 25 100, 0 88",
        "92 2, 38 0, 12 24, 48 46, 88 70, 60 99, 8 92",
        "90 0, 10 0 |, 10 46 |, 90 46 |, 92 96 |, 4 98",
        "30 14, 20 48 |, 62 40, 92 66, 70 98, 8 94 / 34 2, 104 -6",
        "14 8, 12 52, 50 42, 88 60, 78 94, 30 102, 2 86 / 14 6, 84 4",
    ),
    6: (
        "70 0, 35 20, 8 55, 10 88, 45 100, 85 85, 82 60, 50 52, 15 70",
        "60 0, 20 35, 0 70, 20 98, 60 98, 85 75, 60 55, 25 62, 8 80",
        "95 8, 60 0, 20 25, 5 65, 25 98, 70 98, 92 75, 70 52, 30 58, 10 75",
        "25 0, 8 50, 10 85, 40 100, 75 92, 85 70, 55 55, 12 75",
        "80 5, 85 0 |, 40 18, 10 60, 30 98, 75 95, 90 70, 60 50, 20 65",
        "58 0, 4 62, 28 100, 72 96, 88 72, 62 56, 24 66, 12 84",
        "22 0, 14 60, 22 98, 80 96, 88 62, 22 58",
        "84 8, 40 6, 8 48, 12 92, 56 102, 88 80, 72 56, 36 58, 26 72",
    ),
    7: (
        "0 5, 95 2 |, 60 50, 35 100",
        "5 3, 92 3 |, 55 55, 42 100 / 22 52, 85 50",
        "0 20, 5 3 |, 95 3 |, 60 45, 40 100",
        "2 22, 8 4 |, 95 2 |, 55 50, 35 100 / 18 50, 85 46",
        "0 8, 50 12, 95 0 |, 70 35, 55 65, 50 100",
        "0 0, 100 0 |, 30 100 / 30 48, 90 52",
        "5 15, 30 0, 60 10, 95 2 |, 60 50, 45 100",
        "0 2, 90 0, 90 8, 55 50, 48 100 / 30 58, 88 42",
        "10 0, 90 0 |, 85 100",
        "0 34, 4 6, 40 10, 96 0 |, 58 52, 46 100",
        "6 44, 8 4 |, 94 4 |, 78 52, 36 100",
        "0 6, 92 4 |, 42 100 / 14 70, 82 66",
        "0 4, 96 6, 62 44, 56 100 / 32 44, 92 40",
        "0 14, 22 2, 56 14, 98 2 |, 52 60, 40 100 / 24 56, 80 54",
    ),
    8: (
        "80 12, 45 0, 12 18, 30 42, 75 58, 90 82, 50 100, 10 85, 25 58, 70 40, 85 15, 60 2",
        "50 48, 15 28, 25 5, 55 0, 82 15, 75 38, 50 48, 12 70, 20 95, 55 100, 90 85, 85 62, 50 48",
        "50 0, 20 12, 25 38, 50 45, 75 38, 80 12, 50 0 / 50 45, 12 62, 15 92, 50 100, 85 92, 88 62, 50 45",
        "95 5, 50 0, 15 20, 40 45, 80 65, 75 95, 35 100, 10 80, 40 50, 90 8",
        "25 5, 60 0, 85 15, 60 42, 20 65, 15 90, 50 100, 80 85, 65 55, 25 30, 15 12, 35 2",
        "84 12, 42 0, 20 24, 80 64, 62 100, 16 86, 30 60, 86 14",
        "50 2, 22 10, 26 40, 52 44, 78 36, 76 8, 50 2 / 50 50, 8 66, 12 96, 50 104, 90 94, 92 64, 50 50",
        "30 0, 18 26, 82 70, 50 100, 14 76, 76 26, 84 2",
        "92 18, 50 0, 14 18, 48 48, 86 72, 52 100, 12 80, 50 50, 88 24, 62 6",
    ),
    9: (
        "85 15, 50 0, 12 18, 15 45, 50 52, 85 30, 88 5 |, 85 50, 80 100",
        "85 20, 55 0, 15 15, 10 42, 45 52, 82 30, 88 10 |, 90 60, 75 95, 35 100, 8 88",
        "82 12, 45 0, 10 22, 22 48, 60 45, 85 18, 85 30, 70 70, 45 100",
        "90 10, 50 0, 15 25, 30 50, 75 40, 90 12, 88 55, 65 92, 20 98",
        "50 50, 12 40, 10 12, 50 0, 85 12, 88 38, 50 50 / 88 25, 82 70, 78 100",
        "80 8, 40 2, 10 25, 25 48, 65 42, 82 10 |, 84 45, 95 85, 98 100",
        "82 10, 40 0, 8 24, 38 50, 84 6 |, 84 100",
        "74 6, 28 4, 6 30, 34 50, 80 34, 80 6 |, 88 78, 52 102, 14 90",
        "78 14, 44 0, 14 22, 36 46, 80 22 |, 76 60, 40 100",
        "62 0, 10 16, 14 44, 62 46, 80 16, 54 0 |, 92 8 |, 76 100",
    ),
}
# Styles that no training draws: how well a network reads them says how well it may read a hand that it never saw.
HELD_OUT: Styles = {
    0: (
        "52 0, 10 24, 4 70, 44 102, 92 72, 88 22, 46 2 |, 20 14",
        "50 0, 2 50, 50 100, 98 50, 50 0 / 48 48, 52 52",
    ),
    1: (
        "0 40, 34 26, 52 0 |, 52 82, 40 100",
        "12 30, 56 0 |, 50 100 / 30 96, 86 102",
    ),
    2: (
        "12 34, 14 8, 52 -2, 86 18, 68 52, 30 78, 0 94 |, 34 84, 70 96, 94 86",
        "0 14, 46 0, 88 14, 88 36, 8 98 |, 90 98 |, 92 88",
    ),
    3: (
        "16 2, 88 0 |, 52 40, 84 54, 92 82, 52 104, 10 90",
        "0 20, 40 -4, 84 18, 58 46, 26 46 |, 66 50, 90 72, 64 96, 30 90, 28 76",
    ),
    4: (
        "10 2, 2 52, 46 60, 84 50 / 66 22, 60 100",
        "88 0 |, 6 70, 40 74, 102 66 / 86 2, 74 100",
    ),
    5: (
        "86 4, 22 0 |, 16 40, 58 44, 86 72, 54 96, 14 88, 24 74",
        "16 0, 8 50 |, 60 44, 90 70, 50 104, -4 90 / 16 2, 60 8, 96 -4",
    ),
    6: (
        "76 4, 30 26, 6 74, 40 102, 82 84, 68 58, 20 70, 30 84",
        "46 0, 6 44, 4 84, 40 100, 86 92, 92 66, 54 58, 6 78",
    ),
    7: (
        "4 20, 10 0 |, 88 6, 92 14, 50 58, 44 100 / 16 44, 78 56",
        "2 8, 98 2 |, 70 30, 28 96, 62 100",
    ),
    8: (
        "70 4, 24 6, 28 36, 84 62, 78 98, 18 98, 20 64, 72 38, 70 4",
        "50 46, 16 24, 46 0, 82 18, 50 46 |, 8 74, 46 102, 94 80, 50 46",
    ),
    9: (
        "92 20, 58 0, 12 10, 14 44, 56 48, 88 22 |, 64 72, 58 100",
        "84 6, 30 0, 6 26, 26 46, 62 42, 86 4 |, 80 74, 96 100",
    ),
}
GAPS, LOWER = (-0.05, 0.3), 0.1  # of the pad's height, between two digits, and by which one stands lower
FEWEST = 8  # points that a coarsely sampled pen leaves of a drawing, at least


def drawn_digits(count: int, rng: np.random.Generator, styles: Styles = STYLES) -> Digits:
    """Draw ``count`` digits, all classes in turn, each in a style, a shape and with a pen of its own.

    Parameters
    ----------
    count : int
    rng : numpy Generator
    styles : STYLES, or HELD_OUT: those that nothing was trained on

    Returns
    -------
    Digits
    """
    labels = np.arange(count) % len(STYLES)
    images = [
        rasterise(draw(digit, rng, styles), np.exp(rng.uniform(np.log(1.1), np.log(5.0)))) for digit in labels.tolist()
    ]
    return Digits(np.stack(images) if images else np.zeros((0, SIDE, SIDE), np.uint8), labels)


def drawn_numbers(count: int, rng: np.random.Generator) -> tuple[list[list[np.ndarray]], np.ndarray]:
    """Two digits each as a hand would put them on a pad twice as wide: from overlapping a little to well apart.

    Parameters
    ----------
    count : int; all hundred numbers in turn
    rng : numpy Generator

    Returns
    -------
    list of drawings, each a list of strokes float64 ``(n, 2)``, in units of a pad of 560 x 280; and labels, int64
    ``(count,)``
    """
    labels, drawings = np.arange(count) % len(STYLES) ** 2, []
    for label in labels.tolist():
        tens, ones = (draw(digit, rng) for digit in divmod(label, len(STYLES)))
        size = rng.uniform(0.7, 1.1, 2)
        tens, ones = ([stroke * scale for stroke in strokes] for strokes, scale in zip((tens, ones), size, strict=True))
        (first, last), (begin, end) = (_across(strokes) for strokes in (tens, ones))
        gap, lower = rng.uniform(*GAPS) * CANVAS, rng.uniform(-LOWER, LOWER) * CANVAS
        start = CANVAS - (last - first + gap + end - begin) / 2  # so that both together stand in the middle
        places = np.array([[start - first, 0], [start + last - first + gap - begin, lower]])
        drawings.append(
            [stroke + place for strokes, place in zip((tens, ones), places, strict=True) for stroke in strokes]
        )
    return drawings, labels


def _across(strokes):
    """The first and the last x of a drawing."""
    points = np.concatenate(strokes)[:, 0]
    return points.min(), points.max()


def draw(digit: int | str, rng: np.random.Generator, styles: Mapping[Any, Sequence[str]] = STYLES) -> list[np.ndarray]:
    """Strokes of one digit: list of float64 ``(n, 2)``, in units of a pad of 280 x 280."""
    style = _parse(styles[digit][int(rng.integers(len(styles[digit])))])
    freedom = rng.uniform(0.01, 0.06)
    strokes = [curve(points + rng.normal(0, freedom, points.shape), corners) for points, corners in style]
    if len(strokes) > 1 and rng.random() < 0.1:  # the pen was not lifted
        strokes = [np.concatenate(strokes)]
    if rng.random() < 0.4:
        strokes = [_hurry(stroke, rng) for stroke in strokes]
    if rng.random() < 0.2:  # a slow tablet: few points, straight lines between them
        fewest = rng.integers(FEWEST, 2 * FEWEST)
        strokes = [stroke[np.linspace(0, len(stroke) - 1, fewest).astype(int)] for stroke in strokes]
    narrow = np.exp(rng.normal(np.log(0.7), 0.4))
    if digit == 1 and rng.random() < 0.5:
        narrow *= rng.uniform(0.3, 1)
    slant, turn = rng.normal(0, 0.2), rng.normal(0, 0.12)
    leaning = np.array([[narrow, 0], [-slant, 1]])  # rows: where the units of x and y go
    turned = leaning @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [(stroke - 0.5) @ turned * (0.6 * CANVAS) + CANVAS / 2 for stroke in strokes]


def _hurry(stroke, rng):
    """What a fast hand does to a stroke: corners rounded, and ends that fall short or run on into a hook."""
    rounded = np.pad(stroke, ((2, 2), (0, 0)), "edge")
    rounded = (rounded[:-4] + rounded[1:-3] + rounded[2:-2] + rounded[3:-1] + rounded[4:]) / 5
    short = rng.integers(0, 1 + len(stroke) // 10, 2)
    rounded = rounded[short[0] : len(stroke) - short[1]]
    hooks = [rounded[end] + rng.normal(0, 0.06, (1, 2)) if rng.random() < 0.3 else rounded[:0] for end in (0, -1)]
    return np.concatenate([hooks[0], rounded, hooks[1]])


@cache
def _parse(style):
    """A style's strokes: points ``(n, 2)`` from 0 to 1, and which of them are corners."""
    strokes = []
    for stroke in style.split("/"):
        points = [point.split() for point in stroke.split(",")]
        strokes.append((np.array([point[:2] for point in points], float) / 100, [len(point) > 2 for point in points]))
    return strokes


def curve(points: np.ndarray, corners: Sequence[bool], finer: int = 8) -> np.ndarray:
    """A Catmull-Rom spline through ``points`` ``(n, 2)``, broken at the corners."""
    before, after = points[:-1], points[1:]
    slopes = np.empty_like(points)
    slopes[1:-1] = (points[2:] - points[:-2]) / 2
    slopes[0], slopes[-1] = points[1] - points[0], points[-1] - points[-2]
    leaving, arriving = slopes[:-1].copy(), slopes[1:].copy()
    for corner in np.flatnonzero(corners[1:-1]) + 1:
        leaving[corner] = points[corner + 1] - points[corner]
        arriving[corner - 1] = points[corner] - points[corner - 1]
    t = np.linspace(0, 1, finer, endpoint=False)[:, None, None]
    pieces = (
        (2 * t**3 - 3 * t**2 + 1) * before
        + (t**3 - 2 * t**2 + t) * leaving
        + (3 * t**2 - 2 * t**3) * after
        + (t**3 - t**2) * arriving
    )  # (finer, n - 1, 2): cubic Hermite
    return np.concatenate([pieces.transpose(1, 0, 2).reshape(-1, 2), points[-1:]])
