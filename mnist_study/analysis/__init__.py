"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .calibration import Calibration, RiskCoverage, calibration, risk_coverage, temperature
from .clusters import Clusters, clusters, flat_map, named, standardised
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confident_learning import Doubts, confident_joint, doubts
from .confusion import Confusion, confusion
from .curves import lost_at, plateau_start
from .diagnosis import Measure, diagnose
from .effects import Effect, effects
from .examination import Examination, Rejection, analyse, examined
from .failures import Mistakes, misread_by, mistakes, nearest
from .paired import McNemar, mcnemar
from .rejection import SCORES, FeatureDistance, Refusal, auroc, features, refusal, threshold

__all__ = [
    "SCORES",
    "Accuracy",
    "Calibration",
    "Clusters",
    "Comparison",
    "Confidence",
    "Confusion",
    "Doubts",
    "Effect",
    "Examination",
    "FeatureDistance",
    "McNemar",
    "MeanStd",
    "Measure",
    "Mistakes",
    "Refusal",
    "Rejection",
    "RiskCoverage",
    "accuracy",
    "analyse",
    "auroc",
    "calibration",
    "clusters",
    "compare",
    "confidence",
    "confident_joint",
    "confusion",
    "diagnose",
    "doubts",
    "effects",
    "examined",
    "features",
    "flat_map",
    "lost_at",
    "mcnemar",
    "misread_by",
    "mistakes",
    "named",
    "nearest",
    "plateau_start",
    "refusal",
    "risk_coverage",
    "standardised",
    "temperature",
    "threshold",
    "typical",
]
