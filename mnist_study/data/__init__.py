"""The data room: MNIST's bytes, read with suspicion, split once, and looked at."""

from .download import download
from .files import StudyError
from .idx import DataError, read_idx
from .inspection import (
    InkGeometry,
    PixelStatistics,
    class_means,
    count_duplicates,
    ink_geometry,
    label_counts,
    pixel_statistics,
)
from .mnist import FILES, Digits, Mnist, load_mnist, split_indices

__all__ = [
    "FILES",
    "DataError",
    "Digits",
    "InkGeometry",
    "Mnist",
    "PixelStatistics",
    "StudyError",
    "class_means",
    "count_duplicates",
    "download",
    "ink_geometry",
    "label_counts",
    "load_mnist",
    "pixel_statistics",
    "read_idx",
    "split_indices",
]
