"""The production networks in PyTorch: its layers and its gradients, our dropout, our start, our generators."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import log, prod
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from mnist_study.data import MNIST
from mnist_study.data.files import chosen

from .classifier import CHUNK, BaseNetwork, check_weights, name_layers
from .parts import join
from .shapes import each, map_shapes


class Dropout(nn.Module):
    """``nn.Dropout`` with a generator of its own, so that a run can be repeated and resumed to the bit."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.generator: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.rate
        return x * kept.to(x.dtype).div_(1 - self.rate)


class Apart(nn.Module):
    """Images ``(N, 1, rows, columns)`` cut into ``parts`` of equal width: ``(N parts, 1, rows, columns / parts)``."""

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.parts = parts

    def forward(self, x: Tensor) -> Tensor:
        return (
            torch.stack(x.chunk(self.parts, dim=3), dim=1).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        )


class Together(nn.Module):
    """Logits of the parts ``(N parts, letters)`` become those of the whole ``(N, letters ** parts)`` (``join``)."""

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.parts = parts

    def forward(self, x: Tensor) -> Tensor:
        return join(x, self.parts)


class Members(nn.Module):
    """Whole networks side by side: the logarithm of their mean probabilities ``(N, classes)``."""

    def __init__(self, networks: Sequence["TorchNetwork"]) -> None:
        super().__init__()
        self.networks = nn.ModuleList([network.layers for network in networks])

    def forward(self, x: Tensor) -> Tensor:
        answers = torch.stack([network(x).log_softmax(dim=1) for network in self.networks])
        return answers.logsumexp(dim=0) - log(len(answers))


class Output(nn.Linear):
    """The linear layer that gives the logits: it starts small, so that all classes are equally likely at first."""


def _he(layer: Any, generator: torch.Generator) -> None:
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)


def _xavier(layer: Any, generator: torch.Generator) -> None:
    nn.init.xavier_normal_(layer.weight, generator=generator)


def _small(layer: Any, generator: torch.Generator) -> None:
    nn.init.normal_(layer.weight, std=0.01, generator=generator)


def _ones(layer: Any, generator: torch.Generator) -> None:
    nn.init.ones_(layer.weight)


Start = Callable[[Any, torch.Generator], None]
STARTS: dict[type[nn.Module], Start] = {  # of weights; biases start at 0
    Output: _small,
    nn.Linear: _he,
    nn.Conv2d: _he,
    nn.BatchNorm1d: _ones,
    nn.BatchNorm2d: _ones,
}


INITIALISERS = {"he": _he, "xavier": _xavier, "small": _small}  # what ``initialiser`` puts in He's place


class TorchNetwork(BaseNetwork, nn.Module):
    """A list of layers that owns its normalisation: it takes raw images and computes on (image - mean) / std.

    A layer may be a module of modules: a residual block, two heads. Those that give logits are ``Output``.

    Parameters
    ----------
    layers : list of modules, from the input ``(N, 1, rows, columns)`` down to the logits
    seed : int; draws the first weights and the dropout masks
    mean, std : of the training images, in grey values
    initialiser : of the hidden layers, name in ``INITIALISERS``; the output layer starts small

    Raises
    ------
    ValueError
        A module has parameters of its own, and no start for them is known, or there is no such initialiser.
    """

    map_axis = 1

    def __init__(
        self,
        layers: Sequence[nn.Module],
        seed: int = 0,
        mean: float = 0.0,
        std: float = 255.0,
        initialiser: str = "he",
    ) -> None:
        super().__init__()
        self.layers, self.seed, self.mean, self.std = nn.Sequential(*layers), seed, mean, std
        generator = torch.Generator().manual_seed(seed)
        hidden = chosen(initialiser, INITIALISERS, "initialiser")
        for module in self.modules():
            _initialise(module, generator, hidden)
        self.move("cpu")

    def move(self, device: str) -> "TorchNetwork":
        """Compute on ``device`` ("cpu", "cuda") from now on; masks are drawn there, from the start. Returns self."""
        self.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.generator = torch.Generator(device).manual_seed(self.seed)
        for module in self.modules():
            if isinstance(module, Dropout):
                module.generator = self.generator
        return self

    @property
    def device(self) -> torch.device:
        return self.generator.device

    def normalise(self, images: np.ndarray) -> Tensor:
        """uint8 array ``(N, rows, columns)`` -> float32 tensor ``(N, 1, rows, columns)`` on the network's device."""
        self.check_images(images)
        x = torch.tensor(np.asarray(images, np.float32), device=self.device)
        x = x.sub_(self.mean).div_(self.std)
        return x[:, None].contiguous(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """Logits ``(N, classes)`` of normalised ``x`` ``(N, 1, rows, columns)``."""
        return self.layers(x)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Without dropout, batch norm with its running averages; afterwards as it was before."""
        training = self.training
        self.eval()
        try:
            yield
        finally:
            self.train(training)

    @torch.no_grad()
    def logits(self, images: np.ndarray) -> np.ndarray:
        """Raw images ``(N, rows, columns)`` -> float32 ``(N, classes)``."""
        self.check_images(images)
        self.check_scale(images)
        chunks = np.array_split(np.asarray(images), range(CHUNK, len(images), CHUNK))
        with self.reading():
            return torch.cat([self(self.normalise(chunk)) for chunk in chunks]).cpu().numpy()

    @torch.no_grad()
    def activations(self, images: np.ndarray) -> dict[str, np.ndarray]:
        x, found = self.normalise(images), {}
        with self.reading():
            for name, layer in zip(name_layers(self.layers), self.layers, strict=True):
                x = layer(x)
                found[name] = _side_by_side(x, len(images)).cpu().numpy().copy()
        return found

    def logit_gradient(self, images: np.ndarray, weights: np.ndarray) -> np.ndarray:
        x = self.normalise(images).requires_grad_()
        with self.reading(), torch.enable_grad():
            gradient = self._gradient(self(x), weights, x)
        return gradient[:, 0].cpu().numpy() / self.std

    def last_maps(self, images: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, maps = self.normalise(images), None
        with self.reading(), torch.enable_grad():
            for layer in self.layers:
                x = layer(x)
                if x.ndim == 4:
                    maps = x = x.detach().requires_grad_()
            if maps is None:
                raise ValueError(f"no layer of {type(self).__name__} has maps")
            gradient = self._gradient(x, weights, maps)
        maps, gradient = (_side_by_side(each.detach(), len(images)) for each in (maps, gradient))
        return maps.cpu().numpy(), gradient.cpu().numpy()

    def _gradient(self, logits: Tensor, weights: np.ndarray, by: Tensor) -> Tensor:
        weighted = logits * torch.tensor(weights, dtype=logits.dtype, device=self.device)
        return torch.autograd.grad(weighted.sum(), by)[0]

    @property
    def weights(self) -> list[Tensor]:
        """What a penalty acts on: the weights of linear layers and convolutions, no bias and no batch norm's scale."""
        return [module.weight for module in self.modules() if isinstance(module, nn.Linear | nn.Conv2d)]

    @property
    def size(self) -> int:
        """How many parameters are trained; the running averages of batch norm are not."""
        return sum(parameter.numel() for parameter in self.parameters())

    def get_weights(self) -> dict[str, np.ndarray]:
        """dict from name to array: the parameters, and the running averages of batch norm."""
        return {name: values.detach().cpu().numpy().copy() for name, values in self.state_dict().items()}

    def set_weights(self, weights: Mapping[str, np.ndarray]) -> None:
        """Take over the arrays that ``get_weights()`` gave."""
        check_weights(weights, self.get_weights())
        self.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})


class FullyConnected(TorchNetwork):
    """Linear - (batch norm) - ReLU - (dropout) for each hidden size, then the logits.

    Parameters
    ----------
    hidden : units of each hidden layer
    dropout : share of the hidden units that are dropped in training, 0 to 1
    batch_norm : normalise each unit over the batch before its ReLU
    shape : rows and columns of an image
    classes : how many logits
    options : those of TorchNetwork
    """

    def __init__(
        self,
        hidden: Sequence[int] = (256, 128),
        dropout: float = 0.0,
        batch_norm: bool = False,
        shape: tuple[int, int] = MNIST.shape,
        classes: int = len(MNIST.classes),
        **options: Any,
    ) -> None:
        dense = _dense_layers((prod(shape), *hidden, classes), dropout, batch_norm)
        super().__init__([nn.Flatten(), *dense], **options)


class ConvNet(TorchNetwork):
    """Convolution - (batch norm) - ReLU - pool for each entry of ``channels``, then fully connected layers.

    Parameters
    ----------
    channels : maps of each convolution
    kernels : side of each convolution's window, in pixels
    padding : keep the side of the maps by a border of zeros; else each convolution takes kernel - 1 pixels away
    batch_norm : normalise each map over batch and places before its ReLU
    pool : of each pool x pool window of a map only the largest value goes on; 1 keeps all; one number for every
        convolution, or one each
    pool_first : pool right behind the convolution, so that all that follows has a quarter of the work
    hidden, dropout : the fully connected layers behind
    parts : of equal width that an image is made of, each read by the same layers; the logits are joined
    shape : rows and columns of a part
    classes : how many logits a part has
    options : those of TorchNetwork

    Raises
    ------
    ValueError
        The maps shrink to nothing.
    """

    def __init__(
        self,
        channels: Sequence[int] = (32, 64),
        kernels: Sequence[int] = (3, 3),
        padding: bool = True,
        batch_norm: bool = True,
        pool: int | Sequence[int] = 2,
        pool_first: bool = False,
        hidden: Sequence[int] = (128,),
        dropout: float = 0.5,
        parts: int = 1,
        shape: tuple[int, int] = MNIST.shape,
        classes: int = len(MNIST.classes),
        **options: Any,
    ) -> None:
        layers: list[nn.Module] = []
        pools = each(pool, channels)
        for (inputs, outputs), kernel, size in zip(pairwise((1, *channels)), kernels, pools, strict=True):
            convolution = _empty(nn.Conv2d, inputs, outputs, kernel, padding=kernel // 2 if padding else 0)
            between = [*([nn.BatchNorm2d(outputs)] if batch_norm else []), nn.ReLU()]
            largest = [nn.MaxPool2d(size)] if size > 1 else []
            layers += [convolution, *largest, *between] if pool_first else [convolution, *between, *largest]
        flat = prod(map_shapes(shape, kernels, padding, pools)[-1]) * channels[-1]
        dense = _dense_layers((flat, *hidden, classes), dropout)
        layers += [nn.Flatten(), *dense]
        super().__init__([Apart(parts), *layers, Together(parts)] if parts > 1 else layers, **options)


class Ensemble(TorchNetwork):
    """Several networks as one: their probabilities are averaged (Hansen and Salamon, IEEE PAMI 12, 1990).

    Parameters
    ----------
    networks : TorchNetworks of the same images and classes, normalised alike; their weights are taken over as they are
    """

    def __init__(self, networks: Sequence[TorchNetwork]) -> None:
        scales = {(network.mean, network.std) for network in networks}
        if len(scales) != 1:
            raise ValueError(f"members of an ensemble are normalised alike; these have (mean, std) {sorted(scales)}")
        weights = [network.get_weights() for network in networks]
        ((mean, std),) = scales
        super().__init__([Members(networks)], mean=mean, std=std)
        self.take_over(weights)

    @torch.no_grad()
    def activations(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """What the members' last layers see, side by side, and the logits."""
        members, x = cast(Members, self.layers[0]).networks, self.normalise(images)
        with self.reading():
            seen = [_side_by_side(cast(nn.Sequential, member)[:-1](x), len(x)).flatten(1) for member in members]
            return {"0 Features": torch.cat(seen, dim=1).cpu().numpy(), "1 Members": self(x).cpu().numpy()}

    def take_over(self, weights: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Each member the weights that a network of its own gave by ``get_weights()``."""
        self.set_weights(
            {
                name.replace("layers.", f"layers.0.networks.{number}.", 1): values
                for number, each in enumerate(weights)
                for name, values in each.items()
            }
        )


def _side_by_side(values: Tensor, count: int) -> Tensor:
    """What ``Apart`` cut, together again: maps ``(N parts, C, h, w)`` -> ``(N, C, h, parts w)``, and units, maps of one
    place, ``(N parts, units)`` -> ``(N, units, parts)``; nothing is done where there is one part."""
    if len(values) == count:
        return values
    maps = values if values.ndim == 4 else values[..., None]
    return maps.unflatten(0, (count, len(values) // count)).movedim(1, -2).flatten(-2)


def _initialise(module: nn.Module, generator: torch.Generator, hidden: Start) -> None:
    """Fill the parameters that are the module's own, and not those of modules inside it."""
    own = dict(module.named_parameters(recurse=False))
    if not own:
        return
    start = STARTS.get(type(module))
    if start is None or not own.keys() <= {"weight", "bias"}:
        raise ValueError(f"{module} has parameters of its own, and no start for them is known: add it to STARTS")
    (hidden if start is _he else start)(module, generator)
    if own.get("bias") is not None:
        nn.init.zeros_(own["bias"])


def _dense_layers(sizes: Sequence[int], dropout: float, batch_norm: bool = False) -> list[nn.Module]:
    """From ``sizes[0]`` values over hidden layers to ``sizes[-1]`` logits."""
    layers: list[nn.Module] = []
    for inputs, units in pairwise(sizes[:-1]):
        layers.append(_empty(nn.Linear, inputs, units))
        layers += [nn.BatchNorm1d(units)] if batch_norm else []
        layers.append(nn.ReLU())
        layers += [Dropout(dropout)] if dropout else []
    return [*layers, _empty(Output, *sizes[-2:])]


def _empty(kind: type[nn.Module], *arguments: Any, **options: Any) -> nn.Module:
    """A layer whose weights are not drawn yet: PyTorch would draw them from its global generator."""
    return nn.utils.skip_init(kind, *arguments, **options)
