"""Gradients by hand."""

import copy
import json

import numpy as np

from mnist_study.models import LOSSES, Penalty, SmoothedCrossEntropy

from ..averaging import averaging_rate
from ..optimizers import Adam


class NumPyEngine:
    """Trains a ``Network`` by its own hand-written gradients.

    Parameters
    ----------
    network : Network
    optimizer : Optimizer, Adam unless told otherwise
    penalty : Penalty on the weights
    ema : decay of the running mean of the weights, per update; 0: none
    loss : name in ``mnist_study.models.LOSSES``; None leaves the network its own
    smoothing : share of the target that is spread evenly over all classes; for cross-entropy
    """

    def __init__(self, network, optimizer=None, penalty=Penalty(), ema=0.0, loss=None, smoothing=0.0):
        if smoothing:
            network.loss = SmoothedCrossEntropy(smoothing)
        elif loss:
            network.loss = LOSSES[loss]()
        self.network, self.optimizer, self.penalty, self.ema = network, optimizer or Adam(), penalty, ema
        self.optimizer.start(network.parameters)
        self.evaluated = copy.deepcopy(network) if ema else network

    def place(self, array):
        """Images ``(N, …)`` become normalised rows ``(N, pixels)``, once for the whole training; labels stay."""
        return array if array.ndim == 1 else self.network.normalise(array)

    def step(self, images, labels, learning_rate):
        loss, _ = self.network.loss_and_gradients(images, labels, self.penalty)
        self.optimizer.update(self.network.parameters, self.network.gradients, learning_rate)
        if self.ema:
            mean = self.evaluated.parameters
            mean += averaging_rate(self.ema, self.optimizer.updates) * (self.network.parameters - mean)
        return loss

    def logits(self, images):
        return self.evaluated.forward(images)

    def get_weights(self):
        return self.evaluated.get_weights()

    def state(self):
        generator = json.dumps(self.network.rng.bit_generator.state).encode()
        return {
            "parameters": self.network.parameters.copy(),
            "mean": self.evaluated.parameters.copy(),
            "generator": np.frombuffer(generator, np.uint8),
            **{f"optimizer.{name}": values for name, values in self.optimizer.state().items()},
        }

    def load_state(self, state):
        self.network.parameters[:] = state["parameters"]
        self.evaluated.parameters[:] = state["mean"]
        self.network.rng.bit_generator.state = json.loads(state["generator"].tobytes())
        self.optimizer.load_state({name: state[f"optimizer.{name}"] for name in ("updates", *self.optimizer.memory)})
