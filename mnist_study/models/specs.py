"""Networks described in a few words: what a config file says of one, and what is stored beside its weights."""

from itertools import pairwise
from math import prod
from typing import Annotated, Any, ClassVar, Literal, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from mnist_study.data import MNIST, Task

from .classifier import BaseNetwork
from .shapes import each, map_shapes

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


class NetworkSpec(Section):
    """What all networks have in common: dense layers at the end, and a size that depends on the task."""

    engine: ClassVar[str]  # that trains it
    kind: str
    hidden: Hidden = (256, 128)
    dropout: Rate = 0.0
    initialiser: Literal["he", "xavier", "small"] = "he"  # of the hidden layers; the output layer starts small

    def seen(self, task: Task) -> Task:
        """What the layers see of the task at a time: all of it, or a part."""
        return task

    def inputs(self, task: Task) -> int:
        """How many values go into the first dense layer, of what it sees of the task."""
        return self.seen(task).pixels

    def sizes(self, task: Task) -> tuple[int, ...]:
        """Of the dense layers, from their input to the logits.

        Raises
        ------
        ValueError
            The network cannot read such images, or would fill the memory.
        """
        sizes = (self.inputs(task), *self.hidden, len(self.seen(task).classes))
        if (count := sum(above * below for above, below in pairwise(sizes))) > MOST:
            raise ValueError(f"hidden layers of {count:,} weights are more than {MOST:,}")
        return sizes

    def multiplications(self, task: Task) -> int:
        """That a forward pass makes for one image, in dense layers and convolutions."""
        return sum(above * below for above, below in pairwise(self.sizes(task)))

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        """A fresh one; ``build`` is the way to it."""
        raise NotImplementedError


class NumPyMLP(NetworkSpec):
    """Gradients by hand; no hidden layer at all is softmax regression."""

    engine: ClassVar = "numpy"
    kind: Literal["numpy_mlp"] = "numpy_mlp"

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        from .network import mlp

        rng = np.random.default_rng(seed)
        return mlp(self.sizes(task), rng, self.dropout, self.initialiser, mean=mean, std=std, shape=task.shape)


class JAXMLP(NetworkSpec):
    """Gradients by ``jax.grad``."""

    engine: ClassVar = "jax"
    kind: Literal["jax_mlp"] = "jax_mlp"
    activation: Literal["relu", "leaky_relu", "elu", "gelu", "sigmoid", "softplus", "swish", "tanh"] = "relu"

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        from .jax_network import JAXNetwork

        return JAXNetwork(
            self.sizes(task), seed, self.activation, self.dropout, mean, std, initialiser=self.initialiser
        )


class FullyConnectedSpec(NetworkSpec):
    """Gradients by PyTorch."""

    engine: ClassVar = "torch"
    kind: Literal["fully_connected"] = "fully_connected"
    batch_norm: bool = False

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        from .torch_networks import FullyConnected

        return FullyConnected(**_options(self, task), seed=seed, mean=mean, std=std)


class Convolutional(NetworkSpec):
    """Convolutions, then dense layers."""

    channels: Annotated[tuple[Annotated[int, Field(ge=1, le=256)], ...], Field(min_length=1, max_length=8)] = (32, 64)
    kernels: tuple[Annotated[int, Field(ge=1, le=11)], ...] = (3, 3)
    padding: bool = True
    batch_norm: bool = True
    pool: Pool | tuple[Pool, ...] = 2
    pool_first: bool = False
    hidden: Hidden = (128,)
    dropout: Rate = 0.5

    @model_validator(mode="after")
    def _fits(self) -> "Convolutional":
        if len(self.kernels) != len(self.channels):
            raise ValueError(f"kernels has {len(self.kernels)} entries, channels {len(self.channels)}")
        if len(pools := each(self.pool, self.channels)) != len(self.channels):
            raise ValueError(f"pool has {len(pools)} entries, channels {len(self.channels)}")
        return self

    def inputs(self, task: Task) -> int:
        pools = each(self.pool, self.channels)
        return prod(map_shapes(self.seen(task).shape, self.kernels, self.padding, pools)[-1]) * self.channels[-1]

    def multiplications(self, task: Task) -> int:
        pools = each(self.pool, self.channels)
        shape = self.seen(task).shape
        pooled = [shape, *map_shapes(shape, self.kernels, self.padding, pools)]
        convolved = [
            map_shapes(shape, [kernel], self.padding, [1])[0]
            for shape, kernel in zip(pooled[:-1], self.kernels, strict=True)
        ]
        windows = (kernel**2 * maps for kernel, maps in zip(self.kernels, (1, *self.channels), strict=False))
        convolutions = sum(
            prod(shape) * window * outputs
            for shape, window, outputs in zip(convolved, windows, self.channels, strict=True)
        )
        return convolutions + super().multiplications(task)


class ConvNetSpec(Convolutional):
    """Gradients by PyTorch. ``shared``: the same layers read each part of the image; the answers are joined."""

    engine: ClassVar = "torch"
    kind: Literal["conv_net"] = "conv_net"
    shared: bool = False

    def seen(self, task: Task) -> Task:
        if self.shared and task.parts == 1:
            raise ValueError(f"shared: the images of {task.name} are not made of parts that could be read alike")
        return task.part if self.shared else task

    def multiplications(self, task: Task) -> int:
        return (task.parts if self.shared else 1) * super().multiplications(task)

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        from .torch_networks import ConvNet

        parts = task.parts if self.shared else 1
        return ConvNet(**_options(self, self.seen(task), "shared"), parts=parts, seed=seed, mean=mean, std=std)


class NumPyConvNet(Convolutional):
    """Gradients by hand."""

    engine: ClassVar = "numpy"
    kind: Literal["numpy_conv_net"] = "numpy_conv_net"

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        from .network import conv_net

        options = self.model_dump(exclude={"kind", "hidden"}) | {"mean": mean, "std": std, "shape": task.shape}
        return conv_net(sizes=self.sizes(task), rng=np.random.default_rng(seed), **options)


class EnsembleSpec(Section):
    """Networks of PyTorch, trained apart, whose probabilities are averaged; it is put together, never trained."""

    engine: ClassVar = "torch"
    kind: Literal["ensemble"] = "ensemble"
    members: Annotated[
        tuple[Annotated[FullyConnectedSpec | ConvNetSpec, Field(discriminator="kind")], ...],
        Field(min_length=1, max_length=20),
    ]

    def sizes(self, task: Task) -> tuple[int, ...]:
        """Images in, logits out.

        Raises
        ------
        ValueError
            A member cannot read such images, or all of them would fill the memory.
        """
        count = sum(above * below for member in self.members for above, below in pairwise(member.sizes(task)))
        if count > MOST:
            raise ValueError(f"members of {count:,} weights are more than {MOST:,}")
        return task.pixels, len(task.classes)

    def multiplications(self, task: Task) -> int:
        """That all members make for one image."""
        return sum(member.multiplications(task) for member in self.members)

    def network(self, task: Task, seed: int, mean: float, std: float) -> BaseNetwork:
        from .torch_networks import Ensemble, TorchNetwork

        members = (member.network(task, seed + place, mean, std) for place, member in enumerate(self.members))
        return Ensemble([cast(TorchNetwork, member) for member in members])


Trainable = NumPyMLP | NumPyConvNet | JAXMLP | FullyConnectedSpec | ConvNetSpec
Spec = Annotated[Trainable, Field(discriminator="kind")]  # of a config
StoredSpec = Annotated[Trainable | EnsembleSpec, Field(discriminator="kind")]  # of a model file


def _options(spec: NetworkSpec, seen: Task, *known: str) -> dict[str, Any]:
    return spec.model_dump(exclude={"kind", *known}) | {"shape": seen.shape, "classes": len(seen.classes)}


def build(
    spec: NetworkSpec | EnsembleSpec, seed: int = 0, mean: float = 0.0, std: float = 255.0, task: Task = MNIST
) -> BaseNetwork:
    """The network that ``spec`` describes for ``task``, before it has learned anything; it remembers both.

    Raises
    ------
    ValueError
        Such a network cannot read such images, or would fill the memory.
    """
    spec.sizes(task)  # refuses what would fill the memory
    network = spec.network(task, seed, mean, std)
    network.spec, network.task = spec, task
    return network
