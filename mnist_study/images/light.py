"""Light on a photograph: paper that grows darker from one side to the other is still one paper."""

import numpy as np

UNEVEN = 0.03  # of a picture's contrast: how far half of its border may be from the middle value, and count as even
EXPLAINED = 0.35  # of that distance: what a plane may leave of it, to be taken for the light
DARKEST = 0.2  # of the brightest light: below that it is too dark to tell ink from paper
STEPS = 25  # of the fit; later ones change nothing


def border_of(pictures: np.ndarray) -> np.ndarray:
    """The pixels at the edges of pictures ``(N, H, W)``: ``(N, 2 W + 2 H - 4)``."""
    return np.concatenate([pictures[:, 0], pictures[:, -1], pictures[:, 1:-1, 0], pictures[:, 1:-1, -1]], axis=1)


def even_light(pictures: np.ndarray) -> None:
    """Divide pictures by the light on their paper, in place, where their border shows that it is uneven.

    The light is a plane through the border, by least absolute deviations, so that ink on less than half of the border
    does not bend it. It is only believed where it explains most of the border's differences, so that ink that crosses
    the border is not mistaken for it. A shadow with an edge, or a lamp over the middle, is no plane.

    Parameters
    ----------
    pictures : float64 ``(N, H, W)``, grey values from 0 for no light at all; a picture that is even, or has values
        below 0, stays the same to the last bit
    """
    height, width = pictures.shape[1:]
    low, high = pictures.min(axis=(1, 2)), pictures.max(axis=(1, 2))
    lit = np.flatnonzero((low >= 0) & (high > 0))
    if min(height, width) < 3 or not lit.size:
        return
    border = border_of(pictures)[lit] / high[lit, None]
    apart = np.median(np.abs(border - np.median(border, axis=1)[:, None]), axis=1)
    uneven = apart > UNEVEN * (1 - low[lit] / high[lit])
    down, across = np.linspace(-1, 1, height), np.linspace(-1, 1, width)
    fields = (np.broadcast_to(field, (1, height, width)) for field in (1.0, down[:, None], across))
    planes, left = _planes(border[uneven], np.concatenate([border_of(field) for field in fields]).T)
    for picture, plane, explained in zip(lit[uneven], planes, left <= EXPLAINED * apart[uneven], strict=True):
        darkest, brightest = (plane[0] + sign * np.abs(plane[1:]).sum() for sign in (-1, 1))
        if explained and darkest >= DARKEST * brightest:
            light = plane[0] + plane[1] * down[:, None] + plane[2] * across
            pictures[picture] *= darkest / light  # at most 1: what was in a range stays there


def _planes(values, places):
    """Planes ``(N, 3)`` through values ``(N, M)`` at places ``(M, 3)``, and their median distances ``(N,)``.

    Least absolute deviations, by least squares whose weights are one over the distance of the step before.
    """
    weights = np.ones_like(values)
    for _ in range(STEPS):
        weighted = weights[:, :, None] * places
        planes = np.linalg.solve(places.T @ weighted, (values[:, None] @ weighted).transpose(0, 2, 1))[:, :, 0]
        distances = np.abs(values - planes @ places.T)
        weights = 1 / np.maximum(distances, 1e-3)
    return planes, np.median(distances, axis=1)
