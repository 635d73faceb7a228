"""Optimisers over one flat vector of parameters, updated in place.

Each keeps its memory in the arrays that ``memory`` names, all as long as the parameters, and a count of updates. The
fields are the parameters of the rule, with the ranges that a config must keep.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnist_study.models.specs import Positive, Rate, Strength

BLOCK = 65_536  # parameters that Adam updates at a time: five arrays of them fit in a core's cache (1.6 x as fast)


class Optimizer:
    """An update rule; ``update`` changes ``parameters`` ``(P,)`` by ``gradients`` ``(P,)`` and the learning rate."""

    memory: tuple[str, ...] = ()
    updates: int
    velocity: np.ndarray  # where a rule has them
    first: np.ndarray
    second: np.ndarray

    def start(self, parameters: np.ndarray) -> None:
        self.updates = 0
        for name in self.memory:
            setattr(self, name, np.zeros_like(parameters))

    def update(self, parameters: np.ndarray, gradients: np.ndarray, learning_rate: float) -> None:
        raise NotImplementedError

    def state(self) -> dict[str, np.ndarray]:
        return {"updates": np.array(self.updates), **{name: getattr(self, name).copy() for name in self.memory}}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.updates = int(state["updates"])
        for name in self.memory:
            getattr(self, name)[:] = state[name]


@dataclass
class GradientDescent(Optimizer):
    """w -= rate · gradient"""

    def update(self, parameters: np.ndarray, gradients: np.ndarray, learning_rate: float) -> None:
        self.updates += 1
        parameters -= learning_rate * gradients


@dataclass
class Momentum(Optimizer):
    """velocity = momentum · velocity + gradient; w -= rate · velocity (Polyak 1964), or Nesterov's look ahead."""

    momentum: Rate = 0.9
    nesterov: bool = False
    memory = ("velocity",)

    def update(self, parameters: np.ndarray, gradients: np.ndarray, learning_rate: float) -> None:
        self.updates += 1
        self.velocity *= self.momentum
        self.velocity += gradients
        step = gradients + self.momentum * self.velocity if self.nesterov else self.velocity
        parameters -= learning_rate * step


@dataclass
class Adam(Optimizer):
    """Steps of about the learning rate in every direction (Kingma, Ba, ICLR 2015, algorithm 1).

    ``first`` and ``second`` are the paper's moments without their factors 1 - beta, which are put into the step size:
    two passes fewer over all parameters.
    """

    beta_1: Rate = 0.9
    beta_2: Rate = 0.999
    epsilon: Positive = 1e-8
    memory = ("first", "second")

    def start(self, parameters: np.ndarray) -> None:
        super().start(parameters)
        self._scratch = np.empty(min(BLOCK, parameters.size), parameters.dtype)

    def update(self, parameters: np.ndarray, gradients: np.ndarray, learning_rate: float) -> None:
        self.updates += 1
        root = ((1 - self.beta_2) / (1 - self.beta_2**self.updates)) ** 0.5
        rate = learning_rate * (1 - self.beta_1) / (1 - self.beta_1**self.updates) / root
        for start in range(0, parameters.size, BLOCK):
            block = slice(start, start + BLOCK)
            first, second, gradient = self.first[block], self.second[block], gradients[block]
            step = self._scratch[: gradient.size]
            first *= self.beta_1
            first += gradient
            second *= self.beta_2
            second += np.multiply(gradient, gradient, out=step)
            np.sqrt(second, out=step)
            step += self.epsilon / root
            np.divide(first, step, out=step)
            step *= rate
            parameters[block] -= step


@dataclass
class AdamW(Adam):
    """Adam, with all parameters shrunk by rate · weight_decay at every update (Loshchilov, Hutter, ICLR 2019)."""

    weight_decay: Strength = 0.01

    def update(self, parameters: np.ndarray, gradients: np.ndarray, learning_rate: float) -> None:
        parameters *= 1 - learning_rate * self.weight_decay
        super().update(parameters, gradients, learning_rate)


OPTIMIZERS: dict[str, type[Optimizer]] = {"sgd": GradientDescent, "momentum": Momentum, "adam": Adam, "adamw": AdamW}
