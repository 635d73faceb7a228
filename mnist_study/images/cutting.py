"""Where one digit ends and the next begins, in a picture of two."""

import numpy as np

from mnist_study.data import side_by_side

from .preparation import prepare

MIDDLE = 0.25  # of the ink's width: a cut keeps so far away from either end


def cut(images: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Cut each image before one of its columns, and prepare both pieces as MNIST's digits were.

    Parameters
    ----------
    images : uint8 ``(N, rows, columns)``, ink bright on dark
    columns : int ``(N,)``, the first column of the right piece

    Returns
    -------
    uint8 ``(N, 28, 56)``, the two digits side by side
    """
    left = np.arange(images.shape[2]) < np.asarray(columns)[:, None]
    pieces = [np.where(side[:, None, :], images, np.uint8(0)) for side in (left, ~left)]
    return side_by_side(*map(prepare, pieces))


def possible_cuts(images: np.ndarray, count: int) -> np.ndarray:
    """Columns before which an image may be cut, evenly spaced over the middle half of its ink.

    Parameters
    ----------
    images : uint8 ``(N, rows, columns)``
    count : how many

    Returns
    -------
    int64 ``(N, count)``, rising; the same column may come again
    """
    first, last = _ends(images)
    shares = np.linspace(MIDDLE, 1 - MIDDLE, count)
    return np.rint(first[:, None] + shares * (last + 1 - first)[:, None]).astype(np.int64)


def emptiest_column(images: np.ndarray) -> np.ndarray:
    """The column with the least ink in the middle half of each image's ink, the one nearest to its middle of equals.

    Parameters
    ----------
    images : uint8 ``(N, rows, columns)``

    Returns
    -------
    int64 ``(N,)``
    """
    first, last = _ends(images)
    ink, column = images.sum(axis=1, dtype=np.int64), np.arange(images.shape[2])
    reach = MIDDLE * (last + 1 - first)
    middle = (first + last) / 2
    distance = np.abs(column - middle[:, None])
    inside = distance <= reach[:, None]
    return np.lexsort((distance, np.where(inside, ink, np.iinfo(np.int64).max)), axis=1)[:, 0]


def _ends(images):
    """The first and the last column with ink of each image, int64 ``(N,)``; the middle ones where there is none."""
    inked, columns = images.any(axis=1), images.shape[2]
    none = ~inked.any(axis=1)
    first, last = inked.argmax(axis=1), columns - 1 - inked[:, ::-1].argmax(axis=1)
    return np.where(none, columns // 2, first), np.where(none, columns // 2, last)
