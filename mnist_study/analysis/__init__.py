"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start
from .diagnosis import Measure, diagnose

__all__ = [
    "Accuracy",
    "Comparison",
    "Confidence",
    "Confusion",
    "MeanStd",
    "Measure",
    "accuracy",
    "compare",
    "confidence",
    "confusion",
    "diagnose",
    "plateau_start",
    "typical",
]
