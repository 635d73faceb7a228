"""What arrays of images must be, said in one line where they are not."""

import numpy as np
from numpy.typing import ArrayLike


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
