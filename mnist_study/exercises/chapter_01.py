"""Exercises of chapter 1: the data."""

import numpy as np

import mnist_study as ms

from .judging import exercise


@exercise(
    "01-1",
    tolerance=6e-4,
    hints=(
        "It is right exactly where the label is 1.",
        "`mnist.validation.labels == 1` is an array of true and false.",
    ),
)
def always_one():
    labels = ms.load_mnist().validation.labels
    return np.mean(labels == 1)


always_one.mistake("That would be so if all classes had the same size. Count the ones.", lambda: 0.1)
always_one.mistake(
    "That is how many it reads; which share is it?", lambda: np.sum(ms.load_mnist().validation.labels == 1)
)
always_one.mistake("That is in per cent; give the share, between 0 and 1.", lambda: 100 * always_one())


@exercise(
    "01-2",
    cases=lambda rng: [
        (rng.integers(0, 256, (rows, columns)).astype(np.uint8),) for rows, columns in [(28, 28), (5, 9)]
    ],
    hints=(
        "Each pixel pulls towards its place, as hard as it is dark.",
        "Weigh `np.arange(rows)` with the ink of each row: its sum over the columns.",
    ),
)
def centre_of_mass(image):
    ink = image.astype(float)
    rows, columns = np.arange(ink.shape[0]), np.arange(ink.shape[1])
    return ink.sum(axis=1) @ rows / ink.sum(), ink.sum(axis=0) @ columns / ink.sum()


def _unweighted(image):
    rows, columns = np.nonzero(image)
    return rows.mean(), columns.mean()


centre_of_mass.mistake("Row first, then column.", lambda image: centre_of_mass(image)[::-1])
centre_of_mass.mistake("That is where the inked pixels are; a dark one has to count more than a grey one.", _unweighted)
centre_of_mass.mistake(
    "That is the middle of the picture, whatever is drawn on it.",
    lambda image: tuple((size - 1) / 2 for size in image.shape),
)


@exercise(
    "01-3",
    cases=lambda rng: [
        tuple(rng.integers(0, 256, (count, 6)).astype(np.uint8) for count in counts) for counts in [(4, 3), (5, 5)]
    ],
    hints=(
        "`a[:, None] - b[None]` has every difference of a row of `a` and a row of `b`.",
        "Grey values are uint8, where 3 − 5 is 254: make them floats first.",
    ),
)
def distances(digits, means):
    difference = digits[:, None].astype(float) - means[None].astype(float)
    return np.sqrt((difference**2).sum(axis=2))


def _wrapped(digits, means):
    return np.sqrt(((digits[:, None] - means[None]) ** 2.0).sum(axis=2))


distances.mistake("The root is missing.", lambda digits, means: distances(digits, means) ** 2)
distances.mistake("Unsigned numbers wrap: with uint8, 3 − 5 is 254. Make the pixels floats first.", _wrapped)
distances.mistake("A row for each digit, a column for each mean: yours is turned.", lambda a, b: distances(a, b).T)
distances.mistake(
    "Squares of uint8 wrap, too: 20² is 144. Make the pixels floats before you do anything with them.",
    lambda digits, means: np.sqrt(((digits[:, None] - means[None]) ** 2).sum(axis=2)),
)


@exercise(
    "01-4",
    tolerance=0.03,
    hints=(
        "`scipy.ndimage.gaussian_filter` takes a width for each axis; the first axis counts digits.",
        "Blur the digits that are remembered, and those that are asked about.",
    ),
)
def gain_of_a_blur():
    from scipy.ndimage import gaussian_filter
    from sklearn.neighbors import KNeighborsClassifier

    mnist = ms.load_mnist()
    known, asked = mnist.train[:3000], mnist.validation[:3000]

    def reads(sigma):
        blurred = [gaussian_filter(each.images.astype(float), (0, sigma, sigma)) for each in (known, asked)]
        remembered, new = (images.reshape(3000, -1) for images in blurred)
        return np.mean(KNeighborsClassifier(1).fit(remembered, known.labels).predict(new) == asked.labels)

    return 100 * (reads(1.0) - reads(0.0))


def _reads(known_sigma, asked_sigma):
    from scipy.ndimage import gaussian_filter
    from sklearn.neighbors import KNeighborsClassifier

    mnist = ms.load_mnist()
    known, asked = mnist.train[:3000], mnist.validation[:3000]
    widths = (known_sigma, asked_sigma)
    blurred = [
        gaussian_filter(d.images.astype(float), w).reshape(3000, -1)
        for d, w in zip((known, asked), widths, strict=True)
    ]
    return 100 * np.mean(KNeighborsClassifier(1).fit(blurred[0], known.labels).predict(blurred[1]) == asked.labels)


gain_of_a_blur.mistake(
    "The sign: a gain is what it reads after the blur, less what it read before.", lambda: -gain_of_a_blur()
)
gain_of_a_blur.mistake(
    "This blurs each digit with its neighbours in the pile, too: the first axis wants a width of 0.",
    lambda: _reads(1.0, 1.0) - _reads(0.0, 0.0),
)
gain_of_a_blur.mistake(
    "You have blurred only the digits that are remembered; those that are asked about are still sharp.",
    lambda: _reads((0, 1, 1), 0.0) - _reads(0.0, 0.0),
)
gain_of_a_blur.mistake("In points, please: hundredths.", lambda: gain_of_a_blur() / 100)
