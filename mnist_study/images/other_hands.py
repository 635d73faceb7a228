"""Digits that are not MNIST's: by other hands, and by a program in ways that nothing was trained on."""

import numpy as np

from mnist_study.data import Digits

from .checks import check_grey
from .drawn import HELD_OUT, drawn_digits
from .preparation import prepare

BITMAP, BLOCK = 32, 4  # pixels of a side: of a scanned bitmap, and of a block of it that became one number
INK = 100  # grey value from which MNIST's ink is black in a bitmap


def optical_digits() -> Digits:
    """The 1 797 digits by 13 writers that come with scikit-learn, prepared as a drawing on the pad is.

    They are the test part of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998), scanned down to
    8 x 8 pixels; nothing of the study was chosen on them.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    return Digits(prepare(digits.images), digits.target.astype(np.int64))


def scanned(images: np.ndarray, square: float = 0.0) -> np.ndarray:
    """Digits as the forms behind ``optical_digits`` were scanned: what of MNIST is left in 8 x 8 numbers?

    Ink becomes black on white, its box is scaled to a bitmap of 32 x 32 pixels, and the black ones are counted in each
    of 8 x 8 blocks.

    Parameters
    ----------
    images : uint8 ``(N, H, W)``, ink bright on dark
    square : how far the box is stretched to fill the bitmap's width as well as its height: 0 not at all, 1 wholly

    Returns
    -------
    int64 ``(N, 8, 8)`` from 0 to 16

    Raises
    ------
    ValueError
        These are no grey values.
    """
    check_grey(images)
    return np.array([_scan(image >= INK, square) for image in images])


def _scan(black: np.ndarray, square: float) -> np.ndarray:
    down, across = (np.flatnonzero(black.any(axis=axis)) for axis in (1, 0))
    bitmap = np.zeros((BITMAP, BITMAP), np.int64)
    if down.size:
        extents = np.array([down[-1] - down[0] + 1, across[-1] - across[0] + 1])
        rows, columns = np.rint(BITMAP * (extents / extents.max()) ** (1 - square)).astype(np.intp)
        row = down[0] + ((np.arange(rows) + 0.5) * extents[0] / rows).astype(np.intp)
        column = across[0] + ((np.arange(columns) + 0.5) * extents[1] / columns).astype(np.intp)
        top, left = (BITMAP - rows) // 2, (BITMAP - columns) // 2
        bitmap[top : top + rows, left : left + columns] = black[np.ix_(row, column)]
    blocks = BITMAP // BLOCK
    return bitmap.reshape(blocks, BLOCK, blocks, BLOCK).sum(axis=(1, 3))


def unseen_styles(count: int = 1000, seed: int = 0) -> Digits:
    """So many digits that a program draws in the styles held out of all training (``HELD_OUT``)."""
    return drawn_digits(count, np.random.default_rng(seed), HELD_OUT)
