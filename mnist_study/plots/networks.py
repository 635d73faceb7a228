"""Figures of what goes on inside a network: weights, a convolution at work, filters and feature maps."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from .style import BLUE, ORANGE, SIGNED, Drawing, figure, histogram, limit, looks, show_digit, styled


@styled
def weight_sizes(weights: Mapping[str, np.ndarray], title: str) -> Drawing:
    """Histograms of weights on a logarithmic count; ``weights``: dict from name to an array of any shape.

    Raises
    ------
    ValueError
        A weight is no number.
    """
    drawing, axes = figure(2.9, 1, len(weights), title, sharex=True, sharey=True, squeeze=False)
    largest = max(np.nanmax(np.abs(values)) for values in weights.values()) or 1
    for axis, (name, values) in zip(axes[0], weights.items(), strict=True):
        histogram(axis, values, np.linspace(-largest, largest, 81), color=BLUE)
        axis.set(title=name, xlabel="weight", yscale="log")
    axes[0, 0].set_ylabel("weights")
    return drawing


@styled
def convolution(image: np.ndarray, kernel: np.ndarray, row: int, column: int, title: str) -> Drawing:
    """One step of a convolution in numbers: the window, the kernel, and the map that the sums make.

    Parameters
    ----------
    image : ``(H, W)``, ink bright, in any units
    kernel : ``(k, k)``
    row, column : upper left corner of the window
    """
    size = len(kernel)
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    result = np.einsum("ijkl,kl->ij", windows, kernel)
    drawing, (whole, window, weights, output) = figure(3.1, 1, 4, title)
    grey = {"vmin": min(0, image.min()), "vmax": image.max()}
    show_digit(whole, image, "the digit", **grey)
    whole.add_patch(Rectangle((column - 0.5, row - 0.5), size, size, fill=False, color=ORANGE, linewidth=2))
    _numbers(window, windows[row, column], "the window", cmap="gray_r", **grey)
    _numbers(weights, kernel, "times the kernel", **_symmetric(kernel, least=3))
    show_digit(output, result, f"sum: {result[row, column]:.2f}", **_symmetric(result))
    output.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, color=ORANGE, linewidth=2))
    return drawing


def _symmetric(values, least=0):
    """Options of a picture of signed values: white is 0, and the scale reaches ``least`` or the largest of them."""
    largest = max(np.abs(values).max(), least) or 1
    return {"cmap": SIGNED, "vmin": -largest, "vmax": largest}


def _numbers(axis, values, title, **look):
    show_digit(axis, values, title, **look)
    middle = (look["vmin"] + look["vmax"]) / 2
    for (i, j), value in np.ndenumerate(values):
        signed = look["cmap"] == SIGNED
        dark = abs(value - middle) > 0.7 * (look["vmax"] - middle) if signed else value > middle
        axis.text(j, i, f"{value:.1f}", ha="center", va="center", color="white" if dark else "black", fontsize=11)


@styled
def filters(weights: np.ndarray, title: str, columns: int = 16) -> Drawing:
    """The windows of a first convolution, ``(maps, 1, k, k)``, each on its own symmetric scale.

    Raises
    ------
    ValueError
        The kernels look at more than one map: those of a later convolution are no pictures.
    """
    if weights.shape[1] != 1:
        raise ValueError(f"only kernels that look at one map can be shown; these, {weights.shape}, look at several")
    rows = -(-len(weights) // columns)
    drawing, axes = figure(0.75 * rows + 0.4, rows, columns, title, squeeze=False)
    drawing.flows = True
    for axis in axes.flat[len(weights) :]:
        axis.set_axis_off()
    for axis, values in zip(axes.flat, weights[:, 0], strict=False):
        show_digit(axis, values, **_symmetric(values))
    return drawing


@styled
def feature_maps(image: np.ndarray, stages: Mapping[str, np.ndarray], title: str, columns: int = 8) -> Drawing:
    """A digit, and what the maps of each stage see in it.

    ``stages`` : dict from name to maps ``(M, h, w)``, of which the ``columns`` most active are shown; how many there
    are stands before the row
    """
    drawing, axes = figure(1.15 * len(stages) + 0.4, len(stages), columns + 1, title, squeeze=False)
    for row, (name, maps) in zip(axes, stages.items(), strict=True):
        strongest = np.sort(np.argsort(-maps.mean(axis=(1, 2)))[:columns])
        show_digit(row[0], image)
        row[0].set_ylabel(f"{name}\n{len(strongest)} of {len(maps)} maps", fontsize=9)
        for axis in row[1 + len(strongest) :]:
            axis.set_axis_off()
        for axis, index in zip(row[1:], strongest, strict=False):
            show_digit(axis, maps[index], f"map {index}", cmap="viridis", vmin=min(0, maps.min()), vmax=maps.max())
    return drawing


@styled
def shifted_accuracy(
    shifts: Sequence[float], results: Mapping[str, Sequence[float] | np.ndarray], title: str
) -> Drawing:
    """Accuracy on digits moved sideways; ``results``: dict from network to a share for each of ``shifts`` (pixels)."""
    drawing, axis = figure(3.2, title=title)
    for look, (name, shares) in zip(looks(len(results)), results.items(), strict=True):
        line: dict[str, Any] = {"linestyle": look.line, "marker": look.marker, "color": look.colour}
        axis.plot(shifts, 100 * np.asarray(shares), label=name, **line)
    axis.set(xlabel="digits moved to the right by [pixels]", ylabel="read right [%]")
    limit(axis)
    axis.legend(loc="lower center")
    return drawing
