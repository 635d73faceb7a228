"""The images room: from strokes or a picture to what a network sees; training digits changed, damaged, or drawn."""

from .augmentation import augment
from .corruptions import CORRUPTIONS, corrupt
from .drawn import drawn_digits
from .preparation import prepare
from .strokes import rasterise

__all__ = ["CORRUPTIONS", "augment", "corrupt", "drawn_digits", "prepare", "rasterise"]
