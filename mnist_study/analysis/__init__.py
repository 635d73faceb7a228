"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start

__all__ = [
    "Accuracy",
    "Confidence",
    "Confusion",
    "MeanStd",
    "accuracy",
    "confidence",
    "confusion",
    "plateau_start",
]
