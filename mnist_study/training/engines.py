"""Engines: what the training loop needs of a network, and nothing of epochs or files.

``place(array)`` puts images or labels where the engine computes; ``step(images, labels, learning_rate)`` makes one
update and returns the mean loss of the batch; ``logits(images)`` evaluates; ``state()`` and ``load_state(state)`` carry
all that an exact continuation needs.
"""

from mnist_study.models import Penalty

from .optimizers import Adam


class NumPyEngine:
    """Trains a ``Network`` by its own hand-written gradients.

    Parameters
    ----------
    network : Network
    optimizer : Optimizer, Adam unless told otherwise
    penalty : Penalty on the weights
    """

    def __init__(self, network, optimizer=None, penalty=Penalty()):
        self.network, self.optimizer, self.penalty = network, optimizer or Adam(), penalty
        self.optimizer.start(network.parameters)

    def place(self, array):
        """Images ``(N, …)`` become normalised rows ``(N, pixels)``, once for the whole training; labels stay."""
        return array if array.ndim == 1 else self.network.normalise(array)

    def step(self, images, labels, learning_rate):
        loss, _ = self.network.loss_and_gradients(images, labels, self.penalty)
        self.optimizer.update(self.network.parameters, self.network.gradients, learning_rate)
        return loss

    def logits(self, images):
        return self.network.forward(images)

    def state(self):
        return {
            "parameters": self.network.parameters.copy(),
            "optimizer": self.optimizer.state(),
            "generator": self.network.rng.bit_generator.state,
        }

    def load_state(self, state):
        self.network.parameters[:] = state["parameters"]
        self.optimizer.load_state(state["optimizer"])
        self.network.rng.bit_generator.state = state["generator"]
