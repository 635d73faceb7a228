"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .adversarial import Robustness, fgsm, pgd, robustness, speckled
from .calibration import Calibration, RiskCoverage, calibration, risk_coverage, temperature
from .comparison import Comparison, compare, typical
from .confidence import Confidence, confidence
from .confusion import Confusion, confusion
from .curves import plateau_start
from .diagnosis import Measure, diagnose
from .effects import Effect, effects
from .failures import Mistakes, misread_by, mistakes, nearest
from .layers import Probe, Silence, principal_plane, probes, silent_units, stage_outputs
from .paired import McNemar, mcnemar
from .preferred import preferred
from .saliency import SALIENCY, class_score, deletion, grad_cam, integrated_gradients, occlusion, score_gradient
from .sanity import cascade, forgetting, similarity

__all__ = [
    "SALIENCY",
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
    "Probe",
    "RiskCoverage",
    "Robustness",
    "Silence",
    "accuracy",
    "calibration",
    "cascade",
    "class_score",
    "compare",
    "confidence",
    "confusion",
    "deletion",
    "diagnose",
    "effects",
    "fgsm",
    "forgetting",
    "grad_cam",
    "integrated_gradients",
    "mcnemar",
    "misread_by",
    "mistakes",
    "nearest",
    "occlusion",
    "pgd",
    "plateau_start",
    "preferred",
    "principal_plane",
    "probes",
    "risk_coverage",
    "robustness",
    "score_gradient",
    "silent_units",
    "similarity",
    "speckled",
    "stage_outputs",
    "temperature",
    "typical",
]
