"""Why a drawing is hard to read: what it measures, beside what the digits of its task measure."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from mnist_study.data import MNIST, Task, ink_geometry
from mnist_study.images.checks import check_grey

MEASURES = {  # name -> unit
    "ink": "grey values",  # sum of all pixels
    "stroke_density": "of the box",  # ink, in full pixels, per pixel of its box
    "centre_offset": "pixels",  # of the centre of mass from the middle, half the image's size
    "height": "pixels",  # of the ink's box
    "width": "pixels",
    "area_ratio": "of the image",  # the box's area
}
QUANTILES = 401  # points at which the distribution among the task's digits is kept
UNUSUAL = 2.5  # percent at either end


@dataclass(frozen=True)
class Measure:
    """One property of an image, and the share of the training digits, in percent, that have less of it."""

    name: str
    value: float
    unit: str
    percentile: float

    @property
    def unusual(self) -> bool:
        """Whether the percentile, in which equal values count half, is below 2.5 or above 97.5."""
        return min(self.percentile, 100 - self.percentile) < UNUSUAL

    @property
    def compared(self) -> str:
        """Where it stands among the training digits, in words; the page says the same."""
        side, share = ("less", 100 - self.percentile) if self.percentile < 50 else ("more", self.percentile)
        number = "all" if share == 100 else f"{share:.1f} %" if share > 99 else f"{share:.0f} %"
        return f"{side} than {number} of them"

    @property
    def amount(self) -> str:
        """Value and unit, in words."""
        number = f"{self.value:,.0f}".replace(",", " ") if self.value >= 100 else f"{self.value:.3g}"
        return f"{number} {self.unit}"

    def __str__(self) -> str:
        message = f"{self.name.replace('_', ' ')} {self.amount}: {self.compared}"
        return f"{message}, unusual" if self.unusual else message


def diagnose(image: ArrayLike, task: Task = MNIST) -> dict[str, Measure]:
    """Measure one image, and say how unusual each measure is among the task's training digits.

    Parameters
    ----------
    image : uint8 ``task.shape``, ink bright on dark, prepared or not
    task : whose digits it is compared with

    Returns
    -------
    dict from name to Measure: ink, stroke_density, centre_offset, height, width, area_ratio

    Raises
    ------
    ValueError
        The image has no ink, or is none.
    """
    image = np.asarray(image)
    if image.shape != task.shape:
        raise ValueError(f"an image is {task.shape}; this one is {image.shape}")
    values, known = measure(image[None]), reference(task)
    return {
        name: Measure(name, float(values[name][0]), unit, _percentile(values[name][0], known[name]))
        for name, unit in MEASURES.items()
    }


def measure(images: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of uint8 ``(N, H, W)``: dict from name to float64 ``(N,)``; ValueError where they are none."""
    check_grey(images)
    geometry = ink_geometry(images)
    area = geometry.height * geometry.width
    height, width = images.shape[1:]
    return {
        "ink": geometry.mass * 255,
        "stroke_density": geometry.mass / area,
        "centre_offset": np.hypot(geometry.centre_row - height / 2, geometry.centre_column - width / 2),
        "height": geometry.height.astype(float),
        "width": geometry.width.astype(float),
        "area_ratio": area / (height * width),
    }


def reference(task: Task = MNIST) -> dict[str, np.ndarray]:
    """The distribution of each measure among a task's training digits: dict from name to ``(QUANTILES,)``, sorted."""
    return _reference(task)


@cache
def _reference(task):
    measured, points = measure(task.load().train.images), np.linspace(0, 1, QUANTILES)
    return {name: np.quantile(values, points, method="nearest") for name, values in measured.items()}


def _percentile(value, quantiles):
    """Equal values count half, so that a height of 20 pixels, which most digits have, is nothing special."""
    return float((np.searchsorted(quantiles, value) + np.searchsorted(quantiles, value, "right")) * 50 / len(quantiles))
