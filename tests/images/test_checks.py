"""Grey values divided by 255 and mistyped names: one line, and no black picture."""

import numpy as np
import pytest

from mnist_study.analysis.diagnosis import measure
from mnist_study.images import augment, change, corrupt, mnist_c, scanned, strangers

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (3, 28, 28)).astype(np.uint8)
TAKERS = {
    "mnist_c": lambda images: mnist_c(images, "fog", RNG),
    "change": lambda images: change(images, "blur", 1.0, RNG),
    "corrupt": lambda images: corrupt(images, "thick", RNG),
    "augment": lambda images: augment(images, RNG, shift=1),
    "scanned": scanned,
    "measure": measure,
}


@pytest.mark.parametrize("taker", TAKERS)
def test_what_are_no_grey_values_is_refused_and_never_cut_off(taker):
    TAKERS[taker](GREY)
    for images in (GREY / 255, GREY.astype(np.int64), (GREY > 127)):
        with pytest.raises(ValueError, match=rf"images are uint8, 0 to 255; these are {images.dtype}: prepare"):
            TAKERS[taker](images)
    with pytest.raises(ValueError, match=r"images are \(N, H, W\); these are \(28, 28\)"):
        TAKERS[taker](GREY[0])


@pytest.mark.parametrize(
    ("taker", "words"),
    [
        (lambda: mnist_c(GREY, "fogg", RNG), "no corruption 'fogg'; did you mean 'fog'\\?; there are shot noise, "),
        (lambda: change(GREY, "blurr", 1.0, RNG), "no change 'blurr'; did you mean 'blur'"),
        (lambda: corrupt(GREY, "thik", RNG), "no corruption 'thik'; did you mean 'thi"),
        (lambda: strangers("leters", 3, RNG), "no kind of stranger 'leters'; did you mean 'letters'"),
    ],
)
def test_a_mistyped_name_is_told_with_the_nearest(taker, words):
    with pytest.raises(ValueError, match=words):
        taker()
