"""One training loop; what it drives (engines), follows (schedules) and tells (listeners)."""

from .engines import NumPyEngine
from .estimators import MLPClassifier, SoftmaxRegression
from .history import Epoch, History
from .listeners import EarlyStopping, Listener, Progress
from .loop import evaluate, fit
from .optimizers import OPTIMIZERS, Adam, GradientDescent, Momentum
from .schedules import SCHEDULES, constant, one_cycle

__all__ = [
    "OPTIMIZERS",
    "SCHEDULES",
    "Adam",
    "EarlyStopping",
    "Epoch",
    "GradientDescent",
    "History",
    "Listener",
    "MLPClassifier",
    "Momentum",
    "NumPyEngine",
    "Progress",
    "SoftmaxRegression",
    "constant",
    "evaluate",
    "fit",
    "one_cycle",
]
