"""Networks described in a few words: what a config file says of one, and what is stored beside its weights."""

from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .shapes import CLASSES, PIXELS, each, map_sides

MOST = 50_000_000  # weights that a network may have: a file from a stranger must not fill the memory


class Section(BaseModel):
    """A part of a config: frozen, and nothing in it is guessed, converted or ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Units = Annotated[int, Field(ge=1, le=4096)]
Hidden = Annotated[tuple[Units, ...], Field(max_length=8)]
Pool = Annotated[int, Field(ge=1, le=8)]
Positive = Annotated[float, Field(gt=0)]
Strength = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(gt=0, le=1)]  # a share that leaves something
Rate = Annotated[float, Field(ge=0, lt=1)]


class NumPyMLP(Section):
    """Gradients by hand; no hidden layer at all is softmax regression."""

    engine: ClassVar = "numpy"
    kind: Literal["numpy_mlp"] = "numpy_mlp"
    hidden: Hidden = (256, 128)
    dropout: Rate = 0.0

    @model_validator(mode="after")
    def _fits(self):
        return _check_size(self, PIXELS)

    def build(self, seed=0, mean=0.0, std=255.0):
        from .network import mlp

        return mlp((PIXELS, *self.hidden, CLASSES), np.random.default_rng(seed), self.dropout, mean=mean, std=std)


class JAXMLP(Section):
    """Gradients by ``jax.grad``."""

    engine: ClassVar = "jax"
    kind: Literal["jax_mlp"] = "jax_mlp"
    hidden: Hidden = (256, 128)
    activation: Literal["relu", "leaky_relu", "elu", "gelu", "sigmoid", "softplus", "swish", "tanh"] = "relu"
    dropout: Rate = 0.0

    @model_validator(mode="after")
    def _fits(self):
        return _check_size(self, PIXELS)

    def build(self, seed=0, mean=0.0, std=255.0):
        from .jax_network import JAXNetwork

        return JAXNetwork((PIXELS, *self.hidden, CLASSES), seed, self.activation, self.dropout, mean, std)


class FullyConnectedSpec(Section):
    """Gradients by PyTorch."""

    engine: ClassVar = "torch"
    kind: Literal["fully_connected"] = "fully_connected"
    hidden: Hidden = (256, 128)
    dropout: Rate = 0.0
    batch_norm: bool = False

    @model_validator(mode="after")
    def _fits(self):
        return _check_size(self, PIXELS)

    def build(self, seed=0, mean=0.0, std=255.0):
        from .torch_networks import FullyConnected

        return FullyConnected(self.hidden, self.dropout, self.batch_norm, seed=seed, mean=mean, std=std)


class ConvNetSpec(Section):
    """Convolutions, in PyTorch."""

    engine: ClassVar = "torch"
    kind: Literal["conv_net"] = "conv_net"
    channels: Annotated[tuple[Annotated[int, Field(ge=1, le=256)], ...], Field(min_length=1, max_length=8)] = (32, 64)
    kernels: tuple[Annotated[int, Field(ge=1, le=11)], ...] = (3, 3)
    padding: bool = True
    batch_norm: bool = True
    pool: Pool | tuple[Pool, ...] = 2
    pool_first: bool = False
    hidden: Hidden = (128,)
    dropout: Rate = 0.5

    @model_validator(mode="after")
    def _fits(self):
        if len(self.kernels) != len(self.channels):
            raise ValueError(f"kernels has {len(self.kernels)} entries, channels {len(self.channels)}")
        if len(pools := each(self.pool, self.channels)) != len(self.channels):
            raise ValueError(f"pool has {len(pools)} entries, channels {len(self.channels)}")
        return _check_size(self, map_sides(self.kernels, self.padding, pools)[-1] ** 2 * self.channels[-1])

    def build(self, seed=0, mean=0.0, std=255.0):
        from .torch_networks import ConvNet

        options = self.model_dump(exclude={"kind"})
        return ConvNet(**options, seed=seed, mean=mean, std=std)


Spec = Annotated[NumPyMLP | JAXMLP | FullyConnectedSpec | ConvNetSpec, Field(discriminator="kind")]


def _check_size(spec, inputs):
    """Refuse dense layers that would fill the memory; ``inputs`` go into the first of them."""
    if (count := sum(above * below for above, below in pairwise((inputs, *spec.hidden, CLASSES)))) > MOST:
        raise ValueError(f"hidden layers of {count:,} weights are more than {MOST:,}")
    return spec


def build(spec, seed=0, mean=0.0, std=255.0):
    """The network that ``spec`` describes, before it has learned anything; it remembers its spec."""
    network = spec.build(seed, mean, std)
    network.spec = spec
    return network
