"""Maps of where a network looks: how much each pixel of an image has to do with the answer, by five methods.

Each takes a network, images uint8 or float ``(N, H, W)`` and a class for each, int ``(N,)``, and returns a map for each
image, float ``(N, H, W)``. All explain the same number, the class's *score*.
"""

from collections.abc import Callable, Mapping

import numpy as np
from scipy.ndimage import zoom

from mnist_study.models import BaseNetwork, Classifier

PATCH, STRIDE = 5, 2  # pixels: what occlusion covers at a time, and how far apart
STEPS = 24  # of the way from paper to the digit, in integrated gradients


def class_score(model: Classifier, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """How much speaks for a class: its logit above the mean of all logits, float64 ``(N,)``.

    A number added to all logits changes no probability, so it does not change the score either.
    """
    logits = model.logits(images).astype(np.float64)
    return (logits * _above_mean(classes, logits.shape[1])).sum(axis=1)


def score_gradient(model: BaseNetwork, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """By how much the score rises for each grey value of more ink; source: Simonyan et al., ICLR workshop 2014."""
    return model.logit_gradient(images, _weights(model, images, classes))


def integrated_gradients(
    model: BaseNetwork, images: np.ndarray, classes: np.ndarray, steps: int = STEPS, baseline: float = 0.0
) -> np.ndarray:
    """The score's way from a blank image to the digit, shared out among the pixels.

    Pixel by pixel, (image - blank) times the mean gradient on the straight way between them, by the midpoint rule. The
    map sums to score(image) - score(blank), but for the rule's error: Sundararajan, Taly and Yan, ICML 2017.

    Parameters
    ----------
    steps : how many gradients the mean is taken over
    baseline : grey value of the blank image; 0 is paper

    Raises
    ------
    ValueError
        There is no step.
    """
    if steps < 1:
        raise ValueError(f"steps: {steps}, but a mean needs one at least")
    difference = np.asarray(images, np.float32) - baseline
    weights = _weights(model, images, classes)
    shares = (np.arange(steps) + 0.5) / steps
    gradients = (model.logit_gradient(baseline + share * difference, weights) for share in shares.astype(np.float32))
    return difference * sum(gradients) / steps


def occlusion(
    model: Classifier, images: np.ndarray, classes: np.ndarray, patch: int = PATCH, stride: int = STRIDE
) -> np.ndarray:
    """How much the score falls when a square of paper covers a pixel, on average over the squares that cover it.

    Parameters
    ----------
    patch, stride : pixels, side of the square and how far it moves; the last row and column of squares ends at the edge

    Source: Zeiler and Fergus, ECCV 2014.

    Raises
    ------
    ValueError
        The squares would leave pixels uncovered, or be larger than the image.
    """
    whole = class_score(model, images, classes)
    falls, covered = np.zeros(np.shape(images)), np.zeros(np.shape(images)[1:])
    for rows, columns in squares(covered.shape, patch, stride):
        hidden = np.array(images)
        hidden[:, rows, columns] = 0
        falls[:, rows, columns] += (whole - class_score(model, hidden, classes))[:, None, None]
        covered[rows, columns] += 1
    return falls / covered


def squares(shape: tuple[int, ...], patch: int = PATCH, stride: int = STRIDE) -> list[tuple[slice, slice]]:
    """Where occlusion lays its squares: slices of rows and of columns, in reading order; errors as there."""
    if not 1 <= stride <= patch <= min(shape):
        raise ValueError(
            f"a stride of {stride} and squares of {patch} do not cover {shape}: 1 <= stride <= patch <= side"
        )
    starts = [sorted({*range(0, side - patch, stride), side - patch}) for side in shape]
    return [(slice(row, row + patch), slice(column, column + patch)) for row in starts[0] for column in starts[1]]


def grad_cam(model: BaseNetwork, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The last maps of a convolutional network, each as important as the score's mean gradient by it, summed; no less
    than 0, and enlarged to the image's size.

    Source: Selvaraju et al., ICCV 2017.

    Raises
    ------
    ValueError
        The network has no maps, or is none of PyTorch.
    """
    maps, by_place = model.last_maps(images, _weights(model, images, classes))
    summed = np.maximum((maps * by_place.mean(axis=(2, 3), keepdims=True)).sum(axis=1), 0)
    enlarge = np.array(np.shape(images)[1:]) / summed.shape[1:]
    return zoom(summed, (1, *enlarge), order=1, mode="nearest", grid_mode=True)


SALIENCY: Mapping[str, Callable[..., np.ndarray]] = {
    "gradient": score_gradient,
    "integrated gradients": integrated_gradients,
    "occlusion": occlusion,
    "Grad-CAM": grad_cam,
}


def deletion(model: Classifier, images: np.ndarray, maps: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Answers after the pixels that a map calls the most important have been made paper.

    Parameters
    ----------
    images : uint8 ``(N, H, W)``
    maps : float ``(N, H, W)``, large where a pixel matters
    counts : int ``(K,)``, how many pixels are made paper

    Returns
    -------
    int64 ``(K, N)``; source: Samek et al., IEEE Transactions on Neural Networks and Learning Systems 28, 2017
    """
    rank = (-maps.reshape(len(maps), -1)).argsort(axis=1, kind="stable").argsort(axis=1).reshape(maps.shape)
    return np.array([model.predict(np.where(rank < count, 0, images).astype(np.uint8)) for count in counts])


def _above_mean(classes: np.ndarray, count: int) -> np.ndarray:
    return np.eye(count)[classes] - 1 / count


def _weights(model: BaseNetwork, images: np.ndarray, classes: np.ndarray) -> np.ndarray:
    return _above_mean(classes, model.logits(images[:1]).shape[1])
