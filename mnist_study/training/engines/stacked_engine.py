"""Many small networks as one: their weights lie on top of one another, and one batched product serves them all."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mnist_study.models import Penalty
from mnist_study.models.torch_networks import TorchNetwork

from ..optimizers import Adam, Optimizer
from .torch_engine import CHUNK, OPTIMIZERS

KNOWN = (nn.Flatten, nn.Linear, nn.ReLU)


class StackedEngine:
    """Trains fully connected ReLU networks of one shape side by side, each on batches of its own.

    A small network leaves a processor waiting for the next call; ten of them, stacked, cost little more than one. From
    about 64 hidden units on, a core is busy with one network, and only a GPU gains.

    Parameters
    ----------
    networks : list of TorchNetwork, of ``Flatten``, ``Linear`` and ``ReLU`` only, on one device; they take the trained
        weights when ``unstack`` is called
    optimizer : Optimizer, Adam unless told otherwise; every rule of the study works number by number, so that it does
        to a stack what it would do to each
    penalty : Penalty on the weights

    Raises
    ------
    ValueError
        There is no network, or they are not of one shape, or have layers that cannot be stacked.
    """

    def __init__(
        self, networks: Sequence[TorchNetwork], optimizer: Optimizer | None = None, penalty: Penalty = Penalty()
    ) -> None:
        if not networks:
            raise ValueError("there is no network to train")
        for network in networks:
            odd = [type(layer).__name__ for layer in network.layers if not isinstance(layer, KNOWN)]
            if odd:
                known = ", ".join(kind.__name__ for kind in KNOWN)
                raise ValueError(f"only layers of {known} are stacked, not {odd[0]}")
        shapes = {tuple(map(tuple, (layer.weight.shape for layer in _linear(network)))) for network in networks}
        if len(shapes) > 1 or len({(network.mean, network.std) for network in networks}) > 1:
            raise ValueError("networks that are stacked have one shape and one normalisation")
        self.networks, self.penalty = networks, penalty
        layers = zip(*map(_linear, networks), strict=True)
        self.weights, self.biases = [], []  # (networks, inputs, outputs), (networks, 1, outputs)
        for same in layers:
            weights, biases = [layer.weight.T for layer in same], [layer.bias[None] for layer in same]
            self.weights.append(torch.stack(weights).detach().contiguous().requires_grad_())
            self.biases.append(torch.stack(biases).detach().contiguous().requires_grad_())
        rule = optimizer or Adam()
        self.optimizer = OPTIMIZERS[type(rule)]([*self.weights, *self.biases], rule)

    def place_images(self, images: np.ndarray) -> Tensor:
        """Normalised ``(N, pixels)`` on the networks' device."""
        first = self.networks[0]
        parts = [first.normalise(images[i : i + CHUNK]) for i in range(0, max(len(images), 1), CHUNK)]
        return torch.cat(parts).flatten(1)

    def place_labels(self, labels: np.ndarray) -> Tensor:
        return torch.tensor(labels, dtype=torch.int64, device=self.networks[0].device)

    def step(self, images: Tensor, labels: Tensor, learning_rate: float) -> np.ndarray:
        """One update of each network.

        Parameters
        ----------
        images : ``(networks, batch, pixels)``
        labels : ``(networks, batch)``
        learning_rate : per update

        Returns
        -------
        float ``(networks,)``: mean loss of each batch before the update, in nats, without the penalty
        """
        self.optimizer.zero_grad()
        logits = self._forward(images)
        losses = cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        losses = losses.reshape(labels.shape).mean(dim=1)
        losses.sum().backward()  # the networks share nothing, so that each gets its own gradient
        with torch.no_grad():
            for weight in self.weights if self.penalty != Penalty() else ():
                assert weight.grad is not None
                weight.grad += self.penalty.l1 * weight.sign() + self.penalty.l2 * weight
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        return losses.detach().cpu().numpy()

    @torch.no_grad()
    def logits(self, images: Tensor) -> np.ndarray:
        """``(networks, N, classes)`` of placed images ``(N, pixels)``, all networks on the same ones."""
        return self._forward(images.expand(len(self.networks), *images.shape)).cpu().numpy()

    @torch.no_grad()
    def unstack(self) -> Sequence[TorchNetwork]:
        """The networks, with the weights as they are now."""
        for number, network in enumerate(self.networks):
            for layer, weight, bias in zip(_linear(network), self.weights, self.biases, strict=True):
                layer.weight.copy_(weight[number].T)
                layer.bias.copy_(bias[number, 0])
        return self.networks

    def _forward(self, x: Tensor) -> Tensor:
        *hidden, last = zip(self.biases, self.weights, strict=True)
        for bias, weight in hidden:
            x = torch.baddbmm(bias, x, weight).relu_()
        return torch.baddbmm(last[0], x, last[1])


def _linear(network: TorchNetwork) -> list[nn.Linear]:
    return [layer for layer in network.layers if isinstance(layer, nn.Linear)]
