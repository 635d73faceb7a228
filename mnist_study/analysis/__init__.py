"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .calibration import Calibration, RiskCoverage, calibration, risk_coverage, temperature
from .clusters import Clusters, clusters, flat_map, named, standardised
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confident_learning import Doubts, confident_joint, doubts
from .confusion import Confusion, confusion
from .curves import plateau_start
from .diagnosis import Measure, diagnose
from .effects import Effect, effects
from .failures import Mistakes, misread_by, mistakes, nearest
from .paired import McNemar, mcnemar

__all__ = [
    "Accuracy",
    "Calibration",
    "Clusters",
    "Comparison",
    "Confidence",
    "Confusion",
    "Doubts",
    "Effect",
    "McNemar",
    "MeanStd",
    "Measure",
    "Mistakes",
    "RiskCoverage",
    "accuracy",
    "calibration",
    "clusters",
    "compare",
    "confidence",
    "confident_joint",
    "confusion",
    "diagnose",
    "doubts",
    "effects",
    "flat_map",
    "mcnemar",
    "misread_by",
    "mistakes",
    "named",
    "nearest",
    "plateau_start",
    "risk_coverage",
    "standardised",
    "temperature",
    "typical",
]
