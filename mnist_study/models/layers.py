"""The layers of the networks from scratch: each derivative stands directly under the function it belongs to.

A layer is told its shapes when it is made and is given its arrays by the network, views into one flat vector of all
parameters and one of all gradients. In training, ``forward`` keeps what ``backward`` needs; it leaves its input alone.
``backward`` may overwrite the gradient it is given, which nobody needs any more.

The formulas are those of Goodfellow, Bengio, Courville, "Deep Learning", section 6.5, for a batch of rows.
"""

from dataclasses import dataclass

import numpy as np


def he(rng, shape):
    """N(0, 2 / inputs): keeps a signal's size through ReLUs (He et al., ICCV 2015)."""
    return rng.standard_normal(shape) * np.sqrt(2 / shape[0])


def xavier(rng, shape):
    """N(0, 2 / (inputs + outputs)): a compromise (Glorot, Bengio, AISTATS 2010)."""
    return rng.standard_normal(shape) * np.sqrt(2 / sum(shape))


def small(rng, shape):
    """N(0, 0.01²): for the output layer, so that all classes start equally likely."""
    return rng.standard_normal(shape) * 0.01


def zeros(rng, shape):
    """All zero: right for a single linear layer, whose loss is convex; fatal for a deeper one."""
    return np.zeros(shape)


INITIALISERS = {"he": he, "xavier": xavier, "small": small, "zeros": zeros}


class Layer:
    """A layer without parameters; those that have some say so in ``shapes`` and fill them in ``initialise``."""

    shapes = {}  # noqa: RUF012 - never changed in place

    def initialise(self, rng):
        """Fill the parameters, or keep the generator that the layer draws from later."""

    def __getstate__(self):
        """A copy leaves the arrays behind: they are views that the network hands out, or left over from one pass."""
        return {name: value for name, value in vars(self).items() if not isinstance(value, np.ndarray)}


@dataclass(eq=False)
class Dense(Layer):
    """y = x W + b, from (N, inputs) to (N, outputs), with W (inputs, outputs)."""

    inputs: int
    outputs: int
    initialiser: str = "he"

    def __post_init__(self):
        self.shapes = {"weight": (self.inputs, self.outputs), "bias": (self.outputs,)}

    def initialise(self, rng):
        self.weight[:] = INITIALISERS[self.initialiser](rng, self.weight.shape)
        self.bias[:] = 0

    def forward(self, x, training=False):
        if training:
            self.x = x
        y = x @ self.weight
        y += self.bias
        return y

    def backward(self, gradient, wants_input=True):
        # dL/dW = xᵀ dL/dy, dL/db = sum of dL/dy over the batch, dL/dx = dL/dy Wᵀ
        np.matmul(self.x.T, gradient, out=self.weight_gradient)
        np.sum(gradient, axis=0, out=self.bias_gradient)
        return gradient @ self.weight.T if wants_input else None


class ReLU(Layer):
    """y = max(x, 0)."""

    def forward(self, x, training=False):
        y = np.maximum(x, 0)
        if training:
            self.y = y
        return y

    def backward(self, gradient, wants_input=True):
        gradient *= self.y > 0  # dL/dx = dL/dy where x > 0, else 0
        return gradient


@dataclass(eq=False)
class Dropout(Layer):
    """In training, y = x · mask / (1 - rate): each value is dropped with probability ``rate``, the rest scaled up, so
    that the expectation is x; outside training, y = x (Srivastava et al., JMLR 2014)."""

    rate: float

    def __post_init__(self):
        if not 0 <= self.rate < 1:
            raise ValueError(f"dropout rate must be at least 0 and below 1, not {self.rate}")

    def initialise(self, rng):
        self.rng = rng

    def forward(self, x, training=False):
        if not training:
            return x
        kept = self.rng.random(x.shape, dtype=np.float32) >= self.rate
        self.scale = kept / x.dtype.type(1 - self.rate)
        return x * self.scale

    def backward(self, gradient, wants_input=True):
        gradient *= self.scale  # dL/dx = dL/dy · mask / (1 - rate), with the mask of the forward pass
        return gradient
