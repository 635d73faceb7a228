"""Images that show several things side by side: apart, and together again."""

import numpy as np


def apart(images: np.ndarray, parts: int) -> np.ndarray:
    """``(N, rows, columns)`` in so many of equal width: ``(N parts, rows, columns / parts)``, in reading order."""
    count, rows, columns = images.shape
    width = columns // parts
    return images.reshape(count, rows, parts, width).swapaxes(1, 2).reshape(count * parts, rows, width)


def together(images: np.ndarray, parts: int) -> np.ndarray:
    """So many at a time side by side, ``(N parts, rows, columns)`` -> ``(N, rows, columns parts)``: undoes it."""
    count, rows, columns = images.shape
    pairs = images.reshape(count // parts, parts, rows, columns).swapaxes(1, 2)
    return pairs.reshape(count // parts, rows, parts * columns)


def side_by_side(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two images ``(N, rows, columns)`` each become one ``(N, rows, 2 columns)``."""
    return np.concatenate([left, right], axis=2)
