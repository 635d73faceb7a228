"""Exercises of chapter 12: drawn digits."""

import numpy as np

from .judging import exercise


def _pictures(rng):
    for rows, columns in [(28, 28), (12, 30)]:
        image = np.zeros((rows, columns), np.uint8)
        image[3:9, 5:8] = rng.integers(0, 256, (6, 3))
        image[3, 6] = image[8, 7] = image[5, 5] = 200
        yield (image,)


@exercise(
    "12-1",
    cases=_pictures,
    hints=(
        "Which rows have any ink?",
        "As slices count: `image[top:bottom, left:right]` holds all ink, so the last row plus one.",
    ),
)
def ink_box(image):
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


ink_box.mistake(
    "A slice ends before its end: `image[top:bottom, left:right]` would cut off the last row and column.",
    lambda x: tuple(np.array(ink_box(x)) - (0, 1, 0, 1)),
)
ink_box.mistake("Rows first, then columns.", lambda x: (*ink_box(x)[2:], *ink_box(x)[:2]))
ink_box.mistake("Top, bottom, left, right: yours come as corners.", lambda x: tuple(np.array(ink_box(x))[[0, 2, 1, 3]]))


@exercise(
    "12-2",
    cases=lambda rng: [(100, 60), (60, 100), (7, 7), (200, 3), (31, 200)],
    hints=(
        "One factor for both sides, so that nothing is stretched.",
        "`max(1, …)` keeps a thin stroke.",
    ),
)
def scaled_size(height, width):
    factor = 20 / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


scaled_size.mistake("That stretches a 1 into a block: one factor for both sides.", lambda h, w: (20, 20))
scaled_size.mistake(
    "The longer side becomes 20, not the shorter one.",
    lambda h, w: (round(h * 20 / min(h, w)), round(w * 20 / min(h, w))),
)
scaled_size.mistake(
    "A thin stroke has vanished: at least one pixel.",
    lambda h, w: (round(h * 20 / max(h, w)), round(w * 20 / max(h, w))),
)


@exercise(
    "12-3",
    cases=lambda rng: [(0.1, 0.02), (0.03, 0.01), (0.5, 0.05)],
    tolerance=0.003,  # rounded up or not
    hints=(
        "A share p of n drawings has the standard error √(p (1 − p) / n).",
        "95 %: 1.96 of it on either side. Solve for n, and round up.",
    ),
)
def drawings_needed(error, half_width):
    return np.ceil(1.96**2 * error * (1 - error) / half_width**2)


drawings_needed.mistake("That is one standard error; 95 % want 1.96 of them.", lambda p, h: np.ceil(p * (1 - p) / h**2))
drawings_needed.mistake("Solving for n squares the 1.96, too.", lambda p, h: np.ceil(1.96 * p * (1 - p) / h**2))
drawings_needed.mistake(
    "Solving for n squares the half width: half as wide costs four times as many.",
    lambda p, h: np.ceil(1.96**2 * p * (1 - p) / h),
)


@exercise(
    "12-4",
    cases=lambda rng: [(rng.normal(size=(5, 4)),), (np.array([-3.0, 0.1, 1.27]),)],
    tolerance=1e-5,
    hints=("The largest size becomes 127.", "Round to whole numbers, then multiply back."),
)
def through_eight_bits(weights):
    step = np.abs(weights).max() / 127
    return np.round(weights / step) * step


through_eight_bits.mistake(
    "You cut off; to the nearest loses half as much.",
    lambda w: np.trunc(w / (np.abs(w).max() / 127)) * (np.abs(w).max() / 127),
)
through_eight_bits.mistake(
    "Those are the whole numbers; multiply back.", lambda w: np.round(w / (np.abs(w).max() / 127))
)
through_eight_bits.mistake(
    "Signs take half of the 256: from −127 to 127, the largest size becomes 127.",
    lambda w: np.round(w / (np.abs(w).max() / 255)) * (np.abs(w).max() / 255),
)
