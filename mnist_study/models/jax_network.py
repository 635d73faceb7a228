"""The fully connected network in JAX: only the forward pass is written, ``jax.grad`` does the rest.

Its parameters have the names and shapes of the NumPy network's, ``W1 (784, 256)``, ``b1 (256,)``, …, so that weights
can be exchanged and gradients compared.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count, pairwise
from math import prod

import jax
import jax.numpy as jnp
import numpy as np

from mnist_study.data.files import chosen

from .classifier import BaseNetwork, check_weights
from .layers import INITIALISERS, small
from .penalties import Penalty

Parameters = Mapping[str, jax.Array]

BLOCK = 256  # images: so many or a multiple are read, or JAX would compile anew for each other number of them

ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "elu": jax.nn.elu,
    "gelu": jax.nn.gelu,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "swish": jax.nn.swish,
    "tanh": jnp.tanh,
}


def cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Mean over the batch of -sum of target · ln p, in nats; both ``(N, classes)``."""
    return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(logits), axis=1))


def mean_squared_error(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Mean over batch and classes of (logit - target)²; both ``(N, classes)``."""
    return jnp.mean((logits - targets) ** 2)


LOSSES = {"cross_entropy": cross_entropy, "mean_squared_error": mean_squared_error}


def forward(
    parameters: Parameters,
    x: jax.Array,
    activation: str = "relu",
    dropout: float = 0.0,
    key: jax.Array | None = None,
) -> jax.Array:
    """Logits ``(N, classes)`` of normalised ``x`` ``(N, pixels)``.

    A ``key`` means training, with dropout.
    """
    last = len(parameters) // 2
    for number in range(1, last):
        z = x @ parameters[f"W{number}"] + parameters[f"b{number}"]
        x = ACTIVATIONS[activation](z)
        if dropout and key is not None:
            mask_key = jax.random.fold_in(key, number)
            kept = jax.random.bernoulli(mask_key, 1 - dropout, x.shape)
            x = jnp.where(kept, x / (1 - dropout), 0)
    return x @ parameters[f"W{last}"] + parameters[f"b{last}"]


def objective(
    parameters: Parameters,
    x: jax.Array,
    labels: jax.Array,
    key: jax.Array | None = None,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    loss: str = "cross_entropy",
    smoothing: float = 0.0,
    penalty: Penalty,
) -> tuple[jax.Array, jax.Array]:
    """What training lowers, loss + penalty, and beside it the loss alone.

    Parameters
    ----------
    parameters : dict from name to array
    x, labels : normalised ``(N, pixels)`` and int ``(N,)``
    key : JAX key of this batch's dropout masks
    activation, loss : names in ``ACTIVATIONS`` and ``LOSSES``
    smoothing : share of the target that is spread evenly over all classes
    penalty : Penalty on the weights

    Source of the smoothing: Szegedy et al., CVPR 2016.
    """
    logits = forward(parameters, x, activation, dropout, key)
    classes = logits.shape[1]
    targets = (1 - smoothing) * jax.nn.one_hot(labels, classes, dtype=logits.dtype) + smoothing / classes
    value = LOSSES[loss](logits, targets)
    weights = [values for name, values in parameters.items() if name[0] == "W"]
    cost = sum(penalty.l1 * jnp.abs(w).sum() + penalty.l2 / 2 * (w * w).sum() for w in weights)
    return value + cost, value


gradients = jax.value_and_grad(objective, has_aux=True)  # ((loss + penalty, loss), dict of dL/dW1, dL/db1, …)


class JAXNetwork(BaseNetwork):
    """Parameters, and how to read with them.

    Parameters
    ----------
    sizes : (784, 256, 128, 10)
    seed : int; draws the first weights, and is the key that the dropout masks come from
    activation : name in ``ACTIVATIONS``
    dropout : share of the hidden units that are dropped in training
    mean, std : of the training images, in grey values
    dtype : np.float32; float64 only where JAX was told to allow it
    initialiser : of the hidden layers, name in ``layers.INITIALISERS``; the output layer starts small
    """

    def __init__(
        self,
        sizes: Sequence[int],
        seed: int = 0,
        activation: str = "relu",
        dropout: float = 0.0,
        mean: float = 0.0,
        std: float = 255.0,
        dtype: type = np.float32,
        initialiser: str = "he",
    ) -> None:
        self.activation, self.dropout, self.mean, self.std, self.dtype = activation, dropout, mean, std, dtype
        self.key = jax.random.key(seed)
        rng, hidden = np.random.default_rng(seed), chosen(initialiser, INITIALISERS, "initialiser")
        self.parameters: dict[str, jax.Array] = {}
        for number, shape in zip(count(1), pairwise(sizes)):
            start = small if shape[1] == sizes[-1] and number == len(sizes) - 1 else hidden
            self.parameters[f"W{number}"] = jnp.asarray(start(rng, shape), dtype)
            self.parameters[f"b{number}"] = jnp.zeros(shape[1], dtype)

    def normalise(self, images: np.ndarray) -> np.ndarray:
        """``(N, …)`` -> ``(N, pixels)``, a NumPy array."""
        self.check_images(images)
        x: np.ndarray = np.array(images, self.dtype)
        x -= self.mean
        x /= self.std
        return x.reshape(len(x), prod(x.shape[1:]))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Raw images ``(N, rows, columns)`` -> ``(N, classes)``."""
        x = _whole_blocks(self.normalise(images))
        self.check_scale(images)
        return np.asarray(_logits(self.parameters, x, self.activation))[: len(images)]

    def activations(self, images: np.ndarray) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        x, last = jnp.asarray(self.normalise(images)), len(self.parameters) // 2
        for number in range(1, last + 1):
            x = x @ self.parameters[f"W{number}"] + self.parameters[f"b{number}"]
            found[f"{len(found) + 1} Dense"] = np.asarray(x)
            if number < last:
                x = ACTIVATIONS[self.activation](x)
                found[f"{len(found) + 1} {self.activation}"] = np.asarray(x)
        return found

    def logit_gradient(self, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        x, weights = _whole_blocks(self.normalise(images)), _whole_blocks(np.asarray(weights, self.dtype))
        gradient = _logit_gradient(self.parameters, x, weights, self.activation)
        return np.asarray(gradient)[: len(images)].reshape(np.shape(images)) / self.std

    def get_weights(self) -> dict[str, np.ndarray]:
        """dict from name to array."""
        return {name: np.array(values) for name, values in self.parameters.items()}

    def set_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over the arrays that ``get_weights()`` of this network, or of the NumPy one, gave."""
        check_weights(weights, self.get_weights())
        self.parameters = {name: jnp.asarray(weights[name], self.dtype) for name in self.parameters}


def _whole_blocks(rows):
    """``(N, …)``, filled up with zeros to whole blocks."""
    return np.pad(rows, ((0, -len(rows) % BLOCK), (0, 0)))


@partial(jax.jit, static_argnames="activation")
def _logit_gradient(parameters, x, weights, activation):
    return jax.grad(lambda x: (forward(parameters, x, activation) * weights).sum())(x)


_logits = partial(jax.jit, static_argnames="activation")(forward)
