"""Paper that grows darker from one side to the other is still one paper."""

import numpy as np
import pytest
from PIL import Image

import mnist_study as ms
from mnist_study.images import prepare, scanned
from mnist_study.images.light import even_light


def photographed(image, fall, angle, noise=3.0, side=120):
    """Black ink on white paper, of whose light a share is lost on the way across; with the camera's noise."""
    ink = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)) / 255
    rows, columns = np.indices(ink.shape) / side - 0.5
    light = 1 - fall * (0.5 + (np.sin(angle) * rows + np.cos(angle) * columns) / np.sqrt(2))
    photograph = 225 * light * (1 - 0.75 * ink) + np.random.default_rng(0).normal(0, noise, ink.shape)
    return np.clip(photograph, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("fall", [0.0, 0.3, 0.6])
def test_a_photograph_is_read_though_its_light_falls_from_one_side_to_the_other(mnist, fall):
    some = mnist.validation[:300]
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, len(some))
    photographs = [photographed(image, fall, angle) for image, angle in zip(some.images, angles, strict=True)]
    model = ms.load_model("cnn_hand")
    assert np.mean(model.predict(prepare(np.array(photographs))) == some.labels) >= 0.98


def test_light_is_taken_out_whatever_crosses_the_border():
    rows, columns = np.indices((60, 90))
    light = 0.4 + 0.3 * rows / 60 + 0.3 * columns / 90
    paper = np.full((60, 90), 200.0)
    paper[:, 20:30], paper[10:14] = 50, 60  # strokes from edge to edge
    found = (paper * light)[None].copy()
    even_light(found)
    assert np.ptp(found[0] / paper) < 1e-3 * np.mean(found[0] / paper)


def test_what_is_even_stays_the_same_to_the_last_bit(mnist):
    tight = []
    for image in mnist.validation.images[:200]:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        tight.append(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1][None])
    scans = scanned(mnist.validation.images[:500])
    noise = np.random.default_rng(0).integers(0, 256, (50, 30, 40))
    for pictures in (mnist.validation.images[:500], *tight, scans, 16 - scans, noise, noise - 300, scans[:, :2]):
        values = pictures.astype(np.float64)
        even_light(values)
        assert np.array_equal(values, pictures)


def test_digits_that_fill_their_picture_stay_the_same():
    from sklearn.datasets import load_digits

    scans = load_digits().images
    values = scans.copy()
    even_light(values)
    assert np.array_equal(values, scans)
