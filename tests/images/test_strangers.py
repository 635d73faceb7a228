import numpy as np
import pytest

from mnist_study.data import ink_geometry
from mnist_study.images import STRANGERS, strangers


@pytest.mark.parametrize("kind", STRANGERS)
def test_strangers_are_as_many_as_asked_for_each_another_and_the_same_again(kind):
    pictures = strangers(kind, 40, np.random.default_rng(0))
    assert (pictures.dtype, pictures.shape) == (np.uint8, (40, 28, 28))
    assert len({each.tobytes() for each in pictures}) > 30
    assert np.array_equal(pictures, strangers(kind, 40, np.random.default_rng(0)))
    assert strangers(kind, 0, np.random.default_rng(0)).shape == (0, 28, 28)


@pytest.mark.parametrize("kind", sorted(set(STRANGERS) - {"noise"}))
def test_all_but_noise_are_as_large_and_as_central_as_a_prepared_digit(kind):
    ink = ink_geometry(strangers(kind, 60, np.random.default_rng(1)))
    assert (np.maximum(ink.height, ink.width) == 20).mean() > 0.9
    assert np.abs(ink.centre_row - 14).max() <= 0.51
