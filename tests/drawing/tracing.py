"""Trace MNIST's digits back to strokes: ``python tests/drawing/tracing.py`` writes the golden drawings anew.

40 test digits, four of each class, are thinned to their skeletons (Zhang and Suen, CACM 27, 1984) and followed like a
pen would; 20 edge cases are drawn by hand. Coordinates are units of a pad of 280 x 280.
"""

import json
from pathlib import Path

import numpy as np
from scipy.ndimage import zoom

import mnist_study as ms
from mnist_study.images.strokes import PEN

GOLDEN = Path(__file__).with_name("golden.json")
FINER = 4  # pixels of the skeleton per pixel of the digit
SPUR = 6  # pixels of the skeleton: shorter branches are the thinning's, not the writer's
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # clockwise from the north


def trace(image):
    """Strokes of a digit uint8 ``(28, 28)``: list of float arrays ``(n, 2)``, x and y from 0 to 280."""
    left = {tuple(place) for place in np.argwhere(thin(zoom(image.astype(float), FINER, order=1) > 110)).tolist()}
    strokes = []
    while left:
        ends = [place for place in left if len(_neighbours(place, left)) == 1]
        path = _follow(min(ends or left), left)
        left -= set(path)
        if len(path) > SPUR or not strokes:
            strokes.append(path)
    return [_smooth(np.array(path, dtype=float)[:, ::-1]) * (280 / (28 * FINER)) for path in strokes]


def thin(inked):
    """The skeleton of bool ``(H, W)``, one pixel wide."""
    inked = np.pad(inked, 1).astype(np.int8)
    while True:
        before = inked.sum()
        for first in (True, False):
            ring = np.stack([np.roll(inked, (-down, -right), axis=(0, 1)) for down, right in AROUND])
            north, _, east, _, south, _, west, _ = ring
            count = ring.sum(axis=0)
            turns = ((ring == 0) & (np.roll(ring, -1, axis=0) == 1)).sum(axis=0)
            if first:
                open_side = (north * east * south == 0) & (east * south * west == 0)
            else:
                open_side = (north * east * west == 0) & (north * south * west == 0)
            inked[(inked == 1) & (count >= 2) & (count <= 6) & (turns == 1) & open_side] = 0
        if inked.sum() == before:
            return inked[1:-1, 1:-1].astype(bool)


def _neighbours(place, left):
    row, column = place
    return [near for down, right in AROUND if (near := (row + down, column + right)) in left]


def _follow(place, left):
    """Walk on from ``place`` as straight as may be, over what is left, and never back."""
    path, heading = [place], np.zeros(2)
    left = left - {place}
    while near := _neighbours(place, left):
        goal = max(near, key=lambda other: (np.dot(np.subtract(other, place), heading), other))
        left -= {goal, *near} if len(near) < 3 else {goal}
        heading = 0.7 * heading + np.subtract(goal, place)
        place = goal
        path.append(place)
    return path


def _smooth(points):
    """Running mean over five points, the ends kept, and every third point."""
    padded = np.concatenate([np.repeat(points[:1], 2, axis=0), points, np.repeat(points[-1:], 2, axis=0)])
    smooth = sum(padded[i : i + len(points)] for i in range(5)) / 5
    smooth[0], smooth[-1] = points[0], points[-1]
    return smooth[np.unique(np.append(np.arange(0, len(points), 3), len(points) - 1))]


def edge_cases():
    """Twenty drawings that a pad must survive: name -> strokes, pen, stage."""
    turn = np.linspace(0, 2 * np.pi, 60)
    circle = np.stack([140 + 80 * np.cos(turn), 140 + 80 * np.sin(turn)], axis=1)
    line = np.array([[60.0, 40], [150, 240]])
    wave = np.stack([np.linspace(20, 260, 1500), 140 + 60 * np.sin(np.linspace(0, 9, 1500))], axis=1)
    scribble = np.cumsum(np.random.default_rng(4).normal(0, 9, (300, 2)), axis=0) + 140
    plain = [
        ("nothing", []),
        ("an empty stroke", [np.zeros((0, 2))]),
        ("a dot", [[[140, 140]]]),
        ("a dot off the middle", [[[20, 250]]]),
        ("the same point twice", [[[100, 100], [100, 100]]]),
        ("two dots", [[[80, 80]], [[200, 180]]]),
        ("a tremble", [[[140, 140], [140.001, 140]]]),
        ("a horizontal line", [[[10, 140], [270, 140]]]),
        ("a vertical line", [[[140, 10], [140, 270]]]),
        ("a diagonal", [line]),
        ("out of the pad", [[[-60, -30], [350, 300]], [[350, -30], [-60, 300]]]),
        ("negative units", [line - 500]),
        ("tiny units", [circle * 1e-6]),
        ("huge units", [circle * 1e6]),
        ("a line of 1500 points", [wave]),
        ("a scribble", [scribble]),
    ]
    odd = [
        ("the thinnest pen", [circle], 0.5, "centred"),
        ("the thickest pen", [circle], 8.0, "centred"),
        ("raw, in a corner", [circle * 0.3], PEN, "raw"),
        ("cropped, heavy on one side", [circle, circle[:20] * 0.9 + 20, circle[:20]], 3.0, "cropped"),
    ]
    return [(name, strokes, PEN, "centred") for name, strokes in plain] + odd


def main():
    test = ms.load_mnist().test
    chosen = np.concatenate([np.flatnonzero(test.labels == digit)[10:14] for digit in range(10)])
    drawings = [(f"test digit {n}", trace(test.images[n]), PEN, "centred", int(test.labels[n])) for n in chosen]
    drawings += [(*case, None) for case in edge_cases()]
    golden = [
        {
            "name": name,
            "label": label,
            "pen": pen,
            "stage": stage,
            "strokes": [np.round(stroke, 3 if np.abs(stroke).max(initial=0) > 1 else 9).tolist() for stroke in strokes],
        }
        for name, strokes, pen, stage, label in drawings
    ]
    GOLDEN.write_text("[\n" + ",\n".join(json.dumps(drawing) for drawing in golden) + "\n]\n")
    print(f"{GOLDEN}: {len(golden)} drawings")


if __name__ == "__main__":
    main()
