"""Training digits changed as another hand might have written them: one function for every engine."""

import numpy as np

from mnist_study.data import apart, together

from .checks import check_grey
from .dirt import soil
from .preparation import prepare, resampling
from .warping import neighbourhood, sample, smooth_field

COARSE = (11, 13, 15, 17, 20, 23)  # pixels across an image that a coarse scan leaves


def augment(
    images: np.ndarray,
    rng: np.random.Generator,
    *,
    shift: float = 0.0,
    rotation: float = 0.0,
    scale: float = 0.0,
    stretch: float = 0.0,
    shear: float = 0.0,
    elastic: float = 0.0,
    stroke: float = 0.0,
    coarse: float = 0.0,
    prepared: bool = False,
    dirt: float = 0.0,
    share: float = 1.0,
    parts: int = 1,
) -> np.ndarray:
    """Change the images of a batch at random, each in its own way; paper comes in from outside.

    Parameters
    ----------
    images : uint8 ``(N, H, W)``, ink bright on dark
    rng : numpy Generator
    shift : pixels at most, along each axis
    rotation : degrees at most, either way
    scale : 0.1 makes a digit up to 10 % larger, or smaller by the same factor
    stretch : 0.5 makes the height up to 1.5 times smaller, or the width
    shear : how far a row moves against the next at most, in pixels
    elastic : root mean square of a smooth random displacement, in pixels (Simard, Steinkraus, Platt, ICDAR 2003)
    stroke : pixels by which a stroke's edge moves outwards or inwards at most, 0 to 1
    coarse : share of the images that pass through a coarse scan, of 11 to 23 pixels across, half of those in black
        and white
    prepared : crop, scale and centre each changed digit as a drawing on the pad is (which gives 28 x 28 pixels); shift
        and scale come after that
    dirt : share of the images that become dirty last of all: bad light, noise, lines, blots (see ``soil``)
    share : of the images, how many are changed at all, 0 to 1
    parts : equal shares of the width, each of which is changed as an image by itself

    Returns
    -------
    uint8 ``(N, H, W)``

    Raises
    ------
    ValueError
        These are no grey values.
    """
    check_grey(images)
    images = apart(images, parts)
    chosen = np.flatnonzero(rng.random(len(images)) < share) if share < 1 else slice(None)
    changed = images[chosen]
    if stroke:
        changed = change_strokes(changed, rng.uniform(-stroke, stroke, len(changed)))
    motion, deformation = (shift, scale), (rotation, stretch, shear, elastic)
    if prepared:
        if any(deformation):
            changed = sample(changed, *_origins(changed.shape, rng, 0, 0, *deformation))
        changed = prepare(_coarsen(changed, rng, coarse))
        deformation = (0, 0, 0, 0)
    if any(motion) or any(deformation):
        changed = sample(changed, *_origins(changed.shape, rng, *motion, *deformation))
    if not prepared:
        changed = _coarsen(changed, rng, coarse)
    if dirt:
        changed = soil(changed, rng, dirt)
    if share == 1:
        return together(changed, parts)
    images = images.copy()
    images[chosen] = changed
    return together(images, parts)


def _origins(shape, rng, shift, scale, rotation, stretch, shear, elastic):
    """Where each pixel of the result comes from: rows and columns, each float32 ``(N, H, W)``."""
    count, height, width = shape

    def amounts(most):
        return rng.uniform(-most, most, (count, 1, 1)).astype(np.float32)

    angle, lean = np.radians(amounts(rotation)), amounts(shear)
    zoom = np.exp(amounts(np.log1p(scale)))
    down, right = amounts(shift), amounts(shift)
    # positions relative to the middle, turned, sheared, scaled, moved
    row = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    column = np.arange(width, dtype=np.float32) - (width - 1) / 2
    if stretch:
        shorter = np.exp(amounts(np.log1p(stretch)))
        row, column = row * np.maximum(shorter, 1), column / np.minimum(shorter, 1)
    cosine, sine = np.cos(angle) / zoom, np.sin(angle) / zoom
    rows = cosine * row + sine * column + ((height - 1) / 2 + down)
    columns = (cosine * lean - sine) * row + (cosine + sine * lean) * column + ((width - 1) / 2 + right)
    if elastic:
        rows += elastic * smooth_field(rng, count, height, width)
        columns += elastic * smooth_field(rng, count, height, width)
    return rows, columns


def _coarsen(images, rng, share):
    """Scan a share of the images again, with fewer pixels, and bring them back to their size."""
    if not share:
        return images
    scanned = rng.random(len(images)) < share
    pixels, binary = rng.choice(COARSE, len(images)), rng.random(len(images)) < 0.5
    images = images.copy()
    for across in COARSE:
        chosen = np.flatnonzero(scanned & (pixels == across))
        down = [resampling(side, across) for side in images.shape[1:]]
        up = [resampling(across, side) for side in images.shape[1:]]
        scans = down[0] @ images[chosen].astype(np.float32) @ down[1].T
        black = scans > 0.4 * scans.max(axis=(1, 2), keepdims=True)
        scans = np.where(binary[chosen, None, None], 255 * black, scans)
        images[chosen] = np.rint(up[0] @ scans @ up[1].T)
    return images


def change_strokes(images: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Mix each image with its neighbourhood's brightest (amount > 0) or darkest (amount < 0) values."""
    cross = neighbourhood(images)
    thicker = (amounts > 0)[:, None, None]
    extreme = np.where(thicker, np.maximum.reduce(cross), np.minimum.reduce(cross))
    share = np.abs(amounts)[:, None, None].astype(np.float32)
    return np.rint(images + share * (extreme - images.astype(np.float32))).astype(np.uint8)
