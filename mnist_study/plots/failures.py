"""Figures of single digits that went wrong: each with its own words, and a map of those that are alike."""

from collections.abc import Sequence

import numpy as np
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from mnist_study.analysis import Clusters

from .style import DIGIT, WIDTH, Drawing, figure, looks, mark, show_digit, styled

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # of clusters


@styled
def captioned_digits(
    images: np.ndarray,
    captions: Sequence[str],
    title: str,
    columns: int = 8,
    marked: np.ndarray | None = None,
) -> Drawing:
    """Digits ``(N, H, W)``, each under its own caption of one line or more.

    Parameters
    ----------
    images, captions : as many of each
    title : of the figure
    columns : in a row
    marked : bool ``(N,)``, which ones are framed and starred, or None for none of them

    Raises
    ------
    ValueError
        There are not as many captions as images, or there are none.
    """
    if not len(images) == len(captions) > 0:
        raise ValueError(f"each digit has a caption, but there are {len(images)} digits and {len(captions)} captions")
    rows = -(-len(images) // columns)
    lines = max(caption.count("\n") for caption in captions) + 1
    high = WIDTH / columns * images.shape[1] / images.shape[2] + 0.19 * lines
    drawing, axes = figure(rows * high + 0.4, rows, columns, title, squeeze=False)
    drawing.flows = True
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    framed = np.zeros(len(images), bool) if marked is None else marked
    for axis, image, caption, frame in zip(axes.flat, images, captions, framed, strict=False):
        show_digit(axis, image, caption)
        axis.title.set_fontsize(9)
        if frame:
            mark(axis)
    return drawing


@styled
def failure_map(
    points: np.ndarray, images: np.ndarray, found: Clusters, title: str, marked: np.ndarray | None = None
) -> Drawing:
    """Digits ``(N, H, W)`` at their places ``(N, 2)``, each with the letter and the colour of its cluster.

    ``marked``: bool ``(N,)``, which letters have a star, or None for none of them.

    Raises
    ------
    ValueError
        There are more clusters than letters.
    """
    if len(found.names) > len(LETTERS):
        raise ValueError(f"a map has letters for {len(LETTERS)} clusters, and here are {len(found.names)}")
    drawing, axis = figure(7.6, title=title)
    shades = looks(len(found.names))
    for number, (name, share, size) in enumerate(zip(found.names, found.shares, found.sizes, strict=True)):
        label = f"{LETTERS[number]}: {name}, {100 * share:.0f} % of {size}"
        axis.scatter([], [], marker="s", color="white", edgecolor=shades[number].colour, linewidth=1.5, label=label)
    starred = np.zeros(len(images), bool) if marked is None else marked
    for point, image, cluster, star in zip(points, images, found.member, starred, strict=True):
        _place(axis, point, image, LETTERS[cluster] + " *" * bool(star), shades[cluster].colour)
    axis.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    axis.set_axis_off()  # places have no units
    axis.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3, fontsize=9, markerscale=1.6)
    return drawing


def _place(axis, point, image, letter, colour):
    """A small digit in a frame of its cluster's colour, the letter at its corner."""
    picture = OffsetImage(image, zoom=0.6, cmap=DIGIT, clim=(0, 255))
    axis.add_artist(AnnotationBbox(picture, point, pad=0.05, bboxprops={"edgecolor": colour, "linewidth": 1.5}))
    tag = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"}
    corner = {"xytext": (6, 4), "textcoords": "offset points", "fontsize": 7, "fontweight": "bold"}
    axis.annotate(letter, point, bbox=tag, zorder=9, **corner)
