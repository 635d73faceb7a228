"""Digits of typefaces that imitate handwriting: some two hundred hands, none of them MNIST's.

Each was designed by a person, after a hand or a school's copybook; data/typefaces.md names them all. They say how a
digit may be formed, not how it comes out in a hurry: what a pen, a slant and a width make of it is drawn for each.
"""

from functools import cache
from pathlib import Path

import numpy as np
from scipy.ndimage import distance_transform_edt

from mnist_study.data import Digits

from .preparation import SIDE, prepare
from .warping import warp

AT_A_TIME = 500  # digits that are leant and turned at a time: bounds the memory
GLYPHS = Path(__file__).with_suffix(".npz")  # made by data/typefaces.py
ROOM = 16  # pixels around a glyph of 64, into which it may grow, lean and turn
PEN, THICKER = (1.5, 6.5), 5.0  # pixels of a digit of 60: half a pen, and what it adds to a stroke's edge at most


def typeface_digits() -> Digits:
    """Every digit, as designed, of the typefaces that no training draws: 0 to 9 of each, in turn.

    Returns
    -------
    Digits
    """
    unseen = glyphs(held_out=True)
    return Digits(prepare(unseen.reshape(-1, *unseen.shape[2:])), np.tile(np.arange(10), len(unseen)))


def lettered_digits(count: int, rng: np.random.Generator) -> Digits:
    """Write ``count`` digits, all classes in turn, each after a typeface, with a pen, a width and a slant of its own.

    Parameters
    ----------
    count : int
    rng : numpy Generator

    Returns
    -------
    Digits
    """
    hands, labels = glyphs(held_out=False), np.arange(count) % 10
    chosen = rng.integers(len(hands), size=count)
    thinnest, thickest = np.log(PEN)
    pens = np.exp(rng.uniform(thinnest, thickest, count))
    amounts = rng.normal(size=(3, count, 1, 1))
    narrow, slant, turn = np.exp(0.2 * amounts[0]), 0.15 * amounts[1], 0.1 * amounts[2]
    side = hands.shape[-1] + 2 * ROOM
    written = np.empty((count, side, side), np.uint8)
    for hand, digit in set(zip(chosen.tolist(), labels.tolist(), strict=True)):
        same = (chosen == hand) & (labels == digit)
        written[same] = _written(hands[hand, digit], pens[same])
    cosine, sine = np.cos(turn), np.sin(turn)
    down, right = (slant - sine) * narrow, cosine * narrow
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for start in range(0, count, AT_A_TIME):
        some = slice(start, start + AT_A_TIME)
        images[some] = prepare(warp(written[some], ((cosine[some], sine[some]), (down[some], right[some]))))
    return Digits(images, labels)


def _written(glyph, pens):
    """A glyph of bool as pens ``(N,)`` would have written it, none thinner than its own: uint8 ``(N, H, W)``."""
    ink = np.pad(glyph, ROOM)
    thicker = np.clip(pens - distance_transform_edt(ink).max(), 0, THICKER)[:, None, None]
    return np.rint(255 * np.clip(thicker + 1 - distance_transform_edt(~ink), 0, 1)).astype(np.uint8)


@cache
def glyphs(held_out: bool) -> np.ndarray:
    """The typefaces held out of all training, or the others: bool ``(typefaces, 10, 64, 64)``, True where ink is."""
    with np.load(GLYPHS) as saved:
        return np.unpackbits(saved["glyphs"][saved["held_out"] == held_out], axis=-1).astype(bool)
