"""Which failures are alike to a network: groups and a map of what its last hidden layer makes of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import AgglomerativeClustering
from sklearn.manifold import TSNE


@dataclass(frozen=True)
class Clusters:
    """Groups of misread digits, the largest first.

    Attributes
    ----------
    member : int ``(N,)``, the cluster of each digit, from 0
    names : of each cluster, its most frequent reading, such as "4 → 9"
    shares : float ``(clusters,)``, how many of its digits are read so, 0 to 1
    """

    member: np.ndarray
    names: tuple[str, ...]
    shares: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Digits of each cluster, int ``(clusters,)``."""
        return np.bincount(self.member, minlength=len(self.names))

    @property
    def purity(self) -> float:
        """How many of all digits are read as the name of their cluster says, 0 to 1."""
        return float(self.shares @ self.sizes / len(self.member))


def clusters(features: np.ndarray, readings: Sequence[str], count: int) -> Clusters:
    """Group digits whose features are alike (Ward, Journal of the American Statistical Association 58, 1963).

    The readings name the groups, and have no part in making them.

    Parameters
    ----------
    features : float ``(N, units)``, as ``standardised`` gives them
    readings : what happened to each digit, in words
    count : how many groups

    Raises
    ------
    ValueError
        There are fewer digits than groups, or not a reading for each.
    """
    if not len(readings) == len(features) >= count >= 1:
        raise ValueError(f"{len(features)} digits with {len(readings)} readings do not make {count} groups")
    found = AgglomerativeClustering(count).fit_predict(features) if count > 1 else np.zeros(len(features), int)
    by_size = np.argsort(-np.bincount(found), kind="stable")
    member = np.argsort(by_size)[found]
    return named(member, readings)


def named(member: ArrayLike, readings: Sequence[str]) -> Clusters:
    """Clusters whose members are known already, named by their most frequent reading; of equals, by the alphabet."""
    member = np.asarray(member)
    insides = [np.flatnonzero(member == each).tolist() for each in range(member.max() + 1)]
    counts = [Counter(readings[digit] for digit in inside) for inside in insides]
    most = [min(count.items(), key=lambda item: (-item[1], item[0])) for count in counts]
    shares = np.array([top / count.total() for (_, top), count in zip(most, counts, strict=True)])
    return Clusters(member, tuple(name for name, _ in most), shares)


def standardised(features: np.ndarray) -> np.ndarray:
    """Features ``(N, …)`` as float64 ``(N, units)``, each unit with mean 0 and deviation 1 (or 0 if constant)."""
    flat = np.asarray(features, np.float64).reshape(len(features), -1)
    spread = flat.std(axis=0)
    return (flat - flat.mean(axis=0)) / np.where(spread > 0, spread, 1)


def flat_map(features: np.ndarray, seed: int = 0) -> np.ndarray:
    """A map on which digits with like features are neighbours (t-SNE: van der Maaten and Hinton, JMLR 9, 2008).

    Distances between groups, and the size of a group, mean nothing on it; nor is it the same on every processor.

    Parameters
    ----------
    features : float ``(N, units)``, N of 4 or more

    Returns
    -------
    float32 ``(N, 2)``, from 0 to 1 both ways
    """
    placed = TSNE(perplexity=min(15, (len(features) - 1) / 3), init="pca", random_state=seed).fit_transform(features)
    low = placed.min(axis=0)
    return (placed - low) / np.maximum(placed.max(axis=0) - low, 1e-12)
