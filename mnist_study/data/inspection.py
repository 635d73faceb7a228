"""What the digits look like before anybody learns from them: pure functions from arrays to numbers."""

from dataclasses import dataclass

import numpy as np

from .mnist import MNIST
from .tasks import Task


@dataclass(frozen=True)
class PixelStatistics:
    """Of all pixels: grey value mean and standard deviation (0..255), and how many are paper, ink, or between."""

    mean: float
    std: float
    background: float  # share of pixels that are exactly 0
    saturated: float  # share of pixels at 250 and above
    never_inked: int  # pixel positions that are 0 in every image


@dataclass(frozen=True)
class InkGeometry:
    """Where the ink sits in each image, in pixels; every array is ``(N,)`` float64 or int64."""

    centre_row: np.ndarray  # centre of mass; pixel (0, 0) is centred on 0
    centre_column: np.ndarray
    height: np.ndarray  # of the smallest box that holds all ink
    width: np.ndarray
    mass: np.ndarray  # sum of grey values / 255: how many fully black pixels the ink would fill


def label_counts(labels: np.ndarray, task: Task = MNIST) -> np.ndarray:
    """How often each class of the task occurs: int64 ``(classes,)``."""
    return np.bincount(labels, minlength=len(task.classes))


def pixel_statistics(images: np.ndarray) -> PixelStatistics:
    """Grey values of ``images`` uint8 ``(N, H, W)``, counted exactly from the histogram of the 256 values."""
    counts = np.bincount(images.ravel(), minlength=256)
    values = np.arange(256)
    mean = counts @ values / images.size
    return PixelStatistics(
        mean=float(mean),
        std=float(np.sqrt(counts @ (values - mean) ** 2 / images.size)),
        background=float(counts[0] / images.size),
        saturated=float(counts[250:].sum() / images.size),
        never_inked=int((images.max(axis=0) == 0).sum()),
    )


def class_means(images: np.ndarray, labels: np.ndarray, task: Task = MNIST) -> tuple[np.ndarray, np.ndarray]:
    """The mean image and the standard deviation of each pixel, per class: two float64 ``(classes, H, W)``."""
    groups = [images[labels == label] for label in range(len(task.classes))]
    return np.stack([group.mean(axis=0) for group in groups]), np.stack([group.std(axis=0) for group in groups])


def ink_geometry(images: np.ndarray) -> InkGeometry:
    """Measure the ink of each of ``images`` uint8 ``(N, H, W)``.

    Raises
    ------
    ValueError
        An image without ink has no centre.
    """
    rows, columns = images.sum(axis=2, dtype=np.int64), images.sum(axis=1, dtype=np.int64)  # (N, H), (N, W)
    total = rows.sum(axis=1)
    if not total.all():
        raise ValueError(f"image {int(total.argmin())} has no ink, so its centre of mass is not defined")
    return InkGeometry(
        centre_row=rows @ np.arange(rows.shape[1]) / total,
        centre_column=columns @ np.arange(columns.shape[1]) / total,
        height=_extent(rows),
        width=_extent(columns),
        mass=total / 255,
    )


def count_duplicates(images: np.ndarray) -> int:
    """How many of ``images`` uint8 ``(N, H, W)`` repeat an earlier one, pixel for pixel."""
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    return len(rows) - len({row.tobytes() for row in rows})


def _extent(projection):
    """First to last non-zero entry of each row of ``(N, L)``, both included."""
    inked = projection > 0
    return inked.shape[1] - inked.argmax(axis=1) - inked[:, ::-1].argmax(axis=1)
