"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start
from .diagnosis import Measure, diagnose
from .effects import Effect, effects

__all__ = [
    "Accuracy",
    "Comparison",
    "Confidence",
    "Confusion",
    "Effect",
    "MeanStd",
    "Measure",
    "accuracy",
    "compare",
    "confidence",
    "confusion",
    "diagnose",
    "effects",
    "plateau_start",
    "typical",
]
