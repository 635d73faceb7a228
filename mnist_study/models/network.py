"""A network from scratch: a list of layers read downwards, one flat vector of parameters, one of gradients."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from .classifier import BaseNetwork, check_weights, name_layers
from .convolution import AddChannel, Convolution, MaxPool
from .layers import Array, BatchNorm, Dense, Dropout, Flatten, Layer, ReLU, Shape
from .losses import Loss, SoftmaxCrossEntropy
from .penalties import Penalty
from .shapes import each

CHUNK = 500  # images that are read at a time: bounds the memory of a convolution's windows
NAMES = {"weight": "W", "bias": "b"}  # in a file; other parameters and buffers go by their own


class Network(BaseNetwork):
    """A classifier that owns its normalisation: it takes raw images and computes on (image - mean) / std.

    Parameters
    ----------
    layers : list of layers, from the input down to the logits
    rng : numpy Generator that initialises the parameters and draws the dropout masks
    mean, std : of the training images, in their own units (grey values 0..255 for MNIST)
    dtype : np.float32 to train, np.float64 to check gradients
    shape : of one image, or of one row of features, where it is known: the layers are checked against it

    Attributes
    ----------
    parameters, gradients : flat vectors, of which each layer's arrays are views: first all that a penalty acts on
    weights, weight_gradients : these leading parts of them

    Raises
    ------
    ValueError
        Two neighbouring layers do not fit.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        rng: np.random.Generator,
        mean: float = 0.0,
        std: float = 1.0,
        dtype: type = np.float32,
        shape: Shape | None = None,
    ) -> None:
        _check_neighbours(layers, shape)
        self.layers, self.rng, self.mean, self.std = layers, rng, mean, std
        self.loss: Loss = SoftmaxCrossEntropy()

        size = sum(prod(shape) for layer in layers for shape in layer.parameters.values())
        self.parameters: Array = np.zeros(size, dtype)
        self.gradients: Array = np.zeros(size, dtype)
        self._hand_out_arrays()
        for layer in layers:
            layer.initialise(rng)

    def _hand_out_arrays(self) -> None:
        declared = [(layer, name) for layer in self.layers for name in layer.parameters]
        start = 0
        for penalised in (True, False):
            for layer, name in declared:
                if (name in layer.penalised) == penalised:
                    shape = layer.parameters[name]
                    stop = start + prod(shape)
                    setattr(layer, name, self.parameters[start:stop].reshape(shape))
                    setattr(layer, f"{name}_gradient", self.gradients[start:stop].reshape(shape))
                    start = stop
            if penalised:
                self.weights, self.weight_gradients = self.parameters[:start], self.gradients[:start]

    def __getstate__(self) -> dict[str, Any]:
        """What a copy needs: the parameters once, and none of what is derived from them."""
        derived = {"gradients", "weights", "weight_gradients"}
        return {name: value for name, value in vars(self).items() if name not in derived}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """After unpickling or copying, the layers' arrays are views again."""
        self.__dict__.update(state)
        self.gradients = np.zeros_like(self.parameters)
        self._hand_out_arrays()

    def forget(self) -> None:
        """Let go of what the last training pass left in the layers, which may be a view of all the training data."""
        for layer in self.layers:
            layer.forget()
        self.loss.cache = None

    def tensors(self) -> Iterator[tuple[str, Array, Array]]:
        """``(name, parameter, gradient)`` of every layer's arrays, downwards: W1, b1, W2, b2, …"""
        for number, layer in self._numbered():
            for name in layer.parameters:
                values, gradient = getattr(layer, name), getattr(layer, f"{name}_gradient")
                yield f"{NAMES.get(name, name)}{number}", values, gradient

    @property
    def _learning(self) -> Sequence[Layer]:
        """The layers from the first one with parameters on: no gradient is needed above it."""
        first = next((n for n, layer in enumerate(self.layers) if layer.parameters), 0)
        return self.layers[first:]

    def _numbered(self) -> Iterator[tuple[int, Layer]]:
        """The layers that have parameters, from 1."""
        return enumerate((layer for layer in self.layers if layer.parameters), start=1)

    def buffers(self) -> dict[str, Array]:
        """The layers' own arrays that are kept and not trained, by their names in a file."""
        return {f"{name}{number}": getattr(layer, name) for number, layer in self._numbered() for name in layer.buffers}

    def _arrays(self) -> dict[str, Array]:
        return {name: values for name, values, _ in self.tensors()} | self.buffers()

    def normalise(self, images: Array) -> Array:
        """``(N, …)`` of any type -> the same shape as the layers want it; no copy where nothing is to be done."""
        self.check_images(images)
        raw = (self.mean, self.std) == (0, 1)
        x = (np.asarray if raw else np.array)(images, self.parameters.dtype)
        if not raw:
            x -= self.mean
            x /= self.std
        return x

    def forward(self, x: Array, training: bool = False, keep: bool | None = None) -> Array:
        """Logits ``(N, classes)`` of normalised ``x`` ``(N, …)``.

        ``keep`` what a backward pass needs, which in training is done anyway.
        """
        keep = training if keep is None else keep
        for layer in self.layers:
            x = layer.forward(x, training)
            if not keep:
                layer.cache = None
        return x

    def backward(self, gradient: Array, wants_input: bool = False) -> Array | None:
        """Fill ``gradients`` from dL/dlogits ``(N, classes)``; dL/dx only if wanted."""
        flowing: Any = gradient
        for layer in reversed(self.layers if wants_input else self._learning):
            flowing = layer.backward(flowing, wants_input or layer is not self._learning[0])
        return flowing if wants_input else None

    def loss_and_gradients(
        self, x: Array, labels: Array, penalty: Penalty = Penalty(), wants_input: bool = False
    ) -> tuple[float, Array | None]:
        """One training pass: the mean cross-entropy of the batch, and dL/dx if wanted; fills ``gradients``.

        The penalty acts on the gradients; its value is left out of the loss, so that losses of training and validation
        can be compared.
        """
        loss = self.loss.forward(self.forward(x, training=True), labels)
        input_gradient = self.backward(self.loss.backward(), wants_input)
        penalty.add_gradient(self.weights, self.weight_gradients)
        return loss, input_gradient

    def logits(self, images: Array) -> Array:
        """Raw images ``(N, rows, columns)`` -> ``(N, classes)``."""
        x = self.normalise(images)
        self.check_scale(images)
        logits = self.read(x)
        self.forget()
        return logits

    def read(self, x: Array) -> Array:
        """Logits ``(N, classes)`` of any number of normalised images ``x`` ``(N, …)``."""
        chunks = [x[start : start + CHUNK] for start in range(0, max(len(x), 1), CHUNK)]
        return np.concatenate([self.forward(chunk) for chunk in chunks])

    def activations(self, images: Array) -> dict[str, Array]:
        x, found = self.normalise(images), {}
        for name, layer in zip(name_layers(self.layers), self.layers, strict=True):
            found[name] = x = layer.forward(x)
            layer.forget()
        return found

    def logit_gradient(self, images: Array, weights: Array) -> Array:
        kept = self.gradients.copy()
        self.forward(self.normalise(images), keep=True)
        gradient: Any = self.backward(np.array(weights, self.parameters.dtype), wants_input=True)
        self.gradients[:] = kept
        self.forget()
        return gradient / self.std

    @property
    def size(self) -> int:
        return self.parameters.size

    def get_weights(self) -> dict[str, Array]:
        """dict from name to array: W1, b1, W2, b2, …, and the layers' buffers."""
        return {name: values.copy() for name, values in self._arrays().items()}

    def set_weights(self, weights: Mapping[str, Array]) -> None:
        """Take over the arrays that ``get_weights()`` of this network, or of the JAX one, gave."""
        arrays = self._arrays()
        check_weights(weights, arrays)
        for name, values in arrays.items():
            values[...] = weights[name]


def _check_neighbours(layers: Sequence[Layer], shape: Shape | None) -> None:
    """Refuse layers of which one gives what the next cannot take."""
    above: Any = "the input"
    for layer in layers:
        try:
            following = layer.output_shape(shape)
        except ValueError as error:
            values = " x ".join(map(str, shape or ()))
            raise ValueError(f"{above} gives {values} values, but {layer} {error}") from None
        if following != shape or layer.parameters:
            above = layer
        shape = following


def mlp(
    sizes: Sequence[int], rng: np.random.Generator, dropout: float = 0.0, initialiser: str = "he", **options: Any
) -> Network:
    """A fully connected network: ``sizes`` (784, 256, 128, 10) makes two hidden ReLU layers and ten logits."""
    return Network([Flatten(), *_dense_layers(sizes, dropout, initialiser)], rng, **options)


def conv_net(
    channels: Sequence[int],
    kernels: Sequence[int],
    sizes: Sequence[int],
    rng: np.random.Generator,
    padding: bool = True,
    batch_norm: bool = True,
    pool: int | Sequence[int] = 2,
    pool_first: bool = False,
    dropout: float = 0.0,
    initialiser: str = "he",
    **options: Any,
) -> Network:
    """Convolution - (batch norm) - ReLU - pool for each entry of ``channels``, then dense layers of ``sizes``.

    The parameters are those of ``torch_networks.ConvNet``; ``sizes`` begins with the number of values that are left.
    """
    layers: list[Layer] = [AddChannel()]
    for (inputs, outputs), kernel, size in zip(pairwise((1, *channels)), kernels, each(pool, channels), strict=True):
        convolution = Convolution(
            inputs, outputs, kernel, padding=kernel // 2 if padding else 0, initialiser=initialiser
        )
        between: list[Layer] = [*([BatchNorm(outputs)] if batch_norm else []), ReLU()]
        largest = [MaxPool(size)] if size > 1 else []
        layers += [convolution, *largest, *between] if pool_first else [convolution, *between, *largest]
    return Network([*layers, Flatten(), *_dense_layers(sizes, dropout, initialiser)], rng, **options)


def _dense_layers(sizes: Sequence[int], dropout: float, initialiser: str) -> list[Layer]:
    layers: list[Layer] = []
    for inputs, outputs in pairwise(sizes[:-1]):
        layers += [Dense(inputs, outputs, initialiser), ReLU()]
        if dropout:
            layers.append(Dropout(dropout))
    return [*layers, Dense(sizes[-2], sizes[-1], "small")]
