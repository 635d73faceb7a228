import json

import numpy as np
import pytest
from tracing import edge_cases, thin, trace

from mnist_study.images import rasterise


def test_a_skeleton_is_one_pixel_wide_and_keeps_the_length():
    bar = np.zeros((20, 40), bool)
    bar[8:13, 5:35] = True
    skeleton = thin(bar)
    assert (skeleton.sum(axis=0) <= 1).all()
    assert skeleton.sum() >= 24
    assert (skeleton & ~bar).sum() == 0


@pytest.mark.slow
def test_digits_traced_and_drawn_with_the_default_pen_have_mnists_ink(mnist):
    images = mnist.train.images[:400]
    drawn = np.stack([rasterise(trace(image)) for image in images])
    assert drawn.mean() / images.mean() == pytest.approx(1, abs=0.03)


def test_the_golden_drawings_are_those_that_the_script_makes(root, mnist):
    golden = json.loads((root / "tests" / "drawing" / "golden.json").read_text())
    traced = [drawing for drawing in golden if drawing["label"] is not None]
    assert (len(traced), len(golden)) == (40, 60)
    for drawing in traced[::5]:
        number = int(drawing["name"].split()[-1])
        assert mnist.test.labels[number] == drawing["label"]
        for stored, made in zip(drawing["strokes"], trace(mnist.test.images[number]), strict=True):
            assert made == pytest.approx(np.array(stored), abs=1e-3)
    assert [drawing["name"] for drawing in golden[40:]] == [case[0] for case in edge_cases()]
