"""Figures of a training: its loss, accuracy and learning rate over the epochs."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import BLUE, GREY, ORANGE, PURPLE, VERMILION, figure, styled

COLOURS = (BLUE, ORANGE, VERMILION, GREY)
LINES = ("-", "--", "-.", ":")


@styled
def learning_curves(history, title, plateau=None, losses=None, accuracies=None):
    """Loss and accuracy after each epoch, training against validation.

    ``plateau`` marks an epoch as the start of a plateau; ``losses`` and ``accuracies`` (in percent) limit the axes.
    """
    drawing, (loss, accuracy) = figure(3.5, 1, 2, title)
    for split, colour in (("train", BLUE), ("validation", ORANGE)):
        name = "training" if split == "train" else split
        loss.plot(history["epoch"], history[f"{split}_loss"], color=colour, label=name)
        accuracy.plot(history["epoch"], 100 * history[f"{split}_accuracy"], color=colour, label=name)
    loss.set(xlabel="epoch", ylabel="cross-entropy [nats]", title="loss", ylim=losses)
    accuracy.set(xlabel="epoch", ylabel="accuracy [%]", title="accuracy", ylim=accuracies)
    for axis in (loss, accuracy):
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    if plateau:
        for axis in (loss, accuracy):
            axis.axvspan(plateau, history["epoch"][-1], color=GREY, alpha=0.15, linewidth=0)
        loss.text(plateau, loss.get_ylim()[1], " plateau", color=GREY, va="top")
    loss.legend(loc="upper right", bbox_to_anchor=(1, 0.9) if plateau else None)
    return drawing


@styled
def batch_losses(runs, title, zoom=None, inset_title="zoomed"):
    """Loss before every update, ``runs``: dict from name to losses; left all of it, right the window ``zoom``."""
    drawing, axes = figure(3.4, 1, 2 if zoom else 1, title, squeeze=False)
    for axis, window in zip(axes[0], (None, zoom), strict=False):
        first, last = window or (0, None)
        for colour, (name, losses) in zip(COLOURS, runs.items(), strict=False):
            part = losses[first:last]
            axis.plot(np.arange(first, first + len(part)) + 1, part, color=colour, label=name, linewidth=1.2)
        axis.set(xlabel="update", ylabel="cross-entropy [nats]")
    ticks = [value for value in (0.1, 0.2, 0.3, 0.5, 1, 2) if value > min(map(min, runs.values()))]
    axes[0, 0].set_yscale("log")
    axes[0, 0].set_yticks(ticks, map(str, ticks))
    axes[0, 0].minorticks_off()
    axes[0, 0].legend()
    if zoom:
        axes[0, 1].set_title(inset_title)
    return drawing


@styled
def rates_and_accuracy(runs, title):
    """Learning rate and validation accuracy over the epochs; ``runs``: dict from name to History."""
    drawing, (rate, accuracy) = figure(3.4, 1, 2, title)
    for colour, (name, history) in zip(COLOURS, runs.items(), strict=False):
        rate.plot(history["epoch"], 1000 * history["learning_rate"], "o-", markersize=4, color=colour, label=name)
        accuracy.plot(history["epoch"], 100 * history["validation_accuracy"], "o-", markersize=4, color=colour)
    rate.set(xlabel="epoch", ylabel="learning rate at its end [1/1000]", ylim=(0, None))
    accuracy.set(xlabel="epoch", ylabel="validation accuracy [%]")
    rate.legend()
    return drawing


@styled
def validation_curves(runs, title, column="validation_accuracy", limits=None):
    """One column of several histories over the epochs; ``runs``: dict from name to History, accuracies in percent."""
    drawing, axis = figure(3.4, title=title)
    share = column.endswith("accuracy")
    for line, colour, (name, history) in zip(LINES, COLOURS, runs.items(), strict=False):
        axis.plot(history["epoch"], history[column] * (100 if share else 1), line, color=colour, label=name)
    split, measure = column.split("_")
    split = {"train": "training"}.get(split, split)
    axis.set(xlabel="epoch", ylabel=f"{split} {measure} [%]" if share else f"{split} {measure} [nats]", ylim=limits)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.legend()
    return drawing


@styled
def losses_fall(runs, title, line=None):
    """Training loss after each epoch on a logarithmic scale; ``runs``: dict from name to History."""
    drawing, axis = figure(3.4, title=title)
    for look, colour, (name, history) in zip(LINES, COLOURS, runs.items(), strict=False):
        axis.plot(history["epoch"], history["train_loss"], look, color=colour, label=name)
    if line:
        axis.axhline(line, color=GREY, linestyle=":", linewidth=1.5)
    axis.set(xlabel="epoch", ylabel="training loss [nats]", yscale="log")
    axis.legend()
    return drawing


@styled
def schedules(shapes, title, points=400):
    """Share of the peak learning rate over a training; ``shapes``: dict from name to a function of progress."""
    drawing, axis = figure(3.2, title=title)
    progress = np.linspace(0, 1, points)
    for line, colour, (name, shape) in zip((*LINES, "-"), (*COLOURS, PURPLE), shapes.items(), strict=False):
        axis.plot(progress, [shape(moment) for moment in progress], line, color=colour, label=name)
    axis.set(xlabel="share of the training that is done", ylabel="share of the peak rate")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawing


@styled
def drift(differences, title):
    """How far trainings move apart, on a logarithmic scale; ``differences``: dict from name to a value per update."""
    drawing, axis = figure(3.2, title=title)
    for colour, (name, values) in zip(COLOURS, differences.items(), strict=False):
        shown = np.maximum(values, 1e-9)
        axis.plot(np.arange(1, len(shown) + 1), shown, ".", markersize=2, color=colour, label=name)
    axis.set(xlabel="update", ylabel="difference of the batch losses [nats]", yscale="log")
    axis.legend(markerscale=4)
    return drawing


@styled
def stopping(history, best_epoch, title):
    """Both losses over the epochs, with the epoch whose weights are kept and where the training was ended."""
    drawing, axis = figure(3.4, title=title)
    axis.plot(history["epoch"], history["train_loss"], color=BLUE, label="training")
    axis.plot(history["epoch"], history["validation_loss"], color=ORANGE, label="validation")
    axis.axvline(best_epoch, color=GREY, linestyle="--", label="best epoch, kept")
    axis.axvline(history["epoch"][-1], color=VERMILION, linestyle=":", label="ended")
    axis.set(xlabel="epoch", ylabel="cross-entropy [nats]", ylim=(0, None))
    axis.legend(loc="upper center")
    return drawing
