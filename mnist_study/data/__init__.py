"""The data room: MNIST's bytes, read with suspicion, split once, and looked at."""

from .digits import Digits, Splits
from .download import download
from .files import StudyError
from .folders import load_folder
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
from .label_errors import REJECTED, Rated, is_rejected
from .mnist import FILES, MNIST, Mnist, load_mnist, split_indices
from .parts import apart, side_by_side, together
from .tasks import TASKS, Task, TaskError, find_task, place_names, places_of, task_of
from .two_digit import TWO_DIGIT, TwoDigit, load_two_digit

__all__ = [
    "FILES",
    "MNIST",
    "REJECTED",
    "TASKS",
    "TWO_DIGIT",
    "DataError",
    "Digits",
    "InkGeometry",
    "Mnist",
    "PixelStatistics",
    "Rated",
    "Splits",
    "StudyError",
    "Task",
    "TaskError",
    "TwoDigit",
    "apart",
    "class_means",
    "count_duplicates",
    "download",
    "find_task",
    "ink_geometry",
    "is_rejected",
    "label_counts",
    "load_folder",
    "load_mnist",
    "load_two_digit",
    "pixel_statistics",
    "place_names",
    "places_of",
    "read_idx",
    "side_by_side",
    "split_indices",
    "task_of",
    "together",
]
