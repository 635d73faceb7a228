"""Figures of what a network gets wrong, and how sure it is."""

import numpy as np
import seaborn

from .style import BLUE, GREY, ORANGE, VERMILION, figure, styled


@styled
def confusion_matrix(confusion, title):
    """Counts of label (row) against prediction (column); right answers are left out so that the errors show."""
    drawing, axis = figure(5.2, title=title)
    errors = confusion.matrix.copy()
    np.fill_diagonal(errors, 0)
    seaborn.heatmap(
        errors,
        ax=axis,
        mask=np.eye(len(errors), dtype=bool),
        annot=True,
        fmt="d",
        cmap="Blues",
        linewidths=0.5,
        annot_kws={"fontsize": 10},
        cbar_kws={"label": "digits"},
    )
    axis.set(xlabel="read as", ylabel="digit")
    axis.tick_params(axis="y", rotation=0)
    axis.grid(False)
    return drawing


@styled
def confidence(results, title):
    """Histograms of the probability a network gives its answer; ``results``: dict from name to Confidence."""
    drawing, axes = figure(3.2, 1, len(results), title, sharey=True, squeeze=False)
    bins = np.linspace(0, 1, 21)
    for axis, (name, result) in zip(axes[0], results.items(), strict=True):
        axis.hist(result.probability[result.correct], bins, color=BLUE, alpha=0.6, label="right")
        axis.hist(
            result.probability[~result.correct], bins, histtype="step", linewidth=2, color=VERMILION, label="wrong"
        )
        axis.axvline(result.mean, color=GREY, linestyle="--", linewidth=1.2)
        axis.set(xlabel="probability of its own answer", title=f"{name}: {result.mean:.0%} sure on average")
    axes[0, 0].set(ylabel="digits", yscale="log")
    axes[0, 0].legend(loc="upper left")
    return drawing


@styled
def confusions_compared(pairs, counts, title):
    """Errors between pairs of classes; ``counts``: dict from network to a count for each pair."""
    drawing, axis = figure(3.2, title=title)
    height = 0.8 / len(counts)
    for offset, (name, count) in enumerate(counts.items()):
        place = np.arange(len(pairs)) + offset * height
        bars = axis.barh(place, count, height, label=name, color=(ORANGE, BLUE)[offset])
        axis.bar_label(bars, padding=3, fontsize=9)
    axis.set(xlabel="test digits taken for one another", yticks=np.arange(len(pairs)) + 0.4 - height / 2)
    axis.set_yticklabels([f"{one} and {other}" for one, other in pairs])
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.legend()
    return drawing


@styled
def gradient_errors(errors, tolerance, title, limits=(1e-12, 8)):
    """Relative errors per tensor on a logarithmic scale; ``errors``: dict from network to dict from tensor to error."""
    drawing, axis = figure(3.6, title=title)
    looks = zip(("o", "X", "s", "^"), (BLUE, VERMILION, ORANGE, GREY), strict=True)
    for number, ((marker, colour), (name, values)) in enumerate(zip(looks, errors.items(), strict=False)):
        place = np.arange(len(values)) + (number - (len(errors) - 1) / 2) * 0.17
        axis.plot(place, list(values.values()), marker, color=colour, markersize=7, label=name)
    axis.axhline(tolerance, color="black", linestyle="--", linewidth=1)
    axis.set(yscale="log", ylim=limits, xlabel="tensor", ylabel="relative error of the gradient")
    axis.set_xticks(range(len(values)), list(values))
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawing
