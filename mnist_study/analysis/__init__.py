"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start
from .diagnosis import Measure, diagnose
from .effects import Effect, effects
from .paired import McNemar, mcnemar

__all__ = [
    "Accuracy",
    "Comparison",
    "Confidence",
    "Confusion",
    "Effect",
    "McNemar",
    "MeanStd",
    "Measure",
    "accuracy",
    "compare",
    "confidence",
    "confusion",
    "diagnose",
    "effects",
    "mcnemar",
    "plateau_start",
    "typical",
]
