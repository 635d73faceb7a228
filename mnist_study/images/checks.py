"""What arrays of images and names of things must be, said in one line where they are not."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from mnist_study.data.files import did_you_mean

Thing = TypeVar("Thing")


def check_grey(images: ArrayLike) -> None:
    """Refuse what are no grey values uint8 ``(N, H, W)``: others, divided by 255 say, would be cut off to 0 and 1.

    Raises
    ------
    ValueError
    """
    values = np.asarray(images)
    if values.dtype != np.uint8:
        raise ValueError(f"images are uint8, 0 to 255; these are {values.dtype}: prepare(images) makes them so")
    if values.ndim != 3:
        raise ValueError(f"images are (N, H, W); these are {values.shape}: one image is images[:1]")


def chosen(name: str, table: Mapping[str, Thing], what: str) -> Thing:
    """What a table has under a name; ``what`` its names are for is told where it has none such.

    Raises
    ------
    ValueError
        Offers the nearest name, and all there are.
    """
    if name not in table:
        raise ValueError(f"no {what} {name!r}{did_you_mean(name, table)}; there are {', '.join(table)}")
    return table[name]
