"""Figures of the digits themselves: samples, averages, where the ink sits, neighbours, mistakes, weights.

A title is given by the chapter that asserts what it says.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from mnist_study.data import MNIST, Digits, InkGeometry, Task

from .style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    SIGNED,
    WIDTH,
    Drawing,
    edges_around,
    figure,
    histogram,
    looks,
    mark,
    show_digit,
    styled,
)

LETTER = 0.08  # inches, of a row's name


@styled
def samples(digits: Digits, title: str, columns: int = 15) -> Drawing:
    """The first ``columns`` digits of each class that occurs, a row a class."""
    classes = np.unique(digits.labels)
    height, width = digits.images.shape[1:]
    drawing, axes = figure(
        WIDTH * len(classes) / columns * height / width + 0.4, len(classes), columns, title, squeeze=False
    )
    for label, row in zip(classes, axes, strict=True):
        images = digits.images[digits.labels == label][:columns]
        for axis, image in zip(row, images, strict=False):
            show_digit(axis, image)
        for axis in row[len(images) :]:
            axis.set_axis_off()
    return drawing


@styled
def image_grid(
    images: np.ndarray,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    title: str | None = None,
) -> Drawing:
    """Images ``(R, C, H, W)`` in rows and columns; ``rows`` and ``columns`` name them, in one or more lines."""
    count_rows, count_columns, height, width = images.shape
    lines = max((name.count("\n") + 1 for name in columns or [""]), default=0)
    longest = max((len(line) for name in rows or [] for line in name.split("\n")), default=0)
    cell, beside = WIDTH / count_columns, {}
    if longest * LETTER > cell * height / width:  # a name along its row would run into the next
        cell = (WIDTH - longest * LETTER) / count_columns
        beside = {"rotation": 0, "ha": "right", "va": "center"}
    high = count_rows * cell * height / width + 0.2 * lines + 0.6
    drawing, axes = figure(high, count_rows, count_columns, title, squeeze=False)
    drawing.flows = rows is None and (columns is None or count_rows == 1)
    for row, axis_row in enumerate(axes):
        for column, axis in enumerate(axis_row):
            name = columns[column] if columns and row == 0 else None
            show_digit(axis, images[row, column], name)
            axis.spines[:].set(visible=True, color=GREY, linewidth=0.6)
        if rows:
            axis_row[0].set_ylabel(rows[row], fontsize=10, **beside)
    return drawing


@styled
def label_counts(counts: Mapping[str, np.ndarray], title: str, classes: Sequence[str] | None = None) -> Drawing:
    """How the classes are spread over each split, as shares of the split; dashed: all of one size.

    Parameters
    ----------
    counts : dict from split to int ``(classes,)``
    classes : their names; 0, 1, … where there are none
    """
    shares = {split: 100 * count / max(count.sum(), 1) for split, count in counts.items()}
    names = [*range(len(next(iter(counts.values()))))] if classes is None else classes
    even = 100 / len(names)
    drawing, axis = figure(3.2, title=title)
    width = 0.8 / len(counts)
    for offset, (look, (split, share)) in enumerate(
        zip(looks(len(counts), first=(BLUE, ORANGE, GREEN)), shares.items(), strict=True)
    ):
        place = np.arange(len(names)) + (offset - (len(counts) - 1) / 2) * width
        label = f"{split} ({counts[split].sum():,})".replace(",", " ")
        axis.bar(place, share, width, label=label, color=look.colour, hatch=look.hatch)
    axis.axhline(even, color=GREY, linestyle="--", linewidth=1)
    highest = max(share.max() for share in shares.values())
    axis.set(xlabel="digit", ylabel="share of the split [%]", ylim=(0, max(1.4 * even, 1.2 * highest)))
    step = -(-len(names) // 25)  # so many names stand beside one another
    axis.set_xticks(range(0, len(names), step), names[::step])
    axis.legend(ncols=3, loc="upper center")
    axis.grid(axis="x", visible=False)
    return drawing


@styled
def pixel_values(images: np.ndarray, title: str) -> Drawing:
    """How often each grey value occurs in uint8 ``(N, H, W)``, on a logarithmic scale."""
    drawing, axis = figure(2.8, title=title)
    share = 100 * np.bincount(images.ravel(), minlength=256) / images.size
    axis.bar(np.arange(256), share, width=1.0, color=BLUE)
    axis.set(xlabel="grey value (0 paper, 255 ink)", ylabel="share of pixels [%]", yscale="log", xlim=(-2, 257))
    return drawing


@styled
def means_and_spreads(
    means: np.ndarray, spreads: np.ndarray, title: str, classes: Sequence[str] | None = None, columns: int = 10
) -> Drawing:
    """Mean image and standard deviation of each pixel, both ``(classes, H, W)``, in grey values."""
    names = [*range(len(means))] if classes is None else classes
    columns = min(columns, len(means))
    blocks = -(-len(means) // columns)  # of two rows each
    drawing, axes = figure(2.2 * blocks, 2 * blocks, columns, title, squeeze=False)
    upper, lower = axes[0::2], axes[1::2]
    for axis in axes.flat:
        axis.set_axis_off()
    places = zip(upper.flat, lower.flat, strict=True)
    for (above, below), name, mean, spread in zip(places, names, means, spreads, strict=False):
        above.set_axis_on()
        below.set_axis_on()
        shown = show_digit(above, mean, name)
        varies = show_digit(below, spread, vmax=spreads.max(), cmap="magma_r")
    for above, below in zip(upper[:, 0], lower[:, 0], strict=True):
        above.set_ylabel("mean", fontsize=10)
        below.set_ylabel("spread", fontsize=10)
    drawing.colorbar(shown, ax=upper, label="grey value", shrink=0.9)
    drawing.colorbar(varies, ax=lower, label="grey value", shrink=0.9)
    return drawing


@styled
def ink_geometry(geometry: InkGeometry, title: str, task: Task = MNIST) -> Drawing:
    """Centre of mass, ink box and ink mass of many digits, as three histograms; every digit is in each of them.

    Raises
    ------
    ValueError
        A measure is no number.
    """
    drawing, (centre, box, mass) = figure(3.2, 1, 3, title)
    low, high = min(task.shape) / 2 - 3, max(task.shape) / 2 + 3  # around the middle
    bins = edges_around(low, high, 0.1, geometry.centre_row, geometry.centre_column)
    histogram(centre, geometry.centre_row, bins, color=BLUE, alpha=0.6, label="row")
    look = {"histtype": "step", "linewidth": 1.5, "color": ORANGE}
    histogram(centre, geometry.centre_column, bins, label="column", **look)
    centre.set(title="centre of mass", xlabel=f"pixel index (0 to {max(task.shape) - 1})", ylabel="digits")
    centre.margins(y=0.4)  # room for the legend
    centre.legend(loc="upper right")
    longer, shorter = (choose(geometry.height, geometry.width) for choose in (np.maximum, np.minimum))
    bins = edges_around(0.5, max(task.shape) + 0.5, 1, longer)
    histogram(box, longer, bins, color=BLUE, alpha=0.6, label="longer side")
    histogram(box, shorter, bins, label="shorter", **look)
    box.set(title="box around the ink", xlabel="pixels")
    box.legend(loc="upper left", fontsize=9)
    histogram(mass, geometry.mass, np.histogram_bin_edges(geometry.mass, 60), color=BLUE, alpha=0.6)
    mass.set(title="amount of ink", xlabel="fully black pixels")
    return drawing


@styled
def neighbours(queries: np.ndarray, answers: np.ndarray, distances: np.ndarray, title: str) -> Drawing:
    """Pairs of images ``(K, H, W)``, one above the other, with their distance."""
    drawing, axes = figure(2.4, 2, len(queries), title, squeeze=False)
    for (upper, lower), query, answer, distance in zip(axes.T, queries, answers, distances, strict=True):
        show_digit(upper, query, f"{distance:.0f}")
        show_digit(lower, answer)
    axes[0, 0].set_ylabel("test", fontsize=10)
    axes[1, 0].set_ylabel("training", fontsize=10)
    return drawing


@styled
def confused_digits(
    digits: Digits,
    predictions: np.ndarray,
    pairs: Sequence[tuple[int, int]],
    title: str,
    columns: int = 12,
    classes: Sequence[str] = MNIST.classes,
    marked: np.ndarray | None = None,
) -> Drawing:
    """Digits of two classes that were taken for one another, a row for each pair.

    Parameters
    ----------
    digits : Digits
    predictions : int ``(N,)``
    pairs : of labels, ``(one, other)``
    columns : so many are shown, the first ones; how many there are stands before the row
    classes : their names
    marked : bool ``(N,)``, digits that are framed and starred, or None for none of them

    Raises
    ------
    ValueError
        There is no pair.
    """
    if len(pairs) == 0:
        raise ValueError("a figure of confused digits needs at least one pair of classes")
    drawing, axes = figure(0.82 * len(pairs) + 0.5, len(pairs), columns, title, squeeze=False)
    labels = digits.labels
    for row, (one, other) in zip(axes, pairs, strict=True):
        either = ((labels == one) & (predictions == other)) | ((labels == other) & (predictions == one))
        found = np.flatnonzero(either)
        for axis in row[len(found) :]:
            axis.set_axis_off()
        for axis, index in zip(row, found, strict=False):
            show_digit(axis, digits.images[index], f"{classes[labels[index]]} → {classes[predictions[index]]}")
            if marked is not None and marked[index]:
                mark(axis)
        if len(found):
            row[0].set_ylabel(f"{min(columns, len(found))} of {len(found)}", fontsize=9)
        else:
            row[0].text(0, 0.5, f"no {classes[one]} and {classes[other]} was taken for the other", va="center")
    return drawing


@styled
def class_weights(weights: np.ndarray, title: str, task: Task = MNIST) -> Drawing:
    """Weights ``(pixels, classes)`` as an image a class, all on one scale that is symmetric about 0.

    Raises
    ------
    ValueError
        They are not those of the task's pixels and classes.
    """
    if weights.shape != (task.pixels, len(task.classes)):
        wanted = f"{task.pixels} pixels and {len(task.classes)} classes"
        raise ValueError(f"weights of task {task.name!r} are those of {wanted}; these are {weights.shape}")
    columns = 5 if len(task.classes) <= 10 else 10
    rows = -(-len(task.classes) // columns)
    high, wide = task.shape
    drawing, axes = figure(rows * 9.75 / columns * high / wide, rows, columns, title, squeeze=False)
    largest = np.abs(weights).max() or 1
    for axis in axes.flat[len(task.classes) :]:
        axis.set_axis_off()
    for axis, name, values in zip(axes.flat, task.classes, weights.T, strict=False):
        shown = show_digit(axis, values.reshape(task.shape), name, SIGNED, vmin=-largest, vmax=largest)
    drawing.colorbar(shown, ax=axes, shrink=0.8, label="weight: red against, blue for the class")
    return drawing
