"""The picture that a class likes best: what a network, not a person, takes for the most typical digit."""

import numpy as np
from scipy.ndimage import gaussian_filter

from mnist_study.models import BaseNetwork

from .saliency import score_gradient

GREY = 32.0  # grey value that the search starts from, everywhere
STEPS, STEP = 60, 12.0  # how many, and the root mean square of one, in grey values
BLUR = (2.0, 0.7)  # pixels, of each step: from the first to the last
SHRINK = 0.04  # share of all ink that is taken away after each step: only what helps comes back


def preferred(
    model: BaseNetwork,
    classes: np.ndarray,
    shape: tuple[int, int] = (28, 28),
    steps: int = STEPS,
    step: float = STEP,
    blur: tuple[float, float] = BLUR,
    shrink: float = SHRINK,
) -> np.ndarray:
    """Climb from an even grey to a picture of which a class's score is high.

    Each step goes along the blurred gradient of the score, all steps of one size; then the ink fades a little, and no
    pixel leaves 0 to 255. Without blur and fading the end is noise: the two are our taste, not the network's. Source:
    Yosinski et al., ICML workshop on deep learning 2015, who fade and blur the picture.

    Parameters
    ----------
    classes : int ``(N,)``, a picture for each
    steps, step, blur, shrink : as above

    Returns
    -------
    uint8 ``(N, H, W)``
    """
    pictures = np.full((len(classes), *shape), GREY, np.float32)
    for width in np.linspace(*blur, steps):
        uphill = gaussian_filter(score_gradient(model, pictures, classes), (0, width, width))
        size = np.sqrt(np.mean(uphill**2, axis=(1, 2), keepdims=True))
        pictures += step * uphill / np.where(size > 0, size, 1)
        pictures = np.clip((1 - shrink) * pictures, 0, 255)
    return np.round(pictures).astype(np.uint8)
