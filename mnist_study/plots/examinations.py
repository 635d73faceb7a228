"""How networks stand what is done to their digits."""

from collections.abc import Mapping, Sequence

import numpy as np

from mnist_study.analysis import Accuracy
from mnist_study.images.changes import Change

from .style import Drawing, figure, looks, styled

COLUMNS = 3  # of small figures


@styled
def change_curves(
    found: Mapping[str, Mapping[str, Sequence[Accuracy]]], changes: Mapping[str, Change], title: str
) -> Drawing:
    """Accuracy against how far a property is changed: a small figure for each change, a line for each network.

    ``found``: dict from network to dict from change to its accuracies, by the amounts of ``changes``.
    """
    rows = -(-(len(changes) + 1) // COLUMNS)  # one place is the legend's
    drawing, axes = figure(2.1 * rows + 0.5, rows, COLUMNS, title, squeeze=False, sharey=True)
    places = list(axes.flat)
    for axis, (name, rule) in zip(places, changes.items(), strict=False):
        for look, (network, curves) in zip(looks(len(found)), found.items(), strict=True):
            shares = [100 * each.fraction for each in curves[name]]
            axis.plot(
                rule.amounts, shares, look.line, color=look.colour, marker=look.marker, markersize=3, label=network
            )
        axis.set_title(name, fontsize=10)
        axis.set_xlabel(rule.unit, fontsize=9)
        axis.set_ylim(0, 102)
        axis.tick_params(labelsize=8)
        if rule.amounts[0] > rule.amounts[-1]:
            axis.invert_xaxis()
    for axis in axes[:, 0]:
        axis.set_ylabel("read [%]", fontsize=9)
    for axis in places[len(changes) :]:
        axis.axis("off")
    handles, labels = places[0].get_legend_handles_labels()
    places[len(changes)].legend(handles, labels, loc="upper left", fontsize=9)
    return drawing


@styled
def shares(
    values: Mapping[str, Mapping[str, float]], title: str, label: str, low: float = 0, high: float = 100
) -> Drawing:
    """A table whose cells are as dark as their number is high, each with its number.

    ``values``: dict from row to dict from column to a number, from ``low``, white, to ``high``; ``label`` says of what.
    """
    columns = list(next(iter(values.values())))
    table = np.array([[each[column] for column in columns] for each in values.values()])
    drawing, axis = figure(0.26 * len(values) + 1.6, title=title)
    image = axis.imshow(table, cmap="Blues", vmin=low, vmax=high, aspect="auto")
    axis.grid(False)
    axis.set_xticks(range(len(columns)), columns, rotation=40, ha="right", fontsize=9)
    axis.set_yticks(range(len(values)), list(values), fontsize=9)
    for (row, column), value in np.ndenumerate(table):
        dark = value > low + 0.6 * (high - low)
        axis.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=8, color="white" if dark else "black")
    drawing.colorbar(image, ax=axis, label=label, pad=0.02)
    return drawing
