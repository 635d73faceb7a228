"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .calibration import Calibration, RiskCoverage, calibration, risk_coverage, temperature
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start
from .diagnosis import Measure, diagnose
from .effects import Effect, effects
from .failures import Mistakes, misread_by, mistakes, nearest
from .paired import McNemar, mcnemar

__all__ = [
    "Accuracy",
    "Calibration",
    "Comparison",
    "Confidence",
    "Confusion",
    "Effect",
    "McNemar",
    "MeanStd",
    "Measure",
    "Mistakes",
    "RiskCoverage",
    "accuracy",
    "calibration",
    "compare",
    "confidence",
    "confusion",
    "diagnose",
    "effects",
    "mcnemar",
    "misread_by",
    "mistakes",
    "nearest",
    "plateau_start",
    "risk_coverage",
    "temperature",
    "typical",
]
