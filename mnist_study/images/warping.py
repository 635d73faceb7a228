"""An image read at other places than its pixels', and smooth random fields that say where."""

import numpy as np

CONTROL = 7  # a smooth field is given at 7 x 7 points, and is smooth between them


def smooth_field(rng: np.random.Generator, count: int, height: int, width: int) -> np.ndarray:
    """Random float32 ``(count, height, width)`` of root mean square 1: Gaussian bumps of random height on a grid."""
    vertical, horizontal = _bumps(height), _bumps(width)
    heights = rng.standard_normal((count, CONTROL, CONTROL), dtype=np.float32)
    return vertical @ heights @ horizontal.T


def _bumps(side):
    """``(side, CONTROL)``: how much each control point weighs at each pixel; the squares of a row sum to 1."""
    spacing = side / CONTROL
    centres = (np.arange(CONTROL) + 0.5) * spacing - 0.5
    weights = np.exp(-(((np.arange(side)[:, None] - centres) / spacing) ** 2) / 2)
    return (weights / np.linalg.norm(weights, axis=1, keepdims=True)).astype(np.float32)


def sample(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Read ``images`` at fractional positions ``(N, H, W)``, bilinearly; outside is paper."""
    count, height, width = images.shape
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2))).astype(np.float32)
    rows = np.clip(rows + 1, 0, height + 1)
    columns = np.clip(columns + 1, 0, width + 1)
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    rows -= top
    columns -= left
    stride = width + 3
    index = np.arange(count, dtype=np.int32)[:, None, None] * ((height + 3) * stride) + top * stride + left
    flat = padded.ravel()
    upper = flat[index] * (1 - columns) + flat[index + 1] * columns
    lower = flat[index + stride] * (1 - columns) + flat[index + stride + 1] * columns
    return np.rint(upper * (1 - rows) + lower * rows).astype(np.uint8)


Amount = float | np.ndarray  # of all images, or (N, 1, 1) of each
Matrix = tuple[tuple[Amount, Amount], tuple[Amount, Amount]]


def warp(images: np.ndarray, matrix: Matrix = ((1, 0), (0, 1)), down: Amount = 0, right: Amount = 0) -> np.ndarray:
    """Read images about their middle: ``matrix`` takes rows and columns of the result to those of the image.

    Parameters
    ----------
    images : ``(N, H, W)``, 0 to 255
    matrix : two rows of two amounts
    down, right : pixels by which the place that is read is moved after that

    Returns
    -------
    uint8 ``(N, H, W)``
    """
    height, width = images.shape[1:]
    row, column = np.arange(height)[:, None] - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    places = [
        (by_row * row + by_column * column + (side - 1) / 2 + moved).astype(np.float32)
        for (by_row, by_column), side, moved in zip(matrix, (height, width), (down, right), strict=True)
    ]
    return sample(images, *(np.broadcast_to(place, images.shape).copy() for place in places))


def neighbourhood(images: np.ndarray) -> tuple[np.ndarray, ...]:
    """Images ``(N, H, W)`` and what lies above, below, left and right of each of their pixels; paper is outside."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    return images, padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]
