"""Layers for images, from scratch: a convolution is one matrix product with the matrix of all windows.

Maps are ``(N, rows, columns, channels)``: the channels of a pixel lie side by side in memory, so that a row of a window
is copied in one piece. The formulas are those of Goodfellow, Bengio, Courville, "Deep Learning", section 9.5; the
matrix of windows is im2col of Chellapilla, Puri, Simard, IWFHR 2006.
"""

from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_study.data.files import chosen

from .layers import INITIALISERS, Array, Layer, Shape

Pair = tuple[int, int]


def im2col(
    x: Array,
    kernel: Pair,
    stride: int = 1,
    padding: int = 0,
    out: Array | None = None,
) -> Array:
    """Every window of the maps as a row.

    Parameters
    ----------
    x : ``(N, H, W, C)``
    kernel : rows and columns of a window, in pixels
    stride : pixels from one window to the next, down and across
    padding : pixels of zeros on every side
    out : takes the result, of its shape

    Returns
    -------
    ``(N, H', W', rows, columns, C)``, a copy: the windows in reading order; as a
    matrix ``(N H' W', rows columns C)``
    """
    if padding:
        border = padding, padding
        x = np.pad(x, ((0, 0), border, border, (0, 0)))
    windows = sliding_window_view(x, kernel, axis=(1, 2))
    windows = windows[:, ::stride, ::stride]  # (N, H', W', C, rows, columns)
    windows = windows.transpose(0, 1, 2, 4, 5, 3)
    if out is None:
        return np.ascontiguousarray(windows)
    np.copyto(out, windows)
    return out


def col2im(windows: Array, shape: Shape, stride: int = 1, padding: int = 0) -> Array:
    """The adjoint of ``im2col``: every value of a window is added to the pixel that it
    was copied from.

    Parameters
    ----------
    windows : ``(N, H', W', rows, columns, C)``, in any order of memory
    shape : ``(N, H, W, C)`` of the maps
    stride, padding : as for ``im2col``

    Returns
    -------
    ``(N, H, W, C)``
    """
    count, down, across, rows, columns, channels = windows.shape
    height, width = shape[1] + 2 * padding, shape[2] + 2 * padding
    padded = np.zeros((count, height, width, channels), windows.dtype)
    for i, j in np.ndindex(rows, columns):
        rows_there = slice(i, i + stride * down, stride)
        columns_there = slice(j, j + stride * across, stride)
        padded[:, rows_there, columns_there] += windows[:, :, :, i, j]
    return padded[:, padding : height - padding, padding : width - padding]


class AddChannel(Layer):
    """A grey image is one map: from (N, H, W) to (N, H, W, 1)."""

    def output_shape(self, shape: Shape | None) -> Shape | None:
        if shape is not None and len(shape) != 2:
            raise ValueError("takes rows and columns")
        return None if shape is None else (*shape, 1)

    def forward(self, x: Array, training: bool = False) -> Array:
        return x[..., None]

    def backward(self, gradient: Array, wants_input: bool = True) -> Array:
        return gradient[..., 0]


@dataclass(eq=False)
class Convolution(Layer):
    """y = windows(x) W + b: the same weights at every place, from (N, H, W, channels) to (N, H', W', outputs).

    As everywhere in the field, the kernel is not turned round (it is a cross-correlation); W is (rows, columns,
    channels, outputs).
    """

    channels: int
    outputs: int
    kernel: int | Pair = 3
    stride: int = 1
    padding: int = 0
    initialiser: str = "he"
    _memory: dict[str, Array] = field(default_factory=dict, repr=False)  # reused from pass to pass

    def __post_init__(self) -> None:
        self.sides = (self.kernel, self.kernel) if isinstance(self.kernel, int) else self.kernel
        self.values = prod(self.sides) * self.channels  # of a window
        shape = (*self.sides, self.channels, self.outputs)
        self.parameters = {"weight": shape, "bias": shape[3:]}

    def output_shape(self, shape: Shape | None) -> Shape | None:
        if shape is None:
            return None
        if len(shape) != 3 or shape[2] != self.channels:
            raise ValueError(f"takes maps of {self.channels} channels")
        rows, columns = (
            (side + 2 * self.padding - kernel) // self.stride + 1
            for side, kernel in zip(shape[:2], self.sides, strict=True)
        )
        if min(rows, columns) < 1:
            raise ValueError(f"leaves nothing of {shape[0]} x {shape[1]} pixels")
        return rows, columns, self.outputs

    def initialise(self, rng: np.random.Generator) -> None:
        start = chosen(self.initialiser, INITIALISERS, "initialiser")
        self.weight[:] = start(rng, self.weight.shape)
        self.bias[:] = 0

    def forward(self, x: Array, training: bool = False) -> Array:
        rows, columns, _ = self.output_shape(x.shape[1:]) or ()
        shape = len(x), rows, columns, *self.sides, self.channels
        memory = self._reuse("windows", shape, x.dtype)
        if self.channels == 1:  # a window's rows are short: copy long ones of the map
            turned = memory.reshape(*shape[3:], *shape[:3])
            memory = turned.transpose(3, 4, 5, 0, 1, 2)
        windows = im2col(x, self.sides, self.stride, self.padding, memory)
        matrix = windows.reshape(len(x) * rows * columns, self.values)
        self.cache = x.shape, matrix
        y = matrix @ self.weight.reshape(-1, self.outputs)
        y += self.bias
        return y.reshape(len(x), rows, columns, self.outputs)

    def backward(self, gradient: Array, wants_input: bool = True) -> Array | None:
        # dL/dW = windowsᵀ dL/dy, dL/db = sum of dL/dy over batch and places,
        # dL/dx = col2im(dL/dy Wᵀ)
        shape, matrix = self.cache
        flat = gradient.reshape(-1, self.outputs)
        weight_gradient = self.weight_gradient.reshape(-1, self.outputs)
        np.matmul(matrix.T, flat, out=weight_gradient)
        np.matmul(np.ones(len(flat), flat.dtype), flat, out=self.bias_gradient)
        if not wants_input:
            return None
        # one product for each place of the kernel, so that what is added to one slice
        # lies side by side
        kernel = self.weight.reshape(-1, self.channels, self.outputs).swapaxes(1, 2)
        memory = self._reuse("parts", (len(kernel), len(flat), self.channels), flat.dtype)
        parts = np.matmul(flat, kernel, out=memory)
        parts = parts.reshape(*self.sides, *gradient.shape[:3], self.channels)
        windows = parts.transpose(2, 3, 4, 0, 1, 5)
        return col2im(windows, shape, self.stride, self.padding)

    def _reuse(self, name: str, shape: Shape, dtype: np.dtype) -> Array:
        """Memory of this shape, whose content nobody needs any more; what a batch before has used, if it is enough."""
        kept, size = self._memory.get(name), prod(shape)
        if kept is None or kept.size < size or kept.dtype != dtype:
            kept = self._memory[name] = np.empty(size, dtype)
        return kept[:size].reshape(shape)

    def forget(self) -> None:
        super().forget()
        self._memory.clear()

    def __getstate__(self) -> dict[str, object]:
        return super().__getstate__() | {"_memory": {}}


@dataclass(eq=False)
class MaxPool(Layer):
    """Of each size x size window only the largest value goes on; rows and columns that fill no window are left out."""

    size: int = 2

    def output_shape(self, shape: Shape | None) -> Shape | None:
        if shape is None:
            return None
        if len(shape) != 3:
            raise ValueError("takes maps")
        rows, columns, channels = shape
        if min(rows, columns) < self.size:
            raise ValueError(f"leaves nothing of {rows} x {columns} pixels")
        return rows // self.size, columns // self.size, channels

    def forward(self, x: Array, training: bool = False) -> Array:
        parts = self._places(x)
        y = parts[0].copy()
        for part in parts[1:]:
            np.maximum(y, part, out=y)
        self.cache = x, y
        return y

    def backward(self, gradient: Array, wants_input: bool = True) -> Array:
        # dL/dx = dL/dy where x was the largest of its window, at the first such place; else 0
        x, y = self.cache
        result = np.zeros_like(x) if any(side % self.size for side in x.shape[1:3]) else np.empty_like(x)
        remaining = np.ones(y.shape, bool)  # windows whose largest value has not come yet
        for part, value in zip(self._places(result), self._places(x), strict=True):
            largest = value == y
            largest &= remaining
            np.multiply(gradient, largest, out=part)
            remaining ^= largest
        return result

    def _places(self, x: Array) -> list[Array]:
        """Views, one for each place in a window: what stands there in all windows, (N, H', W', C)."""
        size, rows, columns = self.size, *(side - side % self.size for side in x.shape[1:3])
        return [x[:, i:rows:size, j:columns:size] for i, j in np.ndindex(size, size)]
