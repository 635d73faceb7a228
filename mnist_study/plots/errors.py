"""Figures of what a network gets wrong, and how sure it is."""

from collections.abc import Mapping, Sequence

import numpy as np
import seaborn
from matplotlib import colormaps
from matplotlib.colors import ListedColormap

from mnist_study.analysis import Calibration, Confidence, Confusion, RiskCoverage
from mnist_study.data import MNIST

from .style import BLUE, GREY, ORANGE, VERMILION, Drawing, Limits, figure, histogram, limit, looks, styled

LEGIBLE = 20  # classes whose counts and names all stand in a confusion matrix
LARGEST = 8.0  # inches, of a confusion matrix of however many classes


@styled
def confusion_matrix(confusion: Confusion, title: str) -> Drawing:
    """Counts of label (row) against prediction (column); right answers are left out so that the errors show.

    Of many classes the colours alone tell the counts, none is white, and every few classes one has its name.
    """
    classes = len(confusion.classes)
    few = classes <= LEGIBLE
    drawing, axis = figure(min(max(5.2, 0.52 * classes), LARGEST), title=title)
    errors = confusion.matrix.copy()
    np.fill_diagonal(errors, 0)
    seaborn.heatmap(
        errors,
        ax=axis,
        mask=np.eye(classes, dtype=bool) if few else errors == 0,
        vmin=0,
        vmax=max(errors.max(), 1),
        annot=few,
        fmt="d",
        cmap="Blues" if few else ListedColormap(colormaps["Blues"](np.linspace(0.3, 1, 256))),
        linewidths=0.5 if few else 0,
        annot_kws={"fontsize": 10 if classes <= 12 else 6},
        cbar_kws={"label": "images"},
    )
    step = -(-classes // LEGIBLE)
    places, names = np.arange(0, classes, step) + 0.5, confusion.classes[::step]
    axis.set_xticks(places, names, rotation=0 if max(map(len, names)) <= 2 else 90)
    axis.set_yticks(places, names, rotation=0)
    axis.set(xlabel="read as", ylabel="label")
    axis.grid(False)
    return drawing


@styled
def confidence(results: Mapping[str, Confidence], title: str, threshold: float | None = None) -> Drawing:
    """Histograms of the probability a network gives its answer; ``results``: dict from name to Confidence.

    ``threshold`` is a probability: what is answered with less is shaded, and its share of all digits written down.

    Raises
    ------
    ValueError
        A probability is not between 0 and 1.
    """
    drawing, axes = figure(3.2, 1, len(results), title, sharey=True, squeeze=False)
    bins = np.linspace(0, 1, 21)
    bins[-1] += 1e-6  # a float32 softmax may round beyond 1
    for axis, (name, result) in zip(axes[0], results.items(), strict=True):
        histogram(axis, result.probability[result.correct], bins, color=BLUE, alpha=0.6, label="right")
        wrong = {"histtype": "step", "linewidth": 2, "color": VERMILION, "label": "wrong"}
        histogram(axis, result.probability[~result.correct], bins, **wrong)
        axis.axvline(result.mean, color=GREY, linestyle="--", linewidth=1.2)
        axis.set(xlabel="probability of its own answer", title=f"{name}: {100 * result.mean:.0f} % sure on average")
        if threshold:
            axis.axvspan(0, threshold, color=GREY, alpha=0.12, linewidth=0)
            shaded = f"{100 * result.share_below(threshold):.0f} % of the digits\nget less than {100 * threshold:.0f} %"
            axis.text(threshold - 0.02, 0.95, shaded, transform=axis.get_xaxis_transform(), ha="right", va="top")
    axes[0, 0].set(ylabel="digits", yscale="log")
    axes[0, 0].legend(loc="upper left")
    return drawing


@styled
def reliability(results: Mapping[str, Calibration], title: str) -> Drawing:
    """How often answers are right, against how sure the network is of them; dashed: where both are the same.

    ``results``: dict from network to Calibration. The size of a mark grows with the digits of its bin.
    """
    drawing, axis = figure(4.2, title=title)
    axis.plot([0, 100], [0, 100], color=GREY, linestyle="--", linewidth=1)
    for look, (name, result) in zip(looks(len(results)), results.items(), strict=True):
        there = result.counts > 0
        sure, right = 100 * result.confidence[there], 100 * result.accuracy[there]
        sizes = 8 + 90 * result.counts[there] / result.counts.max()
        axis.plot(sure, right, look.line, color=look.colour, linewidth=1)
        axis.scatter(sure, right, sizes, color=look.colour, marker=look.marker, label=f"{name}: off by {result}")
    axis.set(xlabel="probability of its own answer [%]", ylabel="answers that are right [%]", xlim=(0, 102))
    axis.legend(loc="lower right", markerscale=0.6, fontsize=9)
    return drawing


@styled
def risk_against_coverage(results: Mapping[str, RiskCoverage], title: str) -> Drawing:
    """Wrong answers among those that are given, against the digits that are refused, both logarithmic.

    ``results``: dict from network to RiskCoverage. A curve ends where no answer is wrong any more.
    """
    drawing, axis = figure(3.8, title=title)
    for look, (name, result) in zip(looks(len(results)), results.items(), strict=True):
        refused, risk = 100 * (1 - result.coverage), 100 * result.risk
        shown = (refused > 0) & (risk > 0)
        axis.plot(refused[shown], risk[shown], look.line, color=look.colour, label=name)
    axis.set(xlabel="digits refused [%]", ylabel="answers that are wrong [%]", xscale="log", yscale="log")
    for scale in (axis.xaxis, axis.yaxis):
        scale.set_major_formatter("{x:g}")
    limit(axis)
    axis.legend()
    return drawing


@styled
def confusions_compared(
    pairs: Sequence[tuple[int, int]],
    counts: Mapping[str, Sequence[int] | np.ndarray],
    title: str,
    classes: Sequence[str] = MNIST.classes,
) -> Drawing:
    """Errors between pairs of labels; ``counts``: dict from network to a count for each pair."""
    drawing, axis = figure(max(3.2, 0.15 * len(pairs) * len(counts) + 0.8), title=title)
    height = 0.8 / len(counts)
    rows = zip(looks(len(counts), first=(ORANGE, BLUE)), counts.items(), strict=True)
    for offset, (look, (name, count)) in enumerate(rows):
        place = np.arange(len(pairs)) + offset * height
        bars = axis.barh(place, count, height, label=name, color=look.colour, hatch=look.hatch)
        axis.bar_label(bars, padding=3, fontsize=9)
    axis.set(xlabel="digits taken for one another", yticks=np.arange(len(pairs)) + 0.4 - height / 2)
    axis.set_yticklabels([f"{classes[one]} and {classes[other]}" for one, other in pairs])
    axis.invert_yaxis()
    axis.grid(axis="y", visible=False)
    axis.legend()
    return drawing


@styled
def gradient_errors(
    errors: Mapping[str, Mapping[str, float]], tolerance: float, title: str, limits: Limits = (1e-12, 8)
) -> Drawing:
    """Relative errors per tensor on a logarithmic scale; ``errors``: dict from network to dict from tensor to error."""
    drawing, axis = figure(3.6, title=title)
    tensors = [*dict.fromkeys(tensor for values in errors.values() for tensor in values)]
    step = min(0.17, 0.8 / len(errors))
    rows = zip(looks(len(errors), first=(BLUE, VERMILION)), errors.items(), strict=True)
    for number, (look, (name, values)) in enumerate(rows):
        place = [tensors.index(tensor) + (number - (len(errors) - 1) / 2) * step for tensor in values]
        axis.plot(place, [*values.values()], look.marker, color=look.colour, markersize=7, label=name)
    axis.axhline(tolerance, color="black", linestyle="--", linewidth=1)
    axis.set(yscale="log", xlabel="tensor", ylabel="relative error of the gradient")
    limit(axis, *limits)
    axis.set_xticks(range(len(tensors)), tensors)
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return drawing
