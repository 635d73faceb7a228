"""Gradients by hand."""

import copy
import json
from collections.abc import Mapping

import numpy as np

from mnist_study.data.files import chosen
from mnist_study.models import LOSSES, Network, Penalty, SmoothedCrossEntropy

from ..averaging import averaging_rate
from ..optimizers import Adam, Optimizer


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

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer | None = None,
        penalty: Penalty = Penalty(),
        ema: float = 0.0,
        loss: str | None = None,
        smoothing: float = 0.0,
    ) -> None:
        if smoothing:
            network.loss = SmoothedCrossEntropy(smoothing)
        elif loss:
            network.loss = chosen(loss, LOSSES, "loss")()
        self.network, self.optimizer, self.penalty, self.ema = network, optimizer or Adam(), penalty, ema
        self.optimizer.start(network.parameters)
        self.evaluated = copy.deepcopy(network) if ema else network

    def place_images(self, images: np.ndarray) -> np.ndarray:
        """Images ``(N, …)``, normalised once for the whole training."""
        return self.network.normalise(images)

    def place_labels(self, labels: np.ndarray) -> np.ndarray:
        return labels.astype(np.int64, copy=False)

    def step(self, images: np.ndarray, labels: np.ndarray, learning_rate: float) -> float:
        loss, _ = self.network.loss_and_gradients(images, labels, self.penalty)
        self.optimizer.update(self.network.parameters, self.network.gradients, learning_rate)
        if self.ema:
            rate = averaging_rate(self.ema, self.optimizer.updates)
            averages = [self.evaluated.parameters, *self.evaluated.buffers().values()]
            for mean, value in zip(averages, [self.network.parameters, *self.network.buffers().values()], strict=True):
                mean += rate * (value - mean)
        return loss

    def logits(self, images: np.ndarray) -> np.ndarray:
        return self.evaluated.read(images)

    def get_weights(self) -> dict[str, np.ndarray]:
        return self.evaluated.get_weights()

    def state(self) -> dict[str, np.ndarray]:
        generator = json.dumps(self.network.rng.bit_generator.state).encode()
        return {
            "parameters": self.network.parameters.copy(),
            "mean": self.evaluated.parameters.copy(),
            "generator": np.frombuffer(generator, np.uint8),
            **{f"optimizer.{name}": values for name, values in self.optimizer.state().items()},
            **{f"buffer.{name}": values.copy() for name, values in self.network.buffers().items()},
            **{f"mean.{name}": values.copy() for name, values in self.evaluated.buffers().items()},
        }

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.network.parameters[:] = state["parameters"]
        self.evaluated.parameters[:] = state["mean"]
        for name, values in self.network.buffers().items():
            values[...] = state[f"buffer.{name}"]
        for name, values in self.evaluated.buffers().items():
            values[...] = state[f"mean.{name}"]
        self.network.rng.bit_generator.state = json.loads(state["generator"].tobytes())
        self.optimizer.load_state({name: state[f"optimizer.{name}"] for name in ("updates", *self.optimizer.memory)})
