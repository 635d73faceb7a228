"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start

__all__ = [
    "Accuracy",
    "Comparison",
    "Confidence",
    "Confusion",
    "MeanStd",
    "accuracy",
    "compare",
    "confidence",
    "confusion",
    "plateau_start",
    "typical",
]
