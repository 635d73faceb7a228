"""The layers of the networks from scratch: each derivative stands directly under the function it belongs to.

A layer says what it is: its parameters, which of them a penalty acts on, its buffers, and the shape that comes out for
one that goes in. The network gives it its arrays, views into one flat vector of all parameters and one of all
gradients. ``forward`` leaves its input alone, and what ``backward`` needs of the pass in ``cache``; ``backward`` may
overwrite the gradient it is given, which nobody needs any more.

The formulas are those of Goodfellow, Bengio, Courville, "Deep Learning", section 6.5, for a batch of rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from mnist_study.data.files import chosen

Array = np.ndarray
Shape = tuple[int, ...]


def he(rng: np.random.Generator, shape: Shape) -> Array:
    """N(0, 2 / inputs): keeps a signal's size through ReLUs (He et al., ICCV 2015)."""
    return rng.standard_normal(shape) * np.sqrt(2 / prod(shape[:-1]))


def xavier(rng: np.random.Generator, shape: Shape) -> Array:
    """N(0, 2 / (inputs + outputs)): a compromise (Glorot, Bengio, AISTATS 2010)."""
    fans = prod(shape[:-2]) * sum(shape[-2:])
    return rng.standard_normal(shape) * np.sqrt(2 / fans)


def small(rng: np.random.Generator, shape: Shape) -> Array:
    """N(0, 0.01²): for the output layer, so that all classes start equally likely."""
    return rng.standard_normal(shape) * 0.01


def zeros(rng: np.random.Generator, shape: Shape) -> Array:
    """All zero: right for a single linear layer, whose loss is convex; fatal for a deeper one."""
    return np.zeros(shape)


# A weight's shape ends in inputs and outputs; what stands before them, a kernel's sides, multiplies both.
INITIALISERS: dict[str, Callable[[np.random.Generator, Shape], Array]] = {
    "he": he,
    "xavier": xavier,
    "small": small,
    "zeros": zeros,
}


class Layer:
    """One function of a network, and its derivative. This one has no parameters and leaves shapes as they are.

    Attributes
    ----------
    parameters : dict from name to shape; the network sets an array of that name, and ``{name}_gradient``
    penalised : the names among them that a penalty acts on: weights, and neither biases nor scales
    buffers : names of arrays that the layer keeps without training them, such as running averages
    cache : what ``forward`` left for ``backward``; the network empties it where no backward pass follows
    """

    parameters: dict[str, Shape] = {}  # noqa: RUF012 - never changed in place
    penalised: tuple[str, ...] = ("weight",)
    buffers: tuple[str, ...] = ()
    cache: Any = None
    weight: Array  # where a layer has them
    bias: Array
    weight_gradient: Array
    bias_gradient: Array

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """The shape of one sample that comes out, for the one that goes in; None where that is not known.

        Raises
        ------
        ValueError
            The layer cannot take such a sample.
        """
        return shape

    def initialise(self, rng: np.random.Generator) -> None:
        """Fill parameters and buffers, or keep the generator that the layer draws from later."""

    def forward(self, x: Array, training: bool = False) -> Array:
        """What comes out for a batch ``x`` ``(N, …)``."""
        raise NotImplementedError

    def backward(self, gradient: Array, wants_input: bool = True) -> Array | None:
        """Fill the parameters' gradients from dL/dy; dL/dx, or None where it is not wanted."""
        raise NotImplementedError

    def forget(self) -> None:
        """Let go of what passes have left."""
        self.cache = None

    def __repr__(self) -> str:
        return type(self).__name__

    def __getstate__(self) -> dict[str, Any]:
        """A copy leaves behind what the network hands out again, and what a pass has left; buffers go with it."""
        gone = {"cache", *self.parameters, *(f"{name}_gradient" for name in self.parameters)}
        return {name: value for name, value in vars(self).items() if name not in gone}


class Flatten(Layer):
    """Each image of a batch becomes one row, map after map: from (N, H, W) or (N, H, W, C) to (N, values)."""

    def output_shape(self, shape: Shape | None) -> Shape | None:
        return None if shape is None else (prod(shape),)

    def forward(self, x: Array, training: bool = False) -> Array:
        maps = np.moveaxis(x, -1, 1) if x.ndim == 4 else x
        self.cache = maps.shape
        return maps.reshape(len(x), prod(x.shape[1:]))

    def backward(self, gradient: Array, wants_input: bool = True) -> Array:
        maps = gradient.reshape(self.cache)
        return np.moveaxis(maps, 1, -1) if maps.ndim == 4 else maps


@dataclass(eq=False)
class Dense(Layer):
    """y = x W + b, from (N, inputs) to (N, outputs), with W (inputs, outputs)."""

    inputs: int
    outputs: int
    initialiser: str = "he"

    def __post_init__(self) -> None:
        shape = self.inputs, self.outputs
        self.parameters = {"weight": shape, "bias": shape[1:]}

    def output_shape(self, shape: Shape | None) -> Shape:
        if shape not in (None, (self.inputs,)):
            raise ValueError(f"takes {self.inputs} values")
        return (self.outputs,)

    def initialise(self, rng: np.random.Generator) -> None:
        start = chosen(self.initialiser, INITIALISERS, "initialiser")
        self.weight[:] = start(rng, self.weight.shape)
        self.bias[:] = 0

    def forward(self, x: Array, training: bool = False) -> Array:
        self.cache = x
        y = x @ self.weight
        y += self.bias
        return y

    def backward(self, gradient: Array, wants_input: bool = True) -> Array | None:
        # dL/dW = xᵀ dL/dy, dL/db = sum of dL/dy over the batch, dL/dx = dL/dy Wᵀ
        np.matmul(self.cache.T, gradient, out=self.weight_gradient)
        np.sum(gradient, axis=0, out=self.bias_gradient)
        return gradient @ self.weight.T if wants_input else None


class ReLU(Layer):
    """y = max(x, 0)."""

    def forward(self, x: Array, training: bool = False) -> Array:
        self.cache = y = np.maximum(x, 0)
        return y

    def backward(self, gradient: Array, wants_input: bool = True) -> Array:
        gradient *= self.cache > 0  # dL/dx = dL/dy where x > 0, else 0
        return gradient


@dataclass(eq=False)
class Dropout(Layer):
    """In training, y = x · mask / (1 - rate): each value is dropped with probability ``rate``, the rest scaled up, so
    that the expectation is x; outside training, y = x (Srivastava et al., JMLR 2014)."""

    rate: float

    def __post_init__(self) -> None:
        if not 0 <= self.rate < 1:
            raise ValueError(f"dropout rate must be at least 0 and below 1, not {self.rate}")

    def initialise(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def forward(self, x: Array, training: bool = False) -> Array:
        if not training:
            self.cache = None
            return x
        kept = self.rng.random(x.shape, dtype=np.float32) >= self.rate
        self.cache = kept / x.dtype.type(1 - self.rate)
        return x * self.cache

    def backward(self, gradient: Array, wants_input: bool = True) -> Array:
        if self.cache is not None:
            gradient *= self.cache  # dL/dx = dL/dy · mask / (1 - rate), with the mask of the forward pass
        return gradient


@dataclass(eq=False)
class BatchNorm(Layer):
    """y = scale · (x - mean) / √(variance + ε) + shift for each unit, or each map, over the batch and all places.

    In training, mean and variance are the batch's; outside, their running averages, which move by ``rate`` with every
    batch (Ioffe, Szegedy, ICML 2015). From (N, …, units) to the same.
    """

    units: int
    rate: float = 0.1
    epsilon: float = 1e-5
    penalised = ()
    buffers = ("running_mean", "running_variance")
    scale: Array = field(init=False, repr=False)
    shift: Array = field(init=False, repr=False)
    scale_gradient: Array = field(init=False, repr=False)
    shift_gradient: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.parameters = {"scale": (self.units,), "shift": (self.units,)}

    def output_shape(self, shape: Shape | None) -> Shape | None:
        if shape is not None and shape[-1] != self.units:
            raise ValueError(f"takes {self.units} units or maps")
        return shape

    def initialise(self, rng: np.random.Generator) -> None:
        self.scale[:], self.shift[:] = 1, 0
        self.running_mean = np.zeros_like(self.shift)
        self.running_variance = np.ones_like(self.shift)

    def forward(self, x: Array, training: bool = False) -> Array:
        rows = x.reshape(-1, self.units)
        mean, variance = self.running_mean, self.running_variance
        if training:
            mean, variance = rows.mean(axis=0), rows.var(axis=0)
            unbiased = variance * (len(rows) / max(len(rows) - 1, 1))
            self.running_mean += self.rate * (mean - self.running_mean)
            self.running_variance += self.rate * (unbiased - self.running_variance)
        deviation = np.sqrt(variance + self.epsilon)
        normed = (rows - mean) / deviation
        self.cache = normed, deviation, training
        return (normed * self.scale + self.shift).reshape(x.shape)

    def backward(self, gradient: Array, wants_input: bool = True) -> Array:
        normed, deviation, training = self.cache
        rows = gradient.reshape(-1, self.units)
        np.sum(rows * normed, axis=0, out=self.scale_gradient)
        np.sum(rows, axis=0, out=self.shift_gradient)
        if training:  # mean and variance answer to x, too
            rows = rows - self.shift_gradient / len(rows) - normed * (self.scale_gradient / len(rows))
        return (rows * (self.scale / deviation)).reshape(gradient.shape)
