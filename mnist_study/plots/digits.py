"""Figures of the digits themselves: samples, averages, where the ink sits, neighbours, mistakes, weights."""

import numpy as np

from .style import BLUE, GREEN, GREY, ORANGE, SIGNED, WIDTH, figure, show_digit, styled


@styled
def samples(digits, columns=15, title="Ten rows of MNIST: the same ten signs by many hands"):
    """The first ``columns`` digits of each class, a row a class."""
    drawing, axes = figure(WIDTH * 10 / columns + 0.4, 10, columns, title)
    for label, row in enumerate(axes):
        for axis, image in zip(row, digits.images[digits.labels == label][:columns], strict=True):
            show_digit(axis, image)
    return drawing


@styled
def image_grid(images, rows=None, columns=None, title=None):
    """Images ``(R, C, H, W)`` in rows and columns; ``rows`` and ``columns`` name them, in one or more lines."""
    count_rows, count_columns = images.shape[:2]
    lines = max((name.count("\n") + 1 for name in columns or [""]), default=0)
    height = count_rows * WIDTH / count_columns + 0.2 * lines + 0.6
    drawing, axes = figure(height, count_rows, count_columns, title, squeeze=False)
    for row, axis_row in enumerate(axes):
        for column, axis in enumerate(axis_row):
            name = columns[column] if columns and row == 0 else None
            show_digit(axis, images[row, column], name)
            axis.spines[:].set(visible=True, color=GREY, linewidth=0.6)
        if rows:
            axis_row[0].set_ylabel(rows[row], fontsize=10)
    return drawing


@styled
def label_counts(counts, title="No class is rare: each digit has 9 to 11 % of every split"):
    """``counts``: dict from split to int ``(10,)``; bars are shares of the split."""
    drawing, axis = figure(3.2, title=title)
    width = 0.8 / len(counts)
    for offset, (split, count) in enumerate(counts.items()):
        axis.bar(
            np.arange(10) + (offset - (len(counts) - 1) / 2) * width,
            100 * count / count.sum(),
            width,
            label=f"{split} ({count.sum():,})".replace(",", " "),
            color=(BLUE, ORANGE, GREEN)[offset],
        )
    axis.axhline(10, color=GREY, linestyle="--", linewidth=1)
    axis.set(xlabel="digit", ylabel="share of the split [%]", xticks=range(10), ylim=(0, 14))
    axis.legend(ncols=3, loc="upper center")
    axis.grid(axis="x", visible=False)
    return drawing


@styled
def pixel_values(images, title="Mostly paper; of the rest, more grey edge than full ink"):
    """How often each grey value occurs, on a logarithmic scale."""
    drawing, axis = figure(2.8, title=title)
    share = 100 * np.bincount(images.ravel(), minlength=256) / images.size
    axis.bar(np.arange(256), share, width=1.0, color=BLUE)
    axis.set(xlabel="grey value (0 paper, 255 ink)", ylabel="share of pixels [%]", yscale="log", xlim=(-2, 257))
    return drawing


@styled
def means_and_spreads(means, spreads, title="Each class on average, and where its writers disagree"):
    """Mean image and standard deviation of each pixel, both ``(10, H, W)``."""
    drawing, axes = figure(2.2, 2, 10, title)
    for label in range(10):
        show_digit(axes[0, label], means[label], f"{label}")
        show_digit(axes[1, label], spreads[label], vmax=spreads.max(), cmap="magma_r")
    axes[0, 0].set_ylabel("mean", fontsize=10)
    axes[1, 0].set_ylabel("spread", fontsize=10)
    return drawing


@styled
def ink_geometry(geometry, title="Centred, and all of one size: MNIST was tidied beforehand"):
    """Centre of mass, ink box and ink mass of many digits, as three histograms."""
    drawing, (centre, box, mass) = figure(3.2, 1, 3, title)
    bins = np.linspace(11, 17, 61)
    centre.hist(geometry.centre_row, bins, color=BLUE, alpha=0.6, label="row")
    centre.hist(geometry.centre_column, bins, histtype="step", linewidth=1.5, color=ORANGE, label="column")
    centre.set(title="centre of mass", xlabel="pixel index (0 to 27)", ylabel="digits")
    centre.legend(loc="upper right")
    centre.set_ylim(0, 7000)
    bins = np.arange(0.5, 29)
    box.hist(np.maximum(geometry.height, geometry.width), bins, color=BLUE, alpha=0.6, label="longer side")
    box.hist(
        np.minimum(geometry.height, geometry.width), bins, histtype="step", linewidth=1.5, color=ORANGE, label="shorter"
    )
    box.set(title="box around the ink", xlabel="pixels")
    box.legend(loc="upper left", fontsize=9)
    mass.hist(geometry.mass, 60, color=BLUE, alpha=0.6)
    mass.set(title="amount of ink", xlabel="fully black pixels")
    return drawing


@styled
def neighbours(
    queries, answers, distances, title="The closest pairs: not one test digit is a copy of a training digit"
):
    """Pairs of images ``(K, H, W)``, one above the other, with their distance."""
    drawing, axes = figure(2.4, 2, len(queries), title)
    for (upper, lower), query, answer, distance in zip(axes.T, queries, answers, distances, strict=True):
        show_digit(upper, query, f"{distance:.0f}")
        show_digit(lower, answer)
    axes[0, 0].set_ylabel("test", fontsize=10)
    axes[1, 0].set_ylabel("training", fontsize=10)
    return drawing


@styled
def confused_digits(digits, predictions, pairs, columns=12, title="Real digits, and what they were taken for"):
    """A row for each pair of classes ``(one, other)``: digits of either that were taken for the other."""
    drawing, axes = figure(0.82 * len(pairs) + 0.5, len(pairs), columns, title, squeeze=False)
    for row, (one, other) in zip(axes, pairs, strict=True):
        labels = digits.labels
        found = np.flatnonzero(((labels == one) & (predictions == other)) | ((labels == other) & (predictions == one)))[
            :columns
        ]
        for axis in row:
            axis.set_axis_off()
        for axis, index in zip(row, found, strict=False):
            axis.set_axis_on()
            show_digit(axis, digits.images[index], f"{labels[index]} → {predictions[index]}")
    return drawing


@styled
def class_weights(weights, title="What the linear network looks for: one template a class"):
    """Weights ``(784, 10)`` as ten images, all on one scale that is symmetric about 0."""
    drawing, axes = figure(3.9, 2, 5, title)
    limit = np.abs(weights).max()
    for label, axis in enumerate(axes.flat):
        shown = show_digit(axis, weights[:, label].reshape(28, 28), label, SIGNED, vmin=-limit, vmax=limit)
    drawing.colorbar(shown, ax=axes, shrink=0.8, label="weight: red against, blue for the class")
    return drawing
