"""The fifteen corruptions of MNIST-C, written anew: what may happen to a digit between a hand and a network.

Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision", 2019, chose them so that a person still reads the
digit. Kinds and strengths are theirs; the code, the random numbers, and so the pictures, are not: an error on these is
beside theirs, not in place of it.
"""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter

from mnist_study.data.files import chosen

from .checks import check_grey
from .warping import warp

Corruption = Callable[[np.ndarray, np.random.Generator], np.ndarray]
REACH = 2.3  # pixels from the middle of a line to where it ends
PLASMA = 256  # pixels across a cloud, of which fog takes pieces; a power of two, and larger ones for larger images


def mnist_c(images: np.ndarray, name: str, rng: np.random.Generator) -> np.ndarray:
    """Corrupt every image in its own way.

    Parameters
    ----------
    images : uint8 ``(N, H, W)``, ink bright on dark
    name : in ``MNIST_C``
    rng : numpy Generator

    Returns
    -------
    uint8 ``(N, H, W)``

    Raises
    ------
    ValueError
        There is no such corruption, or these are no grey values.
    """
    check_grey(images)
    return np.rint(255 * np.clip(chosen(name, MNIST_C, "corruption")(images / 255, rng), 0, 1)).astype(np.uint8)


def _shot_noise(images, rng):
    """As few as three quanta of light in the brightest pixel."""
    return rng.poisson(3 * images) / 3


def _impulse_noise(images, rng):
    """Salt and pepper on 17 % of the pixels."""
    hit, salt = rng.random(images.shape) < 0.17, rng.random(images.shape) < 0.5
    return np.where(hit, salt, images)


def _glass_blur(images, rng):
    """Neighbours change places, twice over, between two blurs."""
    blurred = _blur(images, 0.7)
    height, width = images.shape[1:]
    everyone = np.arange(len(images))
    for row in [*range(height - 1, 1, -1)] * 2:
        for column in range(width - 1, 1, -1):
            swap = rng.random(len(images)) < 0.5
            other_row, other_column = np.where(
                swap, [[row], [column]] - rng.integers(0, 2, (2, len(images))), [[row], [column]]
            )
            here, there = blurred[:, row, column].copy(), blurred[everyone, other_row, other_column]
            blurred[:, row, column], blurred[everyone, other_row, other_column] = there, here
    return _blur(blurred, 0.7)


def _motion_blur(images, rng):
    """A hand that moved: each pixel trails off to one side, at up to 45 degrees from the horizontal."""
    angle = rng.uniform(-np.pi / 4, np.pi / 4, (len(images), 1, 1))
    weights = np.exp(-((np.arange(10) / 3) ** 2) / 2)
    trails = (_warped(images, down=step * np.sin(angle), right=step * np.cos(angle)) for step in range(10))
    return sum(weight * trail for weight, trail in zip(weights, trails, strict=True)) / weights.sum()


def _shear(images, rng):
    lean = 0.4 * _signs(images, rng)
    return _warped(images, matrix=((np.cos(lean), 0), (-np.sin(lean), 1)))


def _scale(images, rng):
    """Seven tenths as large."""
    return _warped(images, matrix=((1 / 0.7, 0), (0, 1 / 0.7)))


def _rotate(images, rng):
    """By 0.4 radians, 23 degrees, this way or that."""
    angle = 0.4 * _signs(images, rng)
    return _warped(images, matrix=((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))


def _translate(images, rng):
    """Three pixels along each axis."""
    return _warped(images, down=3 * _signs(images, rng), right=3 * _signs(images, rng))


def _brightness(images, rng):
    return images + 0.5


def _stripe(images, rng):
    """The left and the right quarter are negatives of themselves."""
    striped, quarter = images.copy(), images.shape[2] // 4
    for side in (slice(None, quarter), slice(-quarter, None)):
        striped[:, :, side] = 1 - striped[:, :, side]
    return striped


def _fog(images, rng):
    """Three parts of cloud to one of picture."""
    height, width = images.shape[1:]
    size = max(PLASMA, 1 << (max(height, width) - 1).bit_length())
    pieces = [
        cloud[top : top + height, left : left + width]
        for cloud in (_plasma(rng, size) for _ in range(0, len(images), (size // height) * (size // width)))
        for top in range(0, size - height + 1, height)
        for left in range(0, size - width + 1, width)
    ]
    return (images + 3 * np.array(pieces[: len(images)]).reshape(images.shape)) / 4


def _spatter(images, rng):
    """Drops of dark mud."""
    liquid = _blur(rng.normal(0.65, 0.3, images.shape), 1)
    mud = _blur((liquid > 0.65).astype(float), 1.5)
    mud[mud < 0.8] = 0
    return images * (1 - mud) + mud * 63 / 255


def _dotted_line(images, rng):
    height, width = images.shape[1:]
    columns = np.arange(width)
    first, last = rng.integers(0, height - 1, (2, len(images), 1))
    line = _line(images, first + (last - first) * columns / (width - 1))
    return images + line * (columns % 4 >= 2)


def _zigzag(images, rng):
    height, width = images.shape[1:]
    columns = np.arange(width)
    first = rng.integers(0, height - 1, (len(images), 1))
    climb = rng.integers(-5, 5, (len(images), 1)) / (width - 5)
    teeth = 2 * np.interp((columns - 2) % 8, [0, 2, 6, 8], [0, 1, -1, 0])
    line = _line(images, first + climb * (columns - 2) + teeth)
    return images + line * ((columns >= 2) & (columns < width - 3))


def _canny_edges(images, rng):
    """Nothing but edges, a pixel wide (Canny, IEEE PAMI 8, 1986)."""
    from skimage.feature import canny

    return np.array([canny(image) for image in images], float).reshape(images.shape)


MNIST_C: dict[str, Corruption] = {
    "shot noise": _shot_noise,
    "impulse noise": _impulse_noise,
    "glass blur": _glass_blur,
    "motion blur": _motion_blur,
    "shear": _shear,
    "scale": _scale,
    "rotate": _rotate,
    "brightness": _brightness,
    "translate": _translate,
    "stripe": _stripe,
    "fog": _fog,
    "spatter": _spatter,
    "dotted line": _dotted_line,
    "zigzag": _zigzag,
    "canny edges": _canny_edges,
}


def _signs(images, rng):
    """-1 or 1 for each image, ``(N, 1, 1)``."""
    return 2 * rng.integers(0, 2, (len(images), 1, 1)) - 1


def _blur(images, sigma):
    return gaussian_filter(images, (0, sigma, sigma), mode="nearest", truncate=4)


def _warped(images, **how):
    return warp(np.rint(255 * images), **how) / 255


def _line(images, rows):
    """A line through row ``rows`` (N, W) of each column, brightest in its middle: float ``(N, H, W)``."""
    away = np.abs(np.arange(images.shape[1])[None, :, None] - rows[:, None, :])
    return np.clip(np.log1p(-np.minimum(away, REACH - 1e-9) / REACH) + 1, 0, 1)


def _plasma(rng, size=PLASMA, decay=1.4):
    """A cloud ``(size, size)`` from 0 to 1 that has no edges: squares and diamonds halved, each mean shaken."""
    cloud, step, shake = np.zeros((size, size)), size, 1.0
    while step >= 2:
        half = step // 2
        corners = cloud[::step, ::step]
        middles = (corners + np.roll(corners, -1, 0) + np.roll(corners, -1, 1) + np.roll(corners, -1, (0, 1))) / 4
        middles += rng.uniform(-shake, shake, middles.shape)
        cloud[half::step, half::step] = middles
        for top, left, near, far in (
            (0, half, corners, np.roll(corners, -1, 1)),
            (half, 0, corners, np.roll(corners, -1, 0)),
        ):
            beside = middles + np.roll(middles, 1, 0 if left else 1)
            mean = (near + far + beside) / 4
            cloud[top::step, left::step] = mean + rng.uniform(-shake, shake, mean.shape)
        step, shake = half, shake / decay**2
    return (cloud - cloud.min()) / np.ptp(cloud)
