"""A network as the published page carries and computes it.

Batch norm is folded into the layer before it, and weights become eight bits with one scale for each output. The page
computes that in JavaScript (``book/_static/pad/reader.js``), Python with the layers of the networks from scratch.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_study.analysis import Refusal
from mnist_study.data import StudyError
from mnist_study.models import (
    AddChannel,
    BatchNorm,
    Classifier,
    Convolution,
    Dense,
    Flatten,
    Layer,
    MaxPool,
    Network,
    PartByPart,
    ReLU,
)


def describe(model: Classifier) -> dict[str, Any]:
    """A network in words and numbers that the page understands: normalisation and layers, as JSON can hold them.

    Layers that read each part of an image by itself are described once, with the number of ``parts``. ``linear`` has a
    weight ``(outputs, inputs)`` and takes what comes in as one line, maps first; ``conv`` has ``(outputs, inputs,
    kernel, kernel)``. Eight-bit numbers times the output's scale are the weights.
    """
    if isinstance(model, PartByPart):
        return {"parts": model.task.parts} | describe(model.reader)
    if not hasattr(model, "layers"):
        raise StudyError(f"the page does not know a {type(model).__name__}; it knows networks of layers")
    above, parts, layers = list(model.layers), {}, _Layers()
    if [type(layer).__name__ for layer in (above[0], above[-1])] == ["Apart", "Together"]:
        parts, above = {"parts": above[0].parts}, above[1:-1]
    for layer in above:
        kind = type(layer).__name__
        if kind not in _STEPS:
            raise StudyError(f"the page does not know the layer {kind}; it knows {', '.join(_STEPS)}")
        _STEPS[kind](layer, layers)
    numbers = {name: float(getattr(model, name)) for name in ("mean", "std")}
    return parts | numbers | {"layers": [step.describe() for step in layers]}


def describe_refusal(found: Refusal) -> dict[str, Any]:
    """How a network refuses what is no digit, as JSON can hold it: see ``refuses`` in reader.js."""
    if found.distance is None:
        return {"score": found.score, "limit": found.limit}
    whitening = found.distance.whitening
    matrices = {"whitening": whitening, "means": found.distance.means @ whitening}
    return {"score": found.score, "limit": found.limit} | {
        name: _encode(np.asarray(values, np.float32)) for name, values in matrices.items()
    }


@dataclass
class _Weighted:
    kind: str  # "linear", "conv" or, for a batch norm that cannot be folded, "affine"
    weight: np.ndarray  # outputs first
    bias: np.ndarray
    padding: int = 0

    def describe(self) -> dict[str, Any]:
        flat = self.weight.reshape(len(self.weight), -1)
        scale = (np.abs(flat).max(axis=1) / 127).astype(np.float32)
        rounded = np.rint(flat / np.where(scale > 0, scale, 1)[:, None]).astype(np.int8)
        return {
            "kind": self.kind,
            "shape": list(self.weight.shape),
            **({"padding": self.padding} if self.kind == "conv" else {}),
            "weight": _encode(rounded),
            "scale": _encode(scale),
            "bias": _encode(self.bias.astype(np.float32)),
        }


@dataclass
class _Plain:
    kind: str  # "relu" or "pool"
    size: int = 0

    def describe(self) -> dict[str, Any]:
        return {"kind": self.kind, **({"size": self.size} if self.size else {})}


_Layers = list[_Weighted | _Plain]


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy().astype(np.float64)


def _convolution(layer: Any, layers: _Layers) -> None:
    if (layer.stride, layer.dilation, layer.groups) != ((1, 1), (1, 1), 1) or layer.bias is None:
        raise StudyError("the page knows convolutions with a bias, with stride, dilation and groups of 1")
    layers.append(_Weighted("conv", _array(layer.weight), _array(layer.bias), layer.padding[0]))


def _own_convolution(layer: Convolution, layers: _Layers) -> None:
    if layer.stride != 1 or layer.sides[0] != layer.sides[1]:
        raise StudyError("the page knows convolutions with a square kernel and a stride of 1")
    layers.append(_Weighted("conv", layer.weight.transpose(3, 2, 0, 1), layer.bias, layer.padding))


def _torch_norm(layer: Any, layers: _Layers) -> None:
    deviation = np.sqrt(_array(layer.running_var) + layer.eps)
    _fold(_array(layer.weight) / deviation, _array(layer.bias), _array(layer.running_mean), layers)


def _own_norm(layer: BatchNorm, layers: _Layers) -> None:
    deviation = np.sqrt(layer.running_variance.astype(np.float64) + layer.epsilon)
    _fold(layer.scale / deviation, layer.shift, layer.running_mean, layers)


def _fold(factor: np.ndarray, bias: np.ndarray, mean: np.ndarray, layers: _Layers) -> None:
    """A factor and a shift for each map, taken into the layer before; through a pool only if the factors allow it."""
    shift = bias - factor * mean
    pooled = [step for step in layers if step.kind != "pool"][-1:] if (factor >= 0).all() else layers[-1:]
    before = pooled[0] if pooled and isinstance(pooled[0], _Weighted) else None
    if before is None:  # behind a ReLU; or behind a pool, where by a negative factor the largest is not the largest
        layers.append(_Weighted("affine", factor[:, None], shift))
        return
    before.weight = before.weight * factor.reshape(-1, *[1] * (before.weight.ndim - 1))
    before.bias = before.bias * factor + shift


_STEPS: dict[str, Callable[[Any, _Layers], None]] = {  # layers of NumPy or of PyTorch, by the names of their classes
    "Dense": lambda layer, layers: layers.append(_Weighted("linear", layer.weight.T, layer.bias)),
    "Linear": lambda layer, layers: layers.append(_Weighted("linear", _array(layer.weight), _array(layer.bias))),
    "Output": lambda layer, layers: _STEPS["Linear"](layer, layers),
    "Conv2d": _convolution,
    "Convolution": _own_convolution,
    "BatchNorm": _own_norm,
    "BatchNorm1d": _torch_norm,
    "BatchNorm2d": _torch_norm,
    "ReLU": lambda layer, layers: layers.append(_Plain("relu")),
    "MaxPool": lambda layer, layers: layers.append(_Plain("pool", layer.size)),
    "MaxPool2d": lambda layer, layers: layers.append(_Plain("pool", layer.kernel_size)),
    "AddChannel": lambda layer, layers: None,
    "Flatten": lambda layer, layers: None,
    "Dropout": lambda layer, layers: None,
}


def _encode(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()


def _decode(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


def page_network(description: dict[str, Any]) -> Classifier:
    """An exported network: what the page computes, from what ``describe`` returned."""
    network = _network(description)
    return PartByPart(network) if "parts" in description else network


def _network(description):
    steps = description["layers"]
    layers: list[Layer] = [] if steps[0]["kind"] == "linear" else [AddChannel()]
    for number, step in enumerate(steps):
        if step["kind"] == "linear" and all(above["kind"] != "linear" for above in steps[:number]):
            layers.append(Flatten())
        layers.append(_LAYERS[step["kind"]](step))
    network = Network(layers, np.random.default_rng(0), description["mean"], description["std"])
    weighted = (step for step in steps if "weight" in step)
    for layer, step in zip((layer for layer in layers if layer.parameters), weighted, strict=True):
        scale, bias = _decode(step["scale"], "<f4"), _decode(step["bias"], "<f4")
        weight = _decode(step["weight"], "i1").reshape(len(scale), -1) * scale[:, None]
        if isinstance(layer, BatchNorm):
            layer.scale[:], layer.shift[:] = weight[:, 0], bias
        else:
            layer.weight[:] = weight.reshape(step["shape"]).transpose(*range(2, len(step["shape"])), 1, 0)
            layer.bias[:] = bias
    return network


_LAYERS: dict[str, Callable[[dict[str, Any]], Layer]] = {
    "conv": lambda step: Convolution(step["shape"][1], step["shape"][0], step["shape"][2], padding=step["padding"]),
    "linear": lambda step: Dense(step["shape"][1], step["shape"][0]),
    "affine": lambda step: BatchNorm(step["shape"][0], epsilon=0.0),  # of mean 0 and variance 1
    "pool": lambda step: MaxPool(step["size"]),
    "relu": lambda step: ReLU(),
}
