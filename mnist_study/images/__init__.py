"""The images room: from strokes or a picture to what a network sees; training digits changed, damaged, or drawn."""

from .augmentation import augment
from .changes import CHANGES, change
from .corruptions import CORRUPTIONS, corrupt
from .cutting import cut, emptiest_column, possible_cuts
from .drawn import HELD_OUT, drawn_digits, drawn_numbers
from .mnist_c import MNIST_C, mnist_c
from .other_hands import optical_digits, scanned, unseen_styles
from .preparation import prepare
from .strangers import STRANGERS, strangers
from .strokes import rasterise
from .typefaces import lettered_digits, typeface_digits

__all__ = [
    "CHANGES",
    "CORRUPTIONS",
    "HELD_OUT",
    "MNIST_C",
    "STRANGERS",
    "augment",
    "change",
    "corrupt",
    "cut",
    "drawn_digits",
    "drawn_numbers",
    "emptiest_column",
    "lettered_digits",
    "mnist_c",
    "optical_digits",
    "possible_cuts",
    "prepare",
    "rasterise",
    "scanned",
    "strangers",
    "typeface_digits",
    "unseen_styles",
]
