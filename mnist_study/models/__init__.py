"""The networks, each a list of layers read downwards."""

from .gradients import GradientError, check_gradients, gradient_errors
from .layers import Dense, Dropout, ReLU, he, small, xavier
from .losses import SoftmaxCrossEntropy, cross_entropy, softmax
from .network import Network, mlp
from .penalties import Penalty

__all__ = [
    "Dense",
    "Dropout",
    "GradientError",
    "Network",
    "Penalty",
    "ReLU",
    "SoftmaxCrossEntropy",
    "check_gradients",
    "cross_entropy",
    "gradient_errors",
    "he",
    "mlp",
    "small",
    "softmax",
    "xavier",
]
