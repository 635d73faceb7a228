"""Gradients by PyTorch's autograd."""

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss, one_hot

from mnist_study.models import Penalty
from mnist_study.models.torch_networks import TorchNetwork

from ..averaging import averaging_rate
from ..optimizers import Adam, AdamW, GradientDescent, Momentum, Optimizer

CHUNK = 8_000  # images that are placed at a time: bounds the memory of what lies between grey values and tensor


def _adam(kind: type[torch.optim.Adam]) -> Callable[[Iterable[Tensor], Adam], torch.optim.Optimizer]:
    def make(parameters: Iterable[Tensor], rule: Adam) -> torch.optim.Optimizer:
        options: dict[str, Any] = {"betas": (rule.beta_1, rule.beta_2), "eps": rule.epsilon}
        if isinstance(rule, AdamW):
            options["weight_decay"] = rule.weight_decay
        return kind(parameters, fused=True, **options)

    return make


# The study's optimisers name the rule and its numbers; PyTorch's own do the work.
OPTIMIZERS: dict[type[Optimizer], Callable[[Iterable[Tensor], Any], torch.optim.Optimizer]] = {
    GradientDescent: lambda parameters, _: torch.optim.SGD(parameters, fused=True),
    Momentum: lambda parameters, rule: torch.optim.SGD(
        parameters, momentum=rule.momentum, nesterov=rule.nesterov, fused=True
    ),
    Adam: _adam(torch.optim.Adam),
    AdamW: _adam(torch.optim.AdamW),
}


def _mean_squared_error(logits: Tensor, labels: Tensor) -> Tensor:
    return mse_loss(logits, one_hot(labels, logits.shape[1]).to(logits.dtype))


@dataclass(frozen=True)
class Teaching:
    """A network whose probabilities another one learns, and how much they count (Hinton, Vinyals, Dean, 2015).

    Both networks' logits are divided by ``temperature``, so that small probabilities teach, too; the square of it makes
    up for the smaller gradients.
    """

    teacher: TorchNetwork
    share: float
    temperature: float

    def loss(self, images: Tensor, logits: Tensor, alone: Tensor) -> Tensor:
        """Of a pupil's ``logits`` ``(N, classes)``, whose loss with the labels alone is ``alone``."""
        with torch.no_grad(), self.teacher.reading():
            targets = (self.teacher(images).float() / self.temperature).softmax(dim=1)
        learned = cross_entropy(logits / self.temperature, targets)
        return (1 - self.share) * alone + self.share * self.temperature**2 * learned


class TorchEngine:
    """Trains a ``TorchNetwork`` where it is: on the CPU, or on a GPU that it was moved to.

    Parameters
    ----------
    network : TorchNetwork
    optimizer : Optimizer, Adam unless told otherwise
    penalty : Penalty on the weights
    ema : decay of the running mean of the weights, per update; 0: none
    loss : "cross_entropy" or "mean_squared_error"
    smoothing : share of the target that is spread evenly over all classes; for cross-entropy
    teacher : Teaching, for cross-entropy
    precision : "float32" or "bfloat16": of the products of a training step, where PyTorch's autocast allows it; weights
        and losses stay float32, and so does all that is measured
    """

    def __init__(
        self,
        network: TorchNetwork,
        optimizer: Optimizer | None = None,
        penalty: Penalty = Penalty(),
        ema: float = 0.0,
        loss: str = "cross_entropy",
        smoothing: float = 0.0,
        teacher: Teaching | None = None,
        precision: str = "float32",
    ) -> None:
        self.teacher, self.precision = teacher, precision
        self.network, self.penalty, self.ema, self.updates = network, penalty, ema, 0
        rule = optimizer or Adam()
        self.optimizer = OPTIMIZERS[type(rule)](network.parameters(), rule)
        self.evaluated = copy.deepcopy(network) if ema else network
        self.smoothing, self.mean_squared = smoothing, loss == "mean_squared_error"

    def place_images(self, images: np.ndarray) -> Tensor:
        """Normalised ``(N, 1, rows, columns)`` on the network's device."""
        return torch.cat([self.network.normalise(images[i : i + CHUNK]) for i in range(0, len(images), CHUNK)])

    def place_labels(self, labels: np.ndarray) -> Tensor:
        return torch.tensor(labels, dtype=torch.int64, device=self.network.device)

    def step(self, images: Tensor, labels: Tensor, learning_rate: float) -> float:
        self.network.train()
        self.optimizer.zero_grad()
        loss = self._loss(images, labels)
        loss.backward()
        self._penalise()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        self.updates += 1
        if self.ema:
            self._average()
        return loss.item()

    def _loss(self, images: Tensor, labels: Tensor) -> Tensor:
        with torch.autocast(self.network.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            logits = self.network(images).float()
            if self.mean_squared:
                return _mean_squared_error(logits, labels)
            loss = cross_entropy(logits, labels, label_smoothing=self.smoothing)
            return self.teacher.loss(images, logits, loss) if self.teacher else loss

    @torch.no_grad()
    def _penalise(self) -> None:
        if self.penalty == Penalty():
            return
        for weight in self.network.weights:
            if weight.grad is not None:
                weight.grad += self.penalty.l1 * weight.sign() + self.penalty.l2 * weight

    @torch.no_grad()
    def _average(self) -> None:
        new = self.network.state_dict().values()
        for mean, value in zip(self.evaluated.state_dict().values(), new, strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, averaging_rate(self.ema, self.updates))
            else:
                mean.copy_(value)  # batch norm counts its batches

    @torch.no_grad()
    def logits(self, images: Tensor) -> np.ndarray:
        self.evaluated.eval()
        return self.evaluated(images).cpu().numpy()

    def get_weights(self) -> dict[str, np.ndarray]:
        return self.evaluated.get_weights()

    def state(self) -> dict[str, np.ndarray]:
        memory = {
            f"optimizer.{number}.{name}": values.cpu().numpy()
            for number, entry in self.optimizer.state_dict()["state"].items()
            for name, values in entry.items()
            if values is not None
        }
        return {
            **{f"network.{name}": values for name, values in self.network.get_weights().items()},
            **{f"mean.{name}": values for name, values in self.evaluated.get_weights().items()},
            **{name: values.copy() for name, values in memory.items()},
            "generator": self.network.generator.get_state().numpy().copy(),
            "updates": torch.tensor(self.updates).numpy(),
        }

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.network.set_weights(_part(state, "network."))
        self.evaluated.set_weights(_part(state, "mean."))
        self.network.generator.set_state(torch.tensor(state["generator"]))
        self.updates = int(state["updates"])
        self.optimizer.state.clear()
        for number, parameter in enumerate(self.network.parameters()):
            for name, values in _part(state, f"optimizer.{number}.").items():
                # laid out in memory as the parameter is, which the fused optimisers count on
                layout = torch.tensor(0.0, device=parameter.device) if name == "step" else parameter.detach()
                self.optimizer.state[parameter][name] = torch.empty_like(layout).copy_(torch.tensor(values))


def _part(state: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): values for name, values in state.items() if name.startswith(prefix)}
