"""The data room: MNIST's bytes, read with suspicion, split once, and looked at."""

from .augmentation import augment
from .corruptions import CORRUPTIONS, corrupt
from .download import download
from .drawn import drawn_digits
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
from .preparation import prepare
from .strokes import rasterise

__all__ = [
    "CORRUPTIONS",
    "FILES",
    "DataError",
    "Digits",
    "InkGeometry",
    "Mnist",
    "PixelStatistics",
    "StudyError",
    "augment",
    "class_means",
    "corrupt",
    "count_duplicates",
    "download",
    "drawn_digits",
    "ink_geometry",
    "label_counts",
    "load_mnist",
    "pixel_statistics",
    "prepare",
    "rasterise",
    "read_idx",
    "split_indices",
]
