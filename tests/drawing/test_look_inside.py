import base64
import re

import numpy as np
import pytest

from mnist_study.data import StudyError
from mnist_study.drawing import look_inside


def test_the_page_gets_the_digits_their_labels_and_how_to_cover_them(mnist):
    digits = mnist.test[:3]
    html = look_inside(digits)._repr_html_()
    said = dict(re.findall(r'data-(\w+)="([^"]*)"', html))
    images = np.frombuffer(base64.b64decode(said["images"]), np.uint8).reshape(3, 28, 28)
    assert (images == digits.images).all()
    assert said["labels"] == ",".join(str(label) for label in digits.labels)
    assert (said["network"], said["patch"], said["stride"]) == ("cnn_hand", "5", "2")


def test_a_network_that_the_page_does_not_carry_is_refused(mnist):
    with pytest.raises(StudyError, match="the page carries no network cnn; it has softmax, mlp, cnn_hand"):
        look_inside(mnist.test[:1], "cnn")
