"""The images room: from strokes or a picture to what a network sees; training digits changed, damaged, or drawn."""

from .augmentation import augment
from .corruptions import CORRUPTIONS, corrupt
from .cutting import cut, emptiest_column, possible_cuts
from .drawn import HELD_OUT, drawn_digits, drawn_numbers
from .mnist_c import MNIST_C, mnist_c
from .preparation import prepare
from .strokes import rasterise

__all__ = [
    "CORRUPTIONS",
    "HELD_OUT",
    "MNIST_C",
    "augment",
    "corrupt",
    "cut",
    "drawn_digits",
    "drawn_numbers",
    "emptiest_column",
    "mnist_c",
    "possible_cuts",
    "prepare",
    "rasterise",
]
