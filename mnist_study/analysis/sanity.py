"""Does a map of where a network looks depend on what the network has learned? Redraw its weights, and see.

Source: Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018.
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from mnist_study.models import BaseNetwork


def layers_of(weights: Mapping[str, np.ndarray]) -> dict[str, list[str]]:
    """The names of ``get_weights()``, layer by layer, from the input down: dict from layer to its arrays' names."""
    found: dict[str, list[str]] = {}
    for name in weights:
        layer = name.rpartition(".")[0] or re.sub(r"\D", "", name)  # layers.3.weight, or W2
        found.setdefault(layer, []).append(name)
    return found


def cascade(model: BaseNetwork, rng: np.random.Generator) -> Iterator[tuple[int, BaseNetwork]]:
    """The network as it is, then with more and more of its layers shuffled, from the logits up to the first.

    Each array's numbers change places at random: they are as large as before, and what was learned is gone.

    Yields
    ------
    how many layers are shuffled, and a network; it is the same object each time
    """
    shuffled: Any = copy.deepcopy(model)
    weights = model.get_weights()
    yield 0, shuffled
    for count, names in enumerate(reversed(layers_of(weights).values()), start=1):
        for name in names:
            weights[name] = rng.permutation(weights[name].ravel()).reshape(weights[name].shape)
        shuffled.set_weights(weights)
        yield count, shuffled


def similarity(one: np.ndarray, other: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """Spearman's rank correlation of the sizes of two maps' values, image by image.

    Parameters
    ----------
    one, other : float ``(N, H, W)``; their signs do not count
    where : bool ``(N, H, W)``, the pixels that are compared; by default all

    Returns
    -------
    float64 ``(N,)``, 1 for the same order of pixels, 0 for none in common and where a map is of one value
    """
    where = np.ones(np.shape(one), bool) if where is None else where
    pairs = [[np.abs(each[some]) for each in (a, b)] for a, b, some in zip(one, other, where, strict=True)]
    return np.array([0.0 if min(np.ptp(a), np.ptp(b)) == 0 else spearmanr(a, b).statistic for a, b in pairs])


def forgetting(
    model: BaseNetwork,
    images: np.ndarray,
    classes: np.ndarray,
    methods: Mapping[str, Callable[..., np.ndarray]],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Each method's maps while the network forgets, for ``similarity`` to compare with the first.

    Parameters
    ----------
    model : BaseNetwork, left as it is
    images, classes : uint8 ``(N, H, W)`` and int ``(N,)``
    methods : dict from name to a function such as ``score_gradient``

    Returns
    -------
    dict from name to maps, float ``(layers + 1, N, H, W)``: row k with the last k layers shuffled
    """
    found: dict[str, list[np.ndarray]] = {name: [] for name in methods}
    for _, shuffled in cascade(model, rng):
        for name, method in methods.items():
            found[name].append(method(shuffled, images, classes))
    return {name: np.array(rows) for name, rows in found.items()}
