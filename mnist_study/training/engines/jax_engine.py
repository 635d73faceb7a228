"""Gradients by ``jax.grad``: one pure function makes the whole update, and JAX compiles it once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import numpy as np
import optax

from mnist_study.models import Penalty
from mnist_study.models.classifier import check_weights
from mnist_study.models.jax_network import JAXNetwork, forward, gradients

from ..averaging import averaging_rate
from ..optimizers import Adam, AdamW, GradientDescent, Momentum, Optimizer

Weights = dict[str, jax.Array]

# The study's optimisers name the rule and its numbers; Optax's do the work. The learning rate is applied by the step.
OPTIMIZERS = {
    GradientDescent: lambda rule: optax.identity(),
    Momentum: lambda rule: optax.trace(rule.momentum, rule.nesterov),
    Adam: lambda rule: optax.scale_by_adam(rule.beta_1, rule.beta_2, rule.epsilon),
    AdamW: lambda rule: optax.chain(
        optax.scale_by_adam(rule.beta_1, rule.beta_2, rule.epsilon), optax.add_decayed_weights(rule.weight_decay)
    ),
}


class JAXEngine:
    """Trains a ``JAXNetwork``.

    Parameters
    ----------
    network : JAXNetwork
    optimizer : Optimizer, Adam unless told otherwise
    penalty : Penalty on the weights
    ema : decay of the running mean of the weights, per update; 0: none
    loss : name in ``mnist_study.models.jax_network.LOSSES``
    smoothing : share of the target that is spread evenly over all classes
    """

    def __init__(
        self,
        network: JAXNetwork,
        optimizer: Optimizer | None = None,
        penalty: Penalty = Penalty(),
        ema: float = 0.0,
        loss: str = "cross_entropy",
        smoothing: float = 0.0,
    ) -> None:
        self.network, self.ema, self.updates = network, ema, 0
        rule = optimizer or Adam()
        self.rule = OPTIMIZERS[type(rule)](rule)
        self.memory, self.mean = self.rule.init(network.parameters), network.parameters
        self._gradients = partial(
            gradients,
            activation=network.activation,
            dropout=network.dropout,
            loss=loss,
            smoothing=smoothing,
            penalty=penalty,
        )
        self._step = jax.jit(self._update)
        self._logits = jax.jit(partial(forward, activation=network.activation))

    def _update(
        self,
        parameters: Weights,
        memory: Any,
        mean: Weights,
        images: Any,
        labels: Any,
        number: int,
        learning_rate: float,
        moved: float,
    ) -> tuple[Weights, Any, Weights, jax.Array]:
        """One update, from arrays to arrays; ``number`` of the update makes its dropout key."""
        key = jax.random.fold_in(self.network.key, number)
        (_, loss), gradient = self._gradients(parameters, images, labels, key)
        direction, memory = self.rule.update(gradient, memory, parameters)
        parameters = jax.tree.map(lambda value, step: value - learning_rate * step, parameters, direction)
        mean = jax.tree.map(lambda mean, value: mean + moved * (value - mean), mean, parameters) if self.ema else mean
        return parameters, memory, mean, loss

    def place_images(self, images: np.ndarray) -> Any:
        """Normalised rows. On a CPU they stay NumPy's, which JAX reads in place; a GPU gets its copy."""
        return _place(self.network.normalise(images))

    def place_labels(self, labels: np.ndarray) -> Any:
        return _place(labels.astype(np.int64, copy=False))

    def step(self, images: Any, labels: Any, learning_rate: float) -> float:
        self.updates += 1
        moved = averaging_rate(self.ema, self.updates) if self.ema else 0.0
        arguments = (images, labels, self.updates, learning_rate, moved)
        self.network.parameters, self.memory, self.mean, loss = self._step(
            self.network.parameters, self.memory, self.mean, *arguments
        )
        return float(loss)

    @property
    def _evaluated(self) -> Weights:
        return self.mean if self.ema else self.network.parameters

    def logits(self, images: Any) -> np.ndarray:
        return np.asarray(self._logits(self._evaluated, images))

    def get_weights(self) -> dict[str, np.ndarray]:
        return {name: np.array(values) for name, values in self._evaluated.items()}

    def _leaves(self) -> dict[str, np.ndarray]:
        leaves = jax.tree.leaves((self.network.parameters, self.memory, self.mean))
        return {f"leaf{number}": np.array(leaf) for number, leaf in enumerate(leaves)}

    def state(self) -> dict[str, np.ndarray]:
        return {"updates": np.array(self.updates), **self._leaves()}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        structure = jax.tree.structure((self.network.parameters, self.memory, self.mean))
        wanted = self._leaves()
        check_weights({name: state[name] for name in state if name != "updates"}, wanted)
        leaves = [jax.numpy.asarray(state[name]) for name in wanted]
        self.network.parameters, self.memory, self.mean = jax.tree.unflatten(structure, leaves)
        self.updates = int(state["updates"])


def _place(values: np.ndarray) -> Any:
    return values if jax.default_backend() == "cpu" else jax.device_put(values)
