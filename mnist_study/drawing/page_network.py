"""A network as the published page carries and computes it.

Batch norm is folded into the layer before it, weights become eight bits with one scale for each output, and everything
is computed again in NumPy as the page computes it in JavaScript (``book/_static/pad/reader.js``).
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_study.data import StudyError
from mnist_study.models import BaseNetwork, Classifier

CHUNK = 500  # images that go through a page network at a time: bounds the memory of the unfolded windows


def describe(model: BaseNetwork) -> dict[str, Any]:
    """A network in words and numbers that the page understands: normalisation and layers, as JSON can hold them.

    ``linear`` has a weight ``(outputs, inputs)`` and takes what comes in as one line, maps first; ``conv`` has
    ``(outputs, inputs, kernel, kernel)``. Eight-bit numbers times the output's scale are the weights.
    """
    layers: _Layers = []
    if not hasattr(model, "layers"):
        raise StudyError(f"the page does not know a {type(model).__name__}; it knows networks of layers")
    for layer in model.layers:
        kind = type(layer).__name__
        if kind not in _STEPS:
            raise StudyError(f"the page does not know the layer {kind}; it knows {', '.join(_STEPS)}")
        _STEPS[kind](layer, layers)
    return {"mean": float(model.mean), "std": float(model.std), "layers": [step.describe() for step in layers]}


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


def _batch_norm(layer: Any, layers: _Layers) -> None:
    """A factor and a shift for each map, taken into the layer before; through a pool only if the factors allow it."""
    factor = _array(layer.weight) / np.sqrt(_array(layer.running_var) + layer.eps)
    shift = _array(layer.bias) - factor * _array(layer.running_mean)
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
    "BatchNorm1d": _batch_norm,
    "BatchNorm2d": _batch_norm,
    "ReLU": lambda layer, layers: layers.append(_Plain("relu")),
    "MaxPool2d": lambda layer, layers: layers.append(_Plain("pool", layer.kernel_size)),
    "Flatten": lambda layer, layers: None,
    "Dropout": lambda layer, layers: None,
}


def _encode(values: np.ndarray) -> str:
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()


def _decode(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), kind)


class PageNetwork(Classifier):
    """An exported network, computed in NumPy from its description, as the page computes it.

    Parameters
    ----------
    description : what ``describe`` returned
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self.description = description
        self.layers: list[dict[str, Any]] = []
        for step in description["layers"]:
            if "weight" in step:
                scale, bias = _decode(step["scale"], "<f4"), _decode(step["bias"], "<f4")
                weight = _decode(step["weight"], "i1").reshape(len(scale), -1) * scale[:, None]
                self.layers.append({**step, "weight": weight, "bias": bias})
            else:
                self.layers.append(step)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """uint8 ``(N, rows, columns)`` -> float32 ``(N, classes)``."""
        return np.concatenate([self._logits(images[i : i + CHUNK]) for i in range(0, max(len(images), 1), CHUNK)])

    def _logits(self, images: np.ndarray) -> np.ndarray:
        x = (np.asarray(images, np.float32)[..., None] - np.float32(self.description["mean"])) / np.float32(
            self.description["std"]
        )  # (N, rows, columns, maps)
        for step in self.layers:
            x = _COMPUTE[step["kind"]](x, step)
        return x

    def get_weights(self) -> dict[str, np.ndarray]:
        """dict from name to array: weight1, bias1, …"""
        weighted = [step for step in self.layers if "weight" in step]
        return {f"{key}{n}": step[key] for n, step in enumerate(weighted, 1) for key in ("weight", "bias")}


def _conv(x: np.ndarray, step: dict[str, Any]) -> np.ndarray:
    side, padding = step["shape"][-1], step["padding"]
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = sliding_window_view(padded, (side, side), axis=(1, 2))  # (N, rows, columns, maps, side, side)
    return windows.reshape(*windows.shape[:3], -1) @ step["weight"].T + step["bias"]


def _linear(x: np.ndarray, step: dict[str, Any]) -> np.ndarray:
    if x.ndim == 4:
        x = x.transpose(0, 3, 1, 2).reshape(len(x), -1)  # maps first
    return x @ step["weight"].T + step["bias"]


def _pool(x: np.ndarray, step: dict[str, Any]) -> np.ndarray:
    size = step["size"]
    count, rows, columns, maps = x.shape
    x = x[:, : rows // size * size, : columns // size * size]
    return x.reshape(count, rows // size, size, columns // size, size, maps).max(axis=(2, 4))


_COMPUTE: dict[str, Callable[[np.ndarray, dict[str, Any]], np.ndarray]] = {
    "conv": _conv,
    "linear": _linear,
    "pool": _pool,
    "affine": lambda x, step: x * step["weight"][:, 0] + step["bias"],
    "relu": lambda x, _: np.maximum(x, 0),
}
