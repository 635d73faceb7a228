"""Pure functions from labels, predictions and probabilities to frozen results."""

from .accuracy import Accuracy, MeanStd, accuracy
from .adversarial import Robustness, fgsm, pgd, robustness, speckled
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
from .layers import Probe, Silence, principal_plane, probes, silent_units, stage_outputs
from .paired import McNemar, mcnemar
from .preferred import preferred
from .rejection import SCORES, FeatureDistance, Refusal, auroc, features, refusal, threshold, usual_features
from .saliency import SALIENCY, class_score, deletion, grad_cam, integrated_gradients, occlusion, score_gradient
from .sanity import cascade, forgetting, similarity

__all__ = [
    "SALIENCY",
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
    "Probe",
    "Refusal",
    "Rejection",
    "RiskCoverage",
    "Robustness",
    "Silence",
    "accuracy",
    "analyse",
    "auroc",
    "calibration",
    "cascade",
    "class_score",
    "clusters",
    "compare",
    "confidence",
    "confident_joint",
    "confusion",
    "deletion",
    "diagnose",
    "doubts",
    "effects",
    "examined",
    "features",
    "fgsm",
    "flat_map",
    "forgetting",
    "grad_cam",
    "integrated_gradients",
    "lost_at",
    "mcnemar",
    "misread_by",
    "mistakes",
    "named",
    "nearest",
    "occlusion",
    "pgd",
    "plateau_start",
    "preferred",
    "principal_plane",
    "probes",
    "refusal",
    "risk_coverage",
    "robustness",
    "score_gradient",
    "silent_units",
    "similarity",
    "speckled",
    "stage_outputs",
    "standardised",
    "temperature",
    "threshold",
    "typical",
    "usual_features",
]
