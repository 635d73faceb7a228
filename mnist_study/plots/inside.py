"""Figures of where a network looks, what it likes, what fools it, and how the digits lie in its layers."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib import color_sequences

from mnist_study.analysis import Probe, Robustness

from .curves import BESIDE
from .style import GREY, SIGNED, WIDTH, Drawing, figure, limit, looks, show_digit, styled

ERRORS = (0.5, 1, 2, 5, 10, 20)  # percent, where an axis of errors has its ticks


@styled
def saliency_maps(images: np.ndarray, maps: Mapping[str, np.ndarray], title: str) -> Drawing:
    """Digits ``(N, H, W)`` and below each what every method says of it; blue speaks for the class, red against.

    ``maps``: dict from method to ``(N, H, W)``. Each map has its own scale, symmetric about 0.
    """
    rows = len(maps) + 1
    drawing, axes = figure(rows * WIDTH / (len(images) + 0.6) + 0.5, rows, len(images), title, squeeze=False)
    for axis, image in zip(axes[0], images, strict=True):
        show_digit(axis, image)
    axes[0, 0].set_ylabel("digit", fontsize=10)
    for row, (name, each) in zip(axes[1:], maps.items(), strict=True):
        row[0].set_ylabel(name.replace(" ", "\n"), fontsize=10)
        for axis, values, image in zip(row, each, images, strict=True):
            largest = np.abs(values).max() or 1
            show_digit(axis, values, cmap=SIGNED, vmin=-largest, vmax=largest)
            axis.contour(image, [127], colors="black", linewidths=0.5)
            axis.spines[:].set(visible=True, color=GREY, linewidth=0.6)
    return drawing


@styled
def forgetting(similarities: Mapping[str, Mapping[str, np.ndarray]], title: str) -> Drawing:
    """How like itself each method's map stays while layers are shuffled; a panel for each way of comparing.

    ``similarities``: dict from panel to dict from method to ``(layers + 1, N)``; marks are means over the digits.
    """
    drawing, axes = figure(3.4, 1, len(similarities), title, sharey=True, squeeze=False)
    for axis, (panel, methods) in zip(axes[0], similarities.items(), strict=True):
        for look, (name, each) in zip(looks(len(methods)), methods.items(), strict=True):
            line: dict[str, Any] = {"linestyle": look.line, "marker": look.marker, "color": look.colour}
            axis.plot(np.arange(len(each)), each.mean(axis=1), label=name, markersize=5, **line)
        axis.axhline(0, color=GREY, linewidth=0.8)
        axis.set(title=panel, xlabel="layers shuffled", xticks=range(len(each)))
    axes[0, 0].set_ylabel("rank correlation with\nthe map before")
    axes[0, -1].legend(**BESIDE)
    return drawing


@styled
def robustness(results: Mapping[str, Robustness], title: str) -> Drawing:
    """Digits still read against the change that each pixel may have: in one step, in many, and at random.

    ``results``: dict from network to Robustness. Bars are Wilson's intervals of 95 %; nothing is changed at 0.
    """
    drawing, axes = figure(4.2, 1, 3, title, sharey=True)
    for axis, panel in zip(axes, ("one_step", "many_steps", "at_random"), strict=True):
        series = looks(len(results))
        for number, (look, (name, found)) in enumerate(zip(series, results.items(), strict=True)):
            shares = [100 * each.fraction for each in getattr(found, panel)]
            ends = np.array([each.wilson() for each in getattr(found, panel)]).T * 100
            aside = (number - (len(results) - 1) / 2) * 0.012 * max(found.epsilons)  # or the bars would hide each other
            axis.errorbar(
                np.array(found.epsilons) + aside,
                shares,
                np.abs(ends - shares),
                color=look.colour,
                linestyle=look.line,
                marker=look.marker,
                markersize=4,
                linewidth=1.2,
                elinewidth=0.6,
                label=name,
            )
        words = {"title": panel.replace("_", " "), "xlabel": "change [grey values]"}
        axis.set(**words, ylim=(-3, 103), xticks=found.epsilons)
    axes[0].set_ylabel("digits read rightly [%]")
    axes[-1].legend(**BESIDE)
    return drawing


@styled
def transfer(shares: np.ndarray, names: Sequence[str], title: str) -> Drawing:
    """Digits read by each network (column) of those that were changed to fool another (row), shares ``(N, N)``."""
    drawing, axis = figure(0.42 * len(names) + 1.6, title=title)
    shown = axis.imshow(100 * shares, cmap="cividis", vmin=0, vmax=100, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        colour = "black" if share > 0.5 else "white"
        axis.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=10)
    axis.set_xticks(range(len(names)), names, rotation=35, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(names)), names)
    axis.set(xlabel="read by", ylabel="changed to fool")
    axis.grid(False)
    drawing.colorbar(shown, ax=axis, label="read rightly [%]")
    return drawing


@styled
def layer_probes(results: Mapping[str, Sequence[Probe]], title: str) -> Drawing:
    """How well the label can be read from each layer.

    ``results``: dict from network to probes, of pixels first and of logits last.
    """
    drawing, axes = figure(3.8, 1, 2, title, sharey=True)
    for axis, rule, words in zip(axes, ("nearest_mean", "linear"), ("nearest class mean", "linear rule"), strict=True):
        for look, (name, found) in zip(looks(len(results)), results.items(), strict=True):
            wrong = [100 * (1 - getattr(probe, rule).fraction) for probe in found]
            depth = np.linspace(0, 1, len(found))
            line: dict[str, Any] = {"linestyle": look.line, "marker": look.marker, "color": look.colour}
            axis.plot(depth, wrong, label=name, markersize=4, **line)
        axis.set(title=words, xlabel="depth", yscale="log")
        for tick, side in zip(axis.set_xticks([0, 1], ["pixels", "logits"]), ("left", "right"), strict=True):
            tick.label1.set_horizontalalignment(side)
        axis.set_yticks(ERRORS, [f"{tick:g}" for tick in ERRORS])
        axis.minorticks_off()
        limit(axis)
    axes[0].set_ylabel("digits misread [%]")
    axes[1].legend(**BESIDE)
    return drawing


@styled
def digits_in_layers(planes: Mapping[str, np.ndarray], labels: np.ndarray, title: str, columns: int = 3) -> Drawing:
    """Where digits lie in each layer; ``planes``: dict from layer to ``(N, 2)``.

    A class's name stands at the median of its digits.
    """
    rows = -(-len(planes) // columns)
    drawing, axes = figure(2.5 * rows + 0.4, rows, columns, title, squeeze=False)
    names = np.unique(labels)
    colours = dict(zip(names, cycle(color_sequences["petroff10"]), strict=False))
    for axis in axes.flat[len(planes) :]:
        axis.set_axis_off()
    for axis, (layer, points) in zip(axes.flat, planes.items(), strict=False):
        for name, colour in colours.items():
            axis.scatter(*points[labels == name].T, s=5, color=colour, linewidth=0, alpha=0.5)
        for name, colour in colours.items():
            box = {"facecolor": "white", "edgecolor": colour, "boxstyle": "circle,pad=0.15", "linewidth": 1}
            axis.text(*np.median(points[labels == name], axis=0), name, ha="center", va="center", fontsize=9, bbox=box)
        axis.set(title=layer, xticks=[], yticks=[], xlabel="1st component", ylabel="2nd")
        axis.grid(False)
    return drawing
