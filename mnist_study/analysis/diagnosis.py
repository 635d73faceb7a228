"""Why a drawing is hard to read: what it measures, beside what MNIST's digits measure."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from mnist_study.data import ink_geometry, load_mnist

MEASURES = {  # name -> unit
    "ink": "grey values",  # sum of all pixels
    "stroke_density": "of the box",  # ink, in full pixels, per pixel of its box
    "centre_offset": "pixels",  # of the centre of mass from the middle, index 14
    "height": "pixels",  # of the ink's box
    "width": "pixels",
    "area_ratio": "of the image",  # the box's area
}
QUANTILES = 401  # points at which the distribution among MNIST's digits is kept
UNUSUAL = 2.5  # percent at either end


@dataclass(frozen=True)
class Measure:
    """One property of an image, and the share of MNIST's training digits, in percent, that have less of it."""

    name: str
    value: float
    unit: str
    percentile: float

    @property
    def unusual(self):
        """Whether the percentile, in which equal values count half, is below 2.5 or above 97.5."""
        return min(self.percentile, 100 - self.percentile) < UNUSUAL

    @property
    def compared(self):
        """Where it stands among MNIST's training digits, in words; the page says the same."""
        side, share = ("less", 100 - self.percentile) if self.percentile < 50 else ("more", self.percentile)
        number = "all" if share == 100 else f"{share:.1f} %" if share > 99 else f"{share:.0f} %"
        return f"{side} than {number} of them"

    @property
    def amount(self):
        """Value and unit, in words."""
        number = f"{self.value:,.0f}".replace(",", " ") if self.value >= 100 else f"{self.value:.3g}"
        return f"{number} {self.unit}"

    def __str__(self):
        told = f"{self.name.replace('_', ' ')} {self.amount}: {self.compared}"
        return f"{told}, unusual" if self.unusual else told


def diagnose(image):
    """Measure one image, and say how unusual each measure is among MNIST's 48 000 training digits.

    Parameters
    ----------
    image : uint8 ``(28, 28)``, ink bright on dark, prepared or not

    Returns
    -------
    dict from name to Measure: ink, stroke_density, centre_offset, height, width, area_ratio

    Raises
    ------
    ValueError
        The image has no ink, or is none.
    """
    image = np.asarray(image)
    if image.shape != (28, 28):
        raise ValueError(f"an image is (28, 28); this one is {image.shape}")
    if image.dtype != np.uint8:
        raise ValueError(f"an image is uint8, 0 to 255; this one is {image.dtype}: prepare(image) makes it one")
    values, known = measure(image[None]), reference()
    return {
        name: Measure(name, float(values[name][0]), unit, _percentile(values[name][0], known[name]))
        for name, unit in MEASURES.items()
    }


def measure(images):
    """The measures of uint8 ``(N, 28, 28)``: dict from name to float64 ``(N,)``."""
    geometry = ink_geometry(images)
    area = geometry.height * geometry.width
    return {
        "ink": geometry.mass * 255,
        "stroke_density": geometry.mass / area,
        "centre_offset": np.hypot(geometry.centre_row - 14, geometry.centre_column - 14),
        "height": geometry.height.astype(float),
        "width": geometry.width.astype(float),
        "area_ratio": area / images[0].size,
    }


@cache
def reference():
    """The distribution of each measure among MNIST's training digits: dict from name to ``(QUANTILES,)``, sorted."""
    measured = measure(load_mnist().train.images)
    return {
        name: np.quantile(values, np.linspace(0, 1, QUANTILES), method="nearest") for name, values in measured.items()
    }


def _percentile(value, quantiles):
    """Equal values count half, so that a height of 20 pixels, which most digits have, is nothing special."""
    return float((np.searchsorted(quantiles, value) + np.searchsorted(quantiles, value, "right")) * 50 / len(quantiles))
