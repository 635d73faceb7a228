"""The drawing room: strokes become an image, the image a guess; in a notebook, as an app, and in the published page."""

from mnist_study.data import prepare, rasterise

from .diagnosis import Measure, diagnose
from .guesses import guess, variants

__all__ = ["Measure", "diagnose", "guess", "prepare", "rasterise", "variants"]
