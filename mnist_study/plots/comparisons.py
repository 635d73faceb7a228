"""Figures of many recipes side by side."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.patheffects import withStroke

from mnist_study.analysis import Effect

from .style import BLUE, GREEN, GREY, VERMILION, Drawing, figure, limit, looks, styled

KINDS = {  # of results in print: colour, marker
    "as printed": (BLUE, "o"),
    "mean of a large sample": (GREEN, "s"),
    "chosen on the test digits": (VERMILION, "X"),
}
VERDICTS = {"helps": (BLUE, "o"), "harms": (VERMILION, "s"), "too small to tell": (GREY, "D")}  # colour, marker


@styled
def effects(found: Mapping[str, Effect], title: str, least: float = 0.1) -> Drawing:
    """Each change with its difference to the baseline and its 95 % interval, the largest gain on top.

    The scale is linear up to ``least`` points either way of zero and logarithmic beyond.
    """
    names = sorted(found, key=lambda name: found[name].comparison.difference)
    drawing, axis = figure(0.21 * len(names) + 1.3, title=title)
    for verdict, (colour, marker) in VERDICTS.items():
        rows = [row for row, name in enumerate(names) if found[name].verdict == verdict]
        points = [found[names[row]].comparison for row in rows]
        means = np.array([100 * point.difference for point in points])
        spans = np.array([[100 * (p.difference - p.low), 100 * (p.high - p.difference)] for p in points]).T
        if rows:
            axis.errorbar(means, rows, xerr=spans, fmt=marker, color=colour, label=verdict, markersize=4, linewidth=1.2)
    axis.axvline(0, color=GREY, linewidth=1)
    axis.set_xscale("symlog", linthresh=least, linscale=1)
    ticks = [tick for tick in (-30, -10, -3, -1, -0.3, -0.1, 0, 0.1, 0.3, 1) if _within(axis.get_xlim(), tick)]
    axis.set_xticks(ticks, [f"{tick:+g}".replace("-", "\N{MINUS SIGN}") if tick else "0" for tick in ticks])
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.set(xlabel="validation accuracy against the baseline [points], 95 % interval", ylim=(-0.7, len(names) - 0.3))
    axis.grid(axis="y", visible=False)
    axis.legend(loc="lower right")
    return drawing


@styled
def accuracy_against_cost(
    recipes: Mapping[str, Mapping[str, tuple[float, float]]],
    title: str,
    cost: str,
    named: Mapping[str, Mapping[str, str]] | None = None,
) -> Drawing:
    """Errors against what a recipe costs, both logarithmic.

    ``recipes``: dict from series to dict from recipe to (cost, accuracy); ``cost`` labels the axis; ``named``: for each
    series, those recipes that are labelled, with their labels.
    """
    drawing, axis = figure(4.2, title=title)
    above: dict[str, Any] = {"xytext": (4, 4)}
    below: dict[str, Any] = {"xytext": (-4, -4), "ha": "right", "va": "top"}
    for at, (look, (series, points)) in enumerate(zip(looks(len(recipes)), recipes.items(), strict=True)):
        costs, accuracies = np.array(list(points.values())).T
        mark: dict[str, Any] = {"marker": look.marker, "color": look.colour, "linestyle": ""}
        axis.plot(costs, 100 * (1 - accuracies), label=series, markersize=5, **mark)
        for recipe, label in (named or {}).get(series, {}).items():
            x, accuracy = points[recipe]
            place = (x, 100 * (1 - accuracy))
            text = axis.annotate(label, place, textcoords="offset points", fontsize=8, **(below if at else above))
            text.set_path_effects([withStroke(linewidth=3, foreground="white")])  # legible over other marks
    axis.set(xlabel=cost, ylabel="validation digits misread [%]", xscale="log", yscale="log")
    axis.margins(y=0.1)
    ticks = [tick for tick in (0.5, 0.7, 1, 2, 3, 5, 10, 20, 50) if _within(axis.get_ylim(), tick)]
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    if axis.get_xlim()[1] < 1000:
        ticks = [tick for tick in (0.5, 1, 2, 5, 10, 20, 50, 100) if _within(axis.get_xlim(), tick)]
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    limit(axis)
    axis.legend()
    return drawing


@styled
def gaps(recipes: Mapping[str, tuple[np.ndarray, np.ndarray]], title: str) -> Drawing:
    """What each recipe reads of the digits that it was trained on, and of others, from top to bottom.

    ``recipes``: dict from name to training and validation accuracy, both ``(seeds,)``, shares of 1, of as many seeds as
    there are; a mark is the mean, a bar goes from the smallest to the largest seed.
    """
    drawing, axis = figure(0.28 * len(recipes) + 1.3, title=title)
    rows = np.arange(len(recipes))
    splits = [[100 * np.asarray(pair[which]) for pair in recipes.values()] for which in (0, 1)]
    train, validation = ([each.mean() for each in split] for split in splits)
    axis.hlines(rows, validation, train, color=GREY, linewidth=1)
    marks = (BLUE, "o", "training"), (VERMILION, "s", "validation")
    for split, means, (colour, marker, label) in zip(splits, (train, validation), marks, strict=True):
        spans = np.array([(mean - each.min(), each.max() - mean) for mean, each in zip(means, split, strict=True)]).T
        look: dict[str, Any] = {"fmt": marker, "color": colour, "label": label}
        axis.errorbar(means, rows, xerr=np.maximum(spans, 0), markersize=5, linewidth=2, **look)
    axis.set_yticks(rows, list(recipes))
    axis.set(xlabel="read right [%]", ylim=(len(recipes) - 0.4, -0.6))
    axis.grid(axis="y", visible=False)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return drawing


@styled
def through_the_years(
    printed: Mapping[str, tuple[int, float, str]], ours: Mapping[str, float], labels: float, title: str
) -> Drawing:
    """Errors in percent against the year they were printed, on a logarithmic axis; ours behind the last.

    ``printed``: dict from name to (year, errors, kind), the kind one of ``KINDS``; ``ours``: dict from network to
    errors; ``labels``: errors that rejected labels alone cost, as a dashed line.
    """
    drawing, axis = figure(4.2, title=title)
    for kind, (colour, marker) in KINDS.items():
        if points := [(year, errors) for year, errors, its in printed.values() if its == kind]:
            axis.plot(*np.array(points).T, marker, color=colour, label=kind)
    last = max(year for year, _, _ in printed.values()) + 4
    axis.plot([last] * len(ours), list(ours.values()), "D", color=GREY, label="ours, mean of all seeds")
    named = {name: (year, errors) for name, (year, errors, _) in printed.items()}
    named |= {name: (last, errors) for name, errors in ours.items()}
    for name, place in named.items():
        above = [other for other in named.values() if _crowds(other, place)]
        axis.annotate(name, place, (5, -10 if above else 3), textcoords="offset points", fontsize=8)
    axis.axhline(labels, color=GREY, linestyle="--", linewidth=1.2)
    axis.set(xlabel="year", ylabel="test digits misread [%]", yscale="log", xlim=(1996.5, last + 4.5))
    years = range(2000, last - 2, 5)
    axis.set_xticks([*years, last], [*map(str, years), "ours"])
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10) if _within(axis.get_ylim(), tick)]
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.legend(loc="upper center")
    return drawing


def _crowds(other: tuple[float, float], place: tuple[float, float]) -> bool:
    """Whether the name of a point, right above it, would run into that of another."""
    (year, errors), (here, own) = other, place
    return here - 2 < year <= here and 1 < errors / own < 1.25


def _within(limits: tuple[float, float], value: float) -> bool:
    return limits[0] <= value <= limits[1]
