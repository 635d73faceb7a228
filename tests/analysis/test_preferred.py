import numpy as np
import pytest

import mnist_study as ms
from mnist_study.analysis import class_score, preferred


@pytest.mark.parametrize("name", ["softmax", "fc", "cnn_numpy"])
def test_a_network_likes_its_preferred_pictures_better_than_nearly_any_digit(name, mnist):
    model, classes = ms.load_model(name), np.arange(10)
    pictures = preferred(model, classes)
    assert (pictures.shape, pictures.dtype) == ((10, 28, 28), np.uint8)
    assert (model.predict(pictures) == classes).sum() >= 9
    scores = class_score(model, pictures, classes)
    for label in classes:
        digits = mnist.validation.images[mnist.validation.labels == label][:100]
        assert scores[label] > np.median(class_score(model, digits, np.full(100, label)))


def test_without_blur_and_fading_a_linear_network_likes_the_ink_that_its_weights_want():
    model = ms.load_model("softmax")
    weights = model.get_weights()["W1"]
    wanted = (weights - weights.mean(axis=1, keepdims=True)).T.reshape(10, 28, 28)
    pictures = preferred(model, np.arange(10), blur=(0, 0), shrink=0, steps=200)
    clear = np.abs(wanted) > 0.1 * np.abs(wanted).max()
    assert (pictures[clear & (wanted > 0)] == 255).all()
    assert (pictures[clear & (wanted < 0)] == 0).all()
