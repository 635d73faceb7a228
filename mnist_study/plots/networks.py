"""Figures of what goes on inside a network: weights, a convolution at work, filters and feature maps."""

import numpy as np
from matplotlib.patches import Rectangle

from .style import BLUE, GREY, ORANGE, SIGNED, VERMILION, figure, show_digit, styled


@styled
def weight_sizes(weights, title):
    """Histograms of weights on a logarithmic count; ``weights``: dict from name to an array of any shape."""
    drawing, axes = figure(2.9, 1, len(weights), title, sharex=True, sharey=True)
    limit = max(np.abs(values).max() for values in weights.values())
    for axis, (name, values) in zip(axes, weights.items(), strict=True):
        axis.hist(values.ravel(), np.linspace(-limit, limit, 81), color=BLUE)
        axis.set(title=name, xlabel="weight", yscale="log")
    axes[0].set_ylabel("weights")
    return drawing


@styled
def convolution(image, kernel, row, column, title):
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
    show_digit(whole, image, "the digit", vmin=0, vmax=image.max())
    whole.add_patch(Rectangle((column - 0.5, row - 0.5), size, size, fill=False, color=ORANGE, linewidth=2))
    _numbers(window, windows[row, column], "the window", cmap="gray_r", vmin=0, vmax=image.max())
    _numbers(weights, kernel, "times the kernel", cmap=SIGNED, vmin=-3, vmax=3)
    limit = np.abs(result).max()
    show_digit(output, result, f"sum: {result[row, column]:.2f}", cmap=SIGNED, vmin=-limit, vmax=limit)
    output.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, color=ORANGE, linewidth=2))
    return drawing


def _numbers(axis, values, title, **look):
    show_digit(axis, values, title, **look)
    middle = (look["vmin"] + look["vmax"]) / 2
    for (i, j), value in np.ndenumerate(values):
        dark = abs(value - middle) > 0.7 * (look["vmax"] - middle) if look["vmin"] < 0 else value > middle
        axis.text(j, i, f"{value:.1f}", ha="center", va="center", color="white" if dark else "black", fontsize=11)


@styled
def filters(weights, title, columns=16):
    """The windows of a first convolution, ``(maps, 1, k, k)``, each on its own symmetric scale."""
    rows = -(-len(weights) // columns)
    drawing, axes = figure(0.75 * rows + 0.4, rows, columns, title, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, values in zip(axes.flat, weights[:, 0], strict=False):
        limit = np.abs(values).max()
        show_digit(axis, values, cmap=SIGNED, vmin=-limit, vmax=limit)
    return drawing


@styled
def feature_maps(image, stages, title, columns=8):
    """A digit, and what the maps of each stage see in it.

    ``stages`` : dict from name to maps ``(M, h, w)``, of which the ``columns`` most active are shown
    """
    drawing, axes = figure(1.15 * len(stages) + 0.4, len(stages), columns + 1, title, squeeze=False)
    for row, (name, maps) in zip(axes, stages.items(), strict=True):
        show_digit(row[0], image)
        row[0].set_ylabel(name, fontsize=10)
        strongest = np.sort(np.argsort(-maps.mean(axis=(1, 2)))[:columns])
        for axis, index in zip(row[1:], strongest, strict=True):
            show_digit(axis, maps[index], f"map {index}", cmap="viridis", vmin=0, vmax=maps.max())
    return drawing


@styled
def shifted_accuracy(shifts, results, title):
    """Accuracy on digits moved sideways; ``results``: dict from network to a share for each of ``shifts`` (pixels)."""
    drawing, axis = figure(3.2, title=title)
    looks = [("o-", BLUE), ("s--", ORANGE), ("X-.", VERMILION), ("^:", GREY)][: len(results)]
    for (line, colour), (name, shares) in zip(looks, results.items(), strict=True):
        axis.plot(shifts, 100 * np.asarray(shares), line, color=colour, label=name)
    axis.set(xlabel="digits moved to the right by [pixels]", ylabel="read right [%]")
    axis.legend(loc="lower center")
    return drawing
