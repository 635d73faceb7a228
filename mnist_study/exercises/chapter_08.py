"""Exercises of chapter 8: convolution by hand."""

import numpy as np

from .judging import exercise


@exercise(
    "08-1",
    cases=lambda rng: [(28, 28, 5, 1, 24), (12, 12, 3, 16, 32), (4, 6, 1, 8, 8)],
    hints=(
        "How many does one number of the result cost?",
        "A window through all maps below it; then times the numbers of the result.",
    ),
)
def multiplications(rows, columns, kernel, channels_in, channels_out):
    return rows * columns * channels_out * kernel * kernel * channels_in


multiplications.mistake("A window reaches through all maps below it.", lambda r, c, k, i, o: r * c * k * k * o)
multiplications.mistake("Those are the weights; each is used at every place.", lambda r, c, k, i, o: k * k * i * o)
multiplications.mistake("A window is k wide and k high.", lambda r, c, k, i, o: r * c * k * i * o)


@exercise(
    "08-2",
    cases=lambda rng: [(rng.normal(size=(5, 5)), 3), (rng.normal(size=(4, 6)), 2)],
    hints=("A row for each place, read as one reads a page.", "A window of k × k becomes k² numbers in a row."),
)
def windows_as_rows(image, k):
    return np.lib.stride_tricks.sliding_window_view(image, (k, k)).reshape(-1, k * k)


windows_as_rows.mistake(
    "A row for each place, and a column for each number of the window: yours is turned.",
    lambda image, k: windows_as_rows(image, k).T,
)
windows_as_rows.mistake(
    "Inside a window: row by row, not column by column.",
    lambda image, k: windows_as_rows(image, k).reshape(-1, k, k).transpose(0, 2, 1).reshape(-1, k * k),
)
windows_as_rows.mistake(
    "Your windows do not overlap: there is one at every place.",
    lambda image, k: np.lib.stride_tricks.sliding_window_view(image, (k, k))[::k, ::k].reshape(-1, k * k),
)


def _images(rng):
    return [
        (rng.permutation(rows * columns).reshape(rows, columns).astype(float),) for rows, columns in [(4, 4), (6, 8)]
    ]


@exercise(
    "08-3",
    cases=_images,
    hints=(
        "`image.reshape(rows // 2, 2, columns // 2, 2)` has the blocks.",
        "The largest over the two axes of length 2.",
    ),
)
def max_pool(image):
    rows, columns = image.shape
    return image.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))


max_pool.mistake(
    "That is their mean; a max pool keeps the largest.",
    lambda image: image.reshape(len(image) // 2, 2, -1, 2).mean(axis=(1, 3)),
)
max_pool.mistake("That keeps each block's first pixel, whatever is beside it.", lambda image: image[::2, ::2])
max_pool.mistake("Rows only: halve the columns, too.", lambda image: image.reshape(len(image) // 2, 2, -1).max(axis=1))


@exercise(
    "08-4",
    cases=lambda rng: [(rng.normal(size=(len(image) // 2, image.shape[1] // 2)), image) for (image,) in _images(rng)],
    hints=(
        "Only the pixel that was kept has had a part in the result.",
        "`np.kron(array, np.ones((2, 2)))` writes each number four times.",
    ),
)
def pool_backward(gradient, image):
    rows, columns = image.shape
    largest = image.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))
    kept = image == np.kron(largest, np.ones((2, 2)))
    return np.kron(gradient, np.ones((2, 2))) * kept


pool_backward.mistake(
    "The other three pixels had no part in it: the blame goes to the one that was kept.",
    lambda g, image: np.kron(g, np.ones((2, 2))),
)
pool_backward.mistake("That is the backward pass of a mean.", lambda g, image: np.kron(g, np.ones((2, 2))) / 4)
pool_backward.mistake(
    "Not always to the first pixel of a block: to the largest.", lambda g, image: np.kron(g, [[1, 0], [0, 0]])
)
