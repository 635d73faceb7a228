"""What an engine must offer: the contract between the training loop and whoever computes gradients."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from mnist_study.models.classifier import BaseNetwork

Placed = Any  # images or labels where the engine computes: they can be indexed by a slice or an integer array
State = dict[str, np.ndarray]


class Engine(Protocol):
    """Trains one network, update by update."""

    @property
    def network(self) -> BaseNetwork:
        """The one that is trained; what is evaluated and kept may be a running mean of its weights."""

    def place_images(self, images: np.ndarray) -> Placed:
        """Raw images ``(N, …)``, normalised, where the engine computes."""

    def place_labels(self, labels: np.ndarray) -> Placed:
        """Labels ``(N,)``, whole numbers of any type, as int64 where the engine computes."""

    def step(self, images: Placed, labels: Placed, learning_rate: float) -> float:
        """One update; returns the mean loss of the batch before it, in nats, without the penalty."""

    def logits(self, images: Placed) -> np.ndarray:
        """``(N, classes)`` of placed images, by the weights that are evaluated, without dropout."""

    def get_weights(self) -> dict[str, np.ndarray]:
        """The weights that ``logits`` uses."""

    def state(self) -> State:
        """All that an exact continuation needs: parameters, optimiser's memory, generators."""

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to the moment of ``state()``.

        Raises
        ------
        KeyError, ValueError, RuntimeError
            It is the state of another network.
        """
