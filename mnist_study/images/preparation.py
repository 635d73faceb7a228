"""From any picture of a digit to the image that MNIST would have made of it.

What NIST's digits went through on their way into MNIST (LeCun, Bottou, Bengio, Haffner, Proc. IEEE 86, 1998): the ink's
box scaled so that its longer side has 20 pixels, then moved so that the centre of mass is the middle of 28 x 28 pixels.
"""

import numpy as np
from numpy.typing import ArrayLike

from mnist_study.data import MNIST

from .light import border_of, even_light

SIDE, BOX = MNIST.shape[0], 20  # pixels of the image, and of its ink's longer side
STAGES = ("raw", "cropped", "centred")
APART = "apart"  # of a number: each digit centred by itself
FULL = 253.5  # grey values between paper and ink from which nothing is stretched: MNIST's digits peak at 254 or 255
FAINT = 0.15 * 255  # grey values: what is fainter is the noise of a scan or the blur of a copy, not ink
EDGE = 0.25 * 255  # grey values: where ink begins, to a fraction of a pixel
EXTENT = 20.45  # pixels from edge to edge of a digit whose box has 20 pixels: mean of MNIST's training digits
GAIN = 1.4  # how far levels are stretched after resampling: the middle of a stroke is white in MNIST
TIE = 1e-9  # pixels: a drawing that is symmetric to the last bit goes the same way on every machine, and in the page
LEAST, LARGE = 1e-6, 1e12  # contrast, of the largest value, that is ink at all; grey values that can be computed with
FAINTEST = 1e-300  # contrast, in the picture's own unit, below which nothing can be stretched
AT_A_TIME = 1_000_000  # pixels that are prepared at a time, or one picture: bounds the memory
LARGEST, LONGEST = 1 << 25, 1 << 15  # pixels of one picture, and of its longer side; a photograph has some ten million
MOST = 1_000_000  # pictures
CHANNELS = {2: "[:, :, 0]", 1: "[:, :, 0]", 3: ".mean(axis=2)", 4: "[:, :, :3].mean(axis=2)"}  # what is grey of them


def prepare(picture: ArrayLike, stage: str = "centred") -> np.ndarray:
    """Prepare a picture as MNIST's digits were: find its ink, scale the box to 20 pixels, centre it by its mass.

    The levels first: the colour of the corners and the border is paper, ink is what differs from it, and is stretched
    to 255. Light that falls from one side to the other is evened before, where the border shows it; a shadow's edge
    still looks like ink, and blank paper shows its noise. Ink whose box has 20 pixels already, as in MNIST, is not
    touched but for a shift by whole pixels. Any other is resampled (mean over the area to shrink, linear to enlarge),
    and its levels are stretched, so that a line thinner than a pixel is still a line, and a blurred one as sharp as
    MNIST's.

    Parameters
    ----------
    picture : ``(H, W)`` of grey values, or ``(N, H, W)`` for many; bright ink on dark paper or the other way round,
        in any range; bool, integer or float (from 0 to 1, where none is larger)
    stage : how far to go: "raw" scales the whole picture to 28 x 28, "cropped" scales the ink's box to 20 pixels and
        puts it in the middle, "centred" puts the centre of mass there, as MNIST has it

    Returns
    -------
    uint8 ``(28, 28)`` or ``(N, 28, 28)``, ink bright on dark; all 0 where there is no ink

    Raises
    ------
    ValueError
        It is no picture: other dimensions, no pixel, NaN or infinity, or no numbers; or it has more than 33 million
        pixels, or 32 768 on a side, or there are more than a million.
    """
    check_stage(stage)
    pictures = _check(picture)
    many = pictures[None] if pictures.ndim == 2 else pictures
    images = np.empty((len(many), SIDE, SIDE), np.uint8)
    height, width = many.shape[1:]
    count = max(AT_A_TIME // ((height + BOX) * (width + BOX)), 1)  # a box takes room around the smallest picture
    for start in range(0, len(many), count):
        chunk = slice(start, start + count)
        images[chunk] = _prepare(many[chunk], stage)
    return images[0] if pictures.ndim == 2 else images


def stages(digits: int = 1) -> tuple[str, ...]:
    """The preparations of a picture of so many digits."""
    return STAGES if digits == 1 else (*STAGES, APART)


def check_stage(stage: str, digits: int = 1) -> None:
    """Refuse a preparation that there is not."""
    if stage not in stages(digits):
        raise ValueError(f"stage: {stage!r} is none of {', '.join(stages(digits))}")


def resampling(size: int, target: int) -> np.ndarray:
    """The matrix ``(target, size)``, float64, that resamples a line of ``size`` pixels to ``target``."""
    starts, steps, targets = (np.array([value]) for value in (0, size / target, target))
    return _weights(starts, steps, targets, target, size)[0]


def position(boxes: np.ndarray, stage: str = "centred", digits: int = 1) -> np.ndarray:
    """Put ink that fits into its box, top left, into the middle of the image, by whole pixels.

    Parameters
    ----------
    boxes : float64 ``(N, 20, 20)``, grey values; the box of more digits is 28 pixels wider for each
    stage : "cropped" for the middle of the ink's box, "centred" for its centre of mass
    digits : that stand side by side

    Returns
    -------
    uint8 ``(N, 28, 28 digits)``
    """
    sides, box, starts = image_shape(digits), boxes.shape[1:], []
    for axis, side, length in zip((2, 1), sides, box, strict=True):  # rows, then columns
        profile = boxes.sum(axis=axis)  # (N, length)
        size = length - (profile > 0)[:, ::-1].argmax(axis=1)
        if stage == "centred":
            total = profile.sum(axis=1)
            centre = profile @ np.arange(length) / np.where(total > 0, total, 1)
            start = _round(side / 2 - centre + TIE)
        else:
            start = (side - size) // 2
        starts.append(np.clip(start, 0, side - size).astype(np.intp))
    images = np.zeros((len(boxes), *np.add(sides, box)), np.uint8)  # room for the empty part of a box
    rows, columns = (start[:, None] + np.arange(length) for start, length in zip(starts, box, strict=True))
    images[np.arange(len(boxes))[:, None, None], rows[:, :, None], columns[:, None, :]] = _round(boxes)
    return images[:, : sides[0], : sides[1]]


def image_shape(digits: int = 1) -> tuple[int, int]:
    """Rows and columns of the image of so many digits, in pixels."""
    return SIDE, digits * SIDE


def box_shape(digits: int = 1) -> tuple[int, int]:
    """Rows and columns of the box that the ink of so many digits is scaled to fit, in pixels."""
    return BOX, BOX + (digits - 1) * SIDE


def _prepare(pictures, stage):
    ink = _levels(pictures)
    if stage == "raw":
        return _round(_scale_down(ink)).astype(np.uint8)
    profiles = ink.max(axis=2), ink.max(axis=1)  # the brightest of each row, and of each column
    finished = (_box(profiles, 0.0) == BOX) & (_box(profiles, FAINT) >= BOX - 2)  # else dust is that far apart
    boxes = np.empty((len(ink), BOX, BOX))
    for chosen, fill in ((finished, _cut_out), (~finished, _resample)):
        if chosen.any():
            boxes[chosen] = fill(ink[chosen], *(profile[chosen] for profile in profiles))
    return position(boxes, stage)


def _box(profiles, level):
    """Longer side ``(N,)``, in pixels, of the box around what is brighter than ``level``."""
    return np.maximum(*(_extent(profile > level)[1] for profile in profiles))


def _cut_out(ink, rows, columns):
    """Boxes ``(N, 20, 20)`` of ink that fits, as it is."""
    window = np.arange(BOX)
    rows, columns = (_extent(profile > 0)[0][:, None] + window for profile in (rows, columns))
    padded = np.pad(ink, ((0, 0), (0, BOX), (0, BOX)))
    return padded[np.arange(len(ink))[:, None, None], rows[:, :, None], columns[:, None, :]]


def _resample(ink, rows, columns):
    """Boxes ``(N, 20, 20)`` of ink of any size, without what is faint: scaled alike both ways, edge to edge."""
    edges = [_edges(np.where(profile > FAINT, profile, 0)) for profile in (rows, columns)]
    longer = np.maximum(*(far - near for near, far in edges))
    step = np.where(longer > 0, longer / EXTENT, 1)  # pixels of the picture per pixel of the box
    weights = []
    for (near, far), length in zip(edges, ink.shape[1:], strict=True):
        targets = np.clip(_round((far - near) / step + BOX - EXTENT), 1, BOX)
        weights.append(_weights((near + far - targets * step) / 2, step, targets, BOX, length))
    ink *= ink > FAINT
    boxes = weights[0] @ ink @ weights[1].transpose(0, 2, 1)
    peaks = boxes.max(axis=(1, 2))
    return np.minimum(boxes * (GAIN * 255 / np.where(peaks > 0, peaks, 1))[:, None, None], 255)


def _edges(profiles):
    """Where each line of grey values ``(N, L)`` first rises above EDGE and last falls below it, from 0 to L."""
    padded = np.pad(profiles, ((0, 0), (1, 1)))
    inside, which = padded >= EDGE, np.arange(len(padded))

    def crossing(outer, inner):
        low, high = padded[which, outer], padded[which, inner]
        return np.clip((EDGE - low) / np.where(high > low, high - low, 1), 0, 1)

    first, last = inside.argmax(axis=1), padded.shape[1] - 1 - inside[:, ::-1].argmax(axis=1)
    inked = inside.any(axis=1)
    first, last = np.where(inked, first, 1), np.where(inked, last, 1)
    return first - 1.5 + crossing(first - 1, first), last + 0.5 - crossing(last + 1, last)


def _levels(pictures):
    """Grey values from 0, paper, to 255, ink: float64 ``(N, H, W)``."""
    values = pictures.astype(np.float64)
    even_light(values)
    low, high = values.min(axis=(1, 2)), values.max(axis=(1, 2))
    size = np.maximum(np.abs(low), np.abs(high))
    unit = (low >= 0) & (high <= 1) & (pictures.dtype.kind in "bf")
    scale = np.where(unit, 255, np.where(size > LARGE, LARGE / np.maximum(size, 1), 1))
    scale = np.where(
        high / 2 - low / 2 > np.maximum(LEAST * size, FAINTEST), scale, 0
    )  # what differs less is rounding, not ink
    border = border_of(values) * scale[:, None]
    corners = values[:, [0, 0, -1, -1], [0, -1, 0, -1]] * scale[:, None]
    low, high = low * scale, high * scale
    bright = (border.mean(axis=1) + corners.mean(axis=1)) / 2 > (low + high) / 2  # the paper is
    sign = np.where(bright, -1.0, 1.0)
    border = np.sort(border * sign[:, None], axis=1)
    paper = border[:, border.shape[1] // 4]  # up to three quarters of the border may be ink
    peak = np.where(bright, -low, high) - paper
    gain = np.where((peak > 0) & ((peak < FULL) | (peak > 255)), 255 / np.where(peak > 0, peak, 1), 1)
    values *= (scale * sign)[:, None, None]
    values -= paper[:, None, None]
    np.maximum(values, 0, out=values)
    if (gain != 1).any():
        values *= gain[:, None, None]
    return values


def _scale_down(ink):
    """The whole picture in 28 x 28 pixels, in the middle if it is not square."""
    height, width = ink.shape[1:]
    longer = max(height, width)
    weights = []
    for size in (height, width):
        target = int(max(_round(size * SIDE / longer), 1))
        weights.append(np.zeros((SIDE, size)))
        weights[-1][(SIDE - target) // 2 :][:target] = resampling(size, target)
    return weights[0] @ ink @ weights[1].T


def _extent(inked):
    """First entry of each row of bool ``(N, L)`` that is true, and how many there are up to the last; 0, 0 if none."""
    first = inked.argmax(axis=1)
    return first, np.where(inked.any(axis=1), inked.shape[1] - first - inked[:, ::-1].argmax(axis=1), 0)


def _weights(starts, steps, targets, rows, length):
    """How much each pixel of a line weighs in each pixel that it is resampled to.

    Parameters
    ----------
    starts, steps : ``(N,)``; where on the line the result begins, and how much of it each of its pixels covers; as
        many pixels as whole steps of 1 stay what they are
    targets : ``(N,)``, how many pixels the result has
    rows : pixels of the result; those behind ``targets`` stay empty
    length : pixels of the line; outside there is paper

    Returns
    -------
    float64 ``(N, rows, length)``
    """
    starts, steps, targets = (values[:, None, None] for values in (starts, steps, targets))
    pixel, near = np.arange(rows)[:, None], np.arange(length) - starts  # of the result; each pixel's edge on the line
    overlap = np.minimum((pixel + 1) * steps, near + 1) - np.maximum(pixel * steps, near)
    area = np.clip(overlap, 0, None) / np.maximum(steps, 1)
    linear = np.clip(1 - np.abs((pixel + 0.5) * steps - 0.5 - near), 0, None)
    return np.where(pixel < targets, np.where(steps >= 1, area, linear), 0)


def _round(values):
    """To the nearest whole number, halves upwards, in every language alike."""
    return np.floor(np.asarray(values) + 0.5)


def _check(picture):
    values = _as_array(picture)
    if values.dtype.kind not in "buif":
        raise ValueError(f"a picture is an array of grey values, not of {values.dtype.name}")
    if values.ndim not in (2, 3):
        raise ValueError(f"a picture is (H, W), many are (N, H, W); this one is {values.shape}")
    if values.ndim == 3 and values.shape[2] in CHANNELS and values.shape[1] > max(CHANNELS):
        grey = f"picture{CHANNELS[values.shape[2]]}"
        raise ValueError(f"a picture is grey; {values.shape} has channels: make one of them first, {grey}")
    if 0 in values.shape[-2:]:
        raise ValueError(f"a picture has pixels; this one is {values.shape}")
    if max(values.shape[-2:]) > LONGEST or values.shape[-2] * values.shape[-1] > LARGEST:
        raise ValueError(f"a picture has at most {LARGEST:,} pixels, and {LONGEST:,} on a side: scale it down first")
    if values.ndim == 3 and len(values) > MOST:
        raise ValueError(f"{len(values):,} pictures are more than {MOST:,}: prepare them in parts")
    if values.dtype.kind == "f" and not _all_finite(values):
        raise ValueError("a picture is made of finite grey values; this one holds NaN or infinity")
    return values


def _as_array(picture):
    """What NumPy makes of a picture; a PIL image of several channels, or of colours by number, is none."""
    if hasattr(picture, "getbands") and (len(picture.getbands()) > 1 or picture.mode == "P"):
        raise ValueError(f"a picture is grey; this image is {picture.mode}: make one channel first, .convert('L')")
    try:
        return np.asarray(picture)
    except ValueError:
        raise ValueError("a picture is an array (H, W) of grey values; its rows are of different lengths") from None
    except (TypeError, RuntimeError):  # PyTorch's, of a tensor that NumPy cannot share
        remedy = "of a tensor, give .detach().cpu().to_dense().float()"
        raise ValueError(
            f"a picture is an array (H, W) of grey values, not this {type(picture).__name__}; {remedy}"
        ) from None


def _all_finite(values):
    """Whether all of them are, as float64 too; without an array as large as they."""
    with np.errstate(over="ignore", invalid="ignore"):
        extremes = np.array([values.min(initial=0), values.max(initial=0)]).astype(np.float64)
    return np.isfinite(extremes).all()
