"""The drawing room: strokes become an image, the image a guess; in a notebook, as an app, and in the published page."""

from importlib import import_module

from mnist_study.analysis.diagnosis import Measure, diagnose
from mnist_study.images import prepare, rasterise

from .guesses import guess, variants
from .hand import OwnDigits

__all__ = ["Measure", "OwnDigits", "Pad", "diagnose", "guess", "prepare", "rasterise", "variants"]


def __getattr__(name):
    if name != "Pad":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
    return import_module(".pad", __name__).Pad  # widgets and their canvas are loaded for those who show one
