"""The images room: from strokes or a picture to what a network sees; training digits changed, damaged, or drawn."""

from .augmentation import augment
from .corruptions import CORRUPTIONS, corrupt
from .cutting import cut, emptiest_column, possible_cuts
from .drawn import drawn_digits, drawn_numbers
from .preparation import prepare
from .strokes import rasterise

__all__ = [
    "CORRUPTIONS",
    "augment",
    "corrupt",
    "cut",
    "drawn_digits",
    "drawn_numbers",
    "emptiest_column",
    "possible_cuts",
    "prepare",
    "rasterise",
]
