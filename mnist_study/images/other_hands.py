"""Digits that are not MNIST's: by other hands, and by a program in ways that nothing was trained on."""

import numpy as np

from mnist_study.data import Digits

from .drawn import HELD_OUT, drawn_digits
from .preparation import prepare


def optical_digits() -> Digits:
    """The 1 797 digits by 13 writers that come with scikit-learn, prepared as a drawing on the pad is.

    They are the test part of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, 1998), scanned down to
    8 x 8 pixels; nothing of the study was chosen on them.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    return Digits(prepare(digits.images), digits.target.astype(np.int64))


def unseen_styles(count: int = 1000, seed: int = 0) -> Digits:
    """So many digits that a program draws in the styles held out of all training (``HELD_OUT``)."""
    return drawn_digits(count, np.random.default_rng(seed), HELD_OUT)
