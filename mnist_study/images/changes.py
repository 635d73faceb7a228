"""One property of a digit changed step by step, from nothing to more than anybody would write."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from mnist_study.data.files import chosen

from .augmentation import change_strokes
from .checks import check_grey
from .corruptions import rotated, shifted, small
from .warping import warp


@dataclass(frozen=True)
class Change:
    """How far a property is changed: ``amounts`` from nothing, in a unit, and the pictures that come out."""

    unit: str
    amounts: tuple[float, ...]
    apply: Callable[[np.ndarray, np.random.Generator, float], np.ndarray]  # uint8 (N, H, W), rng, amount -> the same
    nothing: float = 0.0  # the amount that changes nothing


def change(images: np.ndarray, name: str, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Change every image by one amount; what is left open (a direction, a place) is drawn for each.

    Parameters
    ----------
    images : uint8 ``(N, H, W)``, ink bright on dark
    name : in ``CHANGES``
    amount : in its unit
    rng : numpy Generator

    Returns
    -------
    uint8 ``(N, H, W)``

    Raises
    ------
    ValueError
        There is no such change, or these are no grey values.
    """
    check_grey(images)
    rule = chosen(name, CHANGES, "change")
    return images if amount == rule.nothing else rule.apply(images, rng, amount)


def _shift(images, rng, pixels):
    return shifted(images, rng, int(pixels))


def _lean(images, rng, pixels):
    """Each row moved against the next by so many pixels, about the middle, to one side or the other."""
    lean = pixels * (2 * rng.integers(0, 2, (len(images), 1, 1)) - 1)
    return warp(images, ((1, 0), (-lean, 1)))


def _stroke(images, rng, pixels):
    """Strokes' edges moved outwards, or inwards where ``pixels`` is negative; a pixel at most at a time."""
    whole = int(abs(pixels))
    for step in [1.0] * whole + ([abs(pixels) - whole] if abs(pixels) > whole else []):
        images = change_strokes(images, np.full(len(images), np.sign(pixels) * step))
    return images


def _grain(images, rng, grey_values):
    """Gaussian noise of that standard deviation."""
    return _greys(images + grey_values * rng.standard_normal(images.shape, dtype=np.float32))


def _blur(images, rng, pixels):
    """A Gaussian of that standard deviation."""
    return _greys(gaussian_filter(images.astype(np.float32), (0, pixels, pixels)))


def _contrast(images, rng, share):
    """Ink less bright, down to that share."""
    return _greys(share * images.astype(np.float32))


def _invert(images, rng, share):
    """On the way to a negative: at one half, all is one grey."""
    return _greys((1 - share) * images.astype(np.float32) + share * (255 - images.astype(np.float32)))


def _cover(images, rng, pixels):
    """A square of paper of that side, anywhere on the middle 20 x 20 pixels."""
    height, width = images.shape[1:]
    side, covered = int(pixels), images.copy()
    margins = (height - 20) // 2, (width - 20) // 2
    corners = rng.integers(0, 21 - side, (len(images), 2)) + margins
    for image, (top, left) in zip(covered, corners, strict=True):
        image[top : top + side, left : left + side] = 0
    return covered


CHANGES: dict[str, Change] = {
    "shift": Change("pixels along each axis", (0, 1, 2, 3, 4, 5, 6, 8), _shift),
    "rotation": Change("degrees", (0, 10, 20, 30, 40, 50, 60, 75, 90), lambda x, rng, amount: rotated(x, rng, amount)),
    "size": Change("of the size", (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3), lambda x, rng, by: small(x, rng, by), 1.0),
    "slant": Change("pixels a row", (0, 0.15, 0.3, 0.45, 0.6, 0.8, 1.0), _lean),
    "thinning": Change("pixels off each edge", (0, 0.25, 0.5, 0.75, 1.0), lambda x, rng, by: _stroke(x, rng, -by)),
    "thickening": Change("pixels onto each edge", (0, 0.5, 1.0, 1.5, 2.0, 3.0), _stroke),
    "noise": Change("grey values", (0, 20, 40, 60, 90, 120, 160), _grain),
    "blur": Change("pixels", (0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0), _blur),
    "contrast": Change("of the contrast", (1, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1), _contrast, 1.0),
    "inversion": Change("of the way to a negative", (0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0), _invert),
    "occlusion": Change("pixels across a hole", (0, 4, 6, 8, 10, 12, 14), _cover),
}


def _greys(images):
    return np.rint(np.clip(images, 0, 255)).astype(np.uint8)
