"""Figures of a training: its loss, accuracy and learning rate over the epochs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import BLUE, GREY, ORANGE, VERMILION, Drawing, Limits, figure, limit, looks, styled

BESIDE = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}  # a legend that covers no line


class Columns(Protocol):
    """What a figure needs of a History: each column as an array, an entry per measured epoch."""

    def __getitem__(self, column: str, /) -> np.ndarray: ...


@styled
def learning_curves(
    history: Columns,
    title: str,
    plateau: float | None = None,
    losses: Limits = (None, None),
    accuracies: Limits = (None, None),
) -> Drawing:
    """Loss and accuracy after each epoch, training against validation.

    ``plateau`` marks an epoch as the start of a plateau; ``losses`` and ``accuracies`` (in percent) limit the axes.
    """
    drawing, (loss, accuracy) = figure(3.5, 1, 2, title)
    for split, colour in (("train", BLUE), ("validation", ORANGE)):
        name = "training" if split == "train" else split
        loss.plot(history["epoch"], history[f"{split}_loss"], color=colour, label=name)
        accuracy.plot(history["epoch"], 100 * history[f"{split}_accuracy"], color=colour, label=name)
    loss.set(xlabel="epoch", ylabel="cross-entropy [nats]", title="loss")
    accuracy.set(xlabel="epoch", ylabel="accuracy [%]", title="accuracy")
    for axis, limits in ((loss, losses), (accuracy, accuracies)):
        limit(axis, *limits)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    if plateau is not None:
        for axis in (loss, accuracy):
            axis.axvspan(plateau, history["epoch"][-1], color=GREY, alpha=0.15, linewidth=0)
        loss.text(plateau, loss.get_ylim()[1], " plateau", color=GREY, va="top")
    loss.legend(loc="upper right", bbox_to_anchor=None if plateau is None else (1, 0.9))
    return drawing


@styled
def batch_losses(
    runs: Mapping[str, Sequence[float]], title: str, zoom: tuple[int, int] | None = None, inset_title: str = "zoomed"
) -> Drawing:
    """Loss before every update, ``runs``: dict from name to losses; left all of it, right the window ``zoom``."""
    windows: list[tuple[int, int | None]] = [(0, None), zoom] if zoom else [(0, None)]
    drawing, axes = figure(3.4, 1, len(windows), title, squeeze=False)
    axes[0, 0].set_yscale("log")
    for axis, (first, last) in zip(axes[0], windows, strict=True):
        for look, (name, losses) in zip(looks(len(runs)), runs.items(), strict=True):
            part = losses[first:last]
            updates = np.arange(first, first + len(part)) + 1
            axis.plot(updates, part, look.line, color=look.colour, label=name, linewidth=1.2)
        axis.set(xlabel="update", ylabel="cross-entropy [nats]")
        limit(axis)
    ticks = [value for value in (0.1, 0.2, 0.3, 0.5, 1, 2) if value > min(map(min, runs.values()))]
    axes[0, 0].set_yticks(ticks, map(str, ticks))
    axes[0, 0].minorticks_off()
    axes[0, 0].legend()
    if zoom:
        axes[0, 0].set_title("all updates, logarithmic scale")
        axes[0, 1].set_title(inset_title)
    return drawing


@styled
def rates_and_accuracy(runs: Mapping[str, Columns], title: str) -> Drawing:
    """Learning rate and validation accuracy over the epochs; ``runs``: dict from name to History."""
    drawing, (rate, accuracy) = figure(3.4, 1, 2, title)
    for look, (name, history) in zip(looks(len(runs)), runs.items(), strict=True):
        options = {"color": look.colour, "linestyle": look.line, "marker": look.marker, "markersize": 4, "label": name}
        rate.plot(history["epoch"], 1000 * history["learning_rate"], **options)
        accuracy.plot(history["epoch"], 100 * history["validation_accuracy"], **options)
    rate.set(xlabel="epoch", ylabel="learning rate at its end [1/1000]")
    accuracy.set(xlabel="epoch", ylabel="validation accuracy [%]")
    limit(rate, low=0)
    limit(accuracy)
    rate.legend()
    return drawing


@styled
def validation_curves(
    runs: Mapping[str, Columns], title: str, column: str = "validation_accuracy", limits: Limits = (None, None)
) -> Drawing:
    """One column of several histories over the epochs; ``runs``: dict from name to History, accuracies in percent."""
    drawing, axis = figure(3.4, title=title)
    scale, unit = (100, "%") if column.endswith("accuracy") else (1, "nats")
    for look, (name, history) in zip(looks(len(runs)), runs.items(), strict=True):
        axis.plot(history["epoch"], scale * history[column], look.line, color=look.colour, label=name)
    split, measure = column.split("_")
    split = {"train": "training"}.get(split, split)
    axis.set(xlabel="epoch", ylabel=f"{split} {measure} [{unit}]")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    limit(axis, *limits)
    axis.legend()
    return drawing


@styled
def losses_fall(runs: Mapping[str, Columns], title: str, line: float | None = None) -> Drawing:
    """Training loss after each epoch on a logarithmic scale; ``runs``: dict from name to History."""
    drawing, axis = figure(3.4, title=title)
    for look, (name, history) in zip(looks(len(runs)), runs.items(), strict=True):
        axis.plot(history["epoch"], history["train_loss"], look.line, color=look.colour, label=name)
    if line:
        axis.axhline(line, color=GREY, linestyle=":", linewidth=1.5)
    axis.set(xlabel="epoch", ylabel="training loss [nats]", yscale="log")
    limit(axis)
    axis.legend()
    return drawing


@styled
def schedules(shapes: Mapping[str, Callable[[float], float]], title: str, points: int = 400) -> Drawing:
    """Share of the peak learning rate over a training; ``shapes``: dict from name to a function of progress."""
    drawing, axis = figure(3.2, title=title)
    progress = np.linspace(0, 1, points)
    for look, (name, shape) in zip(looks(len(shapes)), shapes.items(), strict=True):
        axis.plot(progress, [shape(moment) for moment in progress], look.line, color=look.colour, label=name)
    axis.set(xlabel="share of the training that is done", ylabel="share of the peak rate")
    axis.legend(**BESIDE)
    return drawing


@styled
def drift(differences: Mapping[str, np.ndarray], title: str, floor: float = 1e-9) -> Drawing:
    """How far trainings move apart, on a logarithmic scale; ``differences``: dict from name to a value per update.

    Whatever is smaller than ``floor`` [nats], equal losses among it, is a triangle at the lower edge.
    """
    drawing, axis = figure(3.2, title=title)
    for look, (name, values) in zip(looks(len(differences)), differences.items(), strict=True):
        updates = np.arange(1, len(values) + 1)
        axis.plot(updates, values, linestyle="", marker=look.marker, markersize=1.5, color=look.colour, label=name)
    axis.set(xlabel="update", ylabel="difference of the batch losses [nats]", yscale="log")
    limit(axis, low=floor if min(map(np.min, differences.values())) < floor else None)
    axis.legend(markerscale=4)
    return drawing


@styled
def stopping(history: Columns, best_epoch: int, title: str) -> Drawing:
    """Both losses over the epochs, with the epoch whose weights are kept and where the training was ended."""
    drawing, axis = figure(3.4, title=title)
    axis.plot(history["epoch"], history["train_loss"], color=BLUE, label="training")
    axis.plot(history["epoch"], history["validation_loss"], color=ORANGE, label="validation")
    axis.axvline(best_epoch, color=GREY, linestyle="--", label="best epoch, kept")
    axis.axvline(history["epoch"][-1], color=VERMILION, linestyle=":", label="ended")
    axis.set(xlabel="epoch", ylabel="cross-entropy [nats]")
    limit(axis, low=0)
    axis.legend(**BESIDE)
    return drawing


@styled
def errors_by_size(
    sizes: Sequence[int], runs: Mapping[str, Sequence[np.ndarray]], title: str, things: str = "digits"
) -> Drawing:
    """Validation errors against the number of training digits, or other ``things``, both axes logarithmic.

    ``runs``: dict from network to accuracies ``(seeds,)`` for each of ``sizes``; a mark is the mean, a bar one standard
    deviation either way.
    """
    drawing, axis = figure(3.6, title=title)
    for look, (name, accuracies) in zip(looks(len(runs)), runs.items(), strict=True):
        wrong = [100 * (1 - np.asarray(seeds)) for seeds in accuracies]
        means, spreads = [each.mean() for each in wrong], [each.std(ddof=1) for each in wrong]
        line: dict[str, Any] = {"linestyle": look.line, "marker": look.marker, "color": look.colour}
        axis.errorbar(sizes, means, spreads, label=name, markersize=5, **line)
    axis.set(xlabel=f"training {things}", ylabel=f"validation {things} misread [%]", xscale="log", yscale="log")
    axis.set_xticks(list(sizes), [f"{size:,}".replace(",", "\N{NO-BREAK SPACE}") for size in sizes])
    ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50) if axis.get_ylim()[0] <= tick <= axis.get_ylim()[1]]
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.legend()
    return drawing
