import numpy as np
import pytest

import mnist_study as ms
from mnist_study.drawing import guess, variants
from mnist_study.images import rasterise

SEVEN = [[[60, 60], [200, 60], [120, 240]]]


def test_variants_are_the_drawing_its_neighbours_and_two_pens():
    images = variants(SEVEN)
    plain = rasterise(SEVEN)
    assert images.shape == (7, 28, 28)
    assert np.array_equal(images[0], plain)
    assert np.array_equal(images[1][:, 1:], plain[:, :-1])
    assert np.array_equal(images[3][1:], plain[:-1])
    assert images[5].sum(dtype=int) < plain.sum(dtype=int) < images[6].sum(dtype=int)


def test_variants_of_the_thickest_pen_stay_within_the_pens_there_are():
    assert variants(SEVEN, 8.0).shape == (7, 28, 28)
    assert variants(SEVEN, 0.5).shape == (7, 28, 28)


def test_a_guess_is_the_mean_of_the_probabilities():
    model = ms.load_model("cnn_fast")
    images = variants(SEVEN)
    found = guess(model, images)
    assert found == pytest.approx(model.predict_proba(images).mean(axis=0))
    assert found.argmax() == 7
    assert guess(model, images[:1]) == pytest.approx(model.predict_proba(images[:1])[0])
