"""The networks, each a list of layers read downwards; how they are described, saved and loaded.

Those of PyTorch and JAX stand in ``torch_networks`` and ``jax_network``: nobody waits for a library that is not used.
"""

from .asking import answers, ask
from .classifier import BaseNetwork, Classifier
from .convolution import AddChannel, Convolution, MaxPool, col2im, im2col
from .gradients import GradientError, check_gradients, gradient_errors
from .layers import BatchNorm, Dense, Dropout, Flatten, Layer, ReLU, he, small, xavier
from .losses import LOSSES, Loss, MeanSquaredError, SmoothedCrossEntropy, SoftmaxCrossEntropy, cross_entropy, softmax
from .network import Network, conv_net, mlp
from .parts import BestCut, PartByPart, join, reads_part
from .penalties import Penalty
from .records import ModelRecord
from .specs import build
from .store import ModelError, load_model, model_names, model_record, read_model, save_bundle, save_model

__all__ = [
    "LOSSES",
    "AddChannel",
    "BaseNetwork",
    "BatchNorm",
    "BestCut",
    "Classifier",
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
    "GradientError",
    "Layer",
    "Loss",
    "MaxPool",
    "MeanSquaredError",
    "ModelError",
    "ModelRecord",
    "Network",
    "PartByPart",
    "Penalty",
    "ReLU",
    "SmoothedCrossEntropy",
    "SoftmaxCrossEntropy",
    "answers",
    "ask",
    "build",
    "check_gradients",
    "col2im",
    "conv_net",
    "cross_entropy",
    "gradient_errors",
    "he",
    "im2col",
    "join",
    "load_model",
    "mlp",
    "model_names",
    "model_record",
    "read_model",
    "reads_part",
    "save_bundle",
    "save_model",
    "small",
    "softmax",
    "xavier",
]
