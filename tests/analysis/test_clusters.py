"""Groups of failures: those that are there are found, names are counted, and SciPy makes the same groups."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import adjusted_rand_score

from mnist_study.analysis import clusters, flat_map, named, standardised


@pytest.fixture(scope="module")
def blobs():
    """Three far groups of 5, 9 and 7 points."""
    rng = np.random.default_rng(0)
    owner = np.repeat([0, 1, 2], [5, 9, 7])
    return owner, rng.normal(0, 0.1, (21, 6)) + 5 * np.eye(6)[owner]


def test_groups_that_are_there_are_found_the_largest_first(blobs):
    owner, features = blobs
    found = clusters(features, [f"{each}" for each in owner], 3)
    assert found.names == ("1", "2", "0")
    assert found.sizes.tolist() == [9, 7, 5]
    assert found.shares.tolist() == [1, 1, 1]
    assert found.purity == 1


def test_the_groups_are_scipys(mnist):
    features = standardised(mnist.test.images[:80] / 255)
    theirs = fcluster(linkage(features, "ward"), 6, "maxclust")
    assert adjusted_rand_score(clusters(features, ["x"] * 80, 6).member, theirs) == 1


def test_a_name_is_the_most_frequent_reading_and_of_equals_the_first_in_the_alphabet():
    found = named([0, 0, 0, 1, 1], ["b", "a", "b", "d", "c"])
    assert found.names == ("b", "c")
    np.testing.assert_allclose(found.shares, [2 / 3, 1 / 2])
    assert found.purity == pytest.approx(3 / 5)


def test_readings_have_no_part_in_making_the_groups(blobs):
    _, features = blobs
    one, other = (clusters(features, words, 3) for words in (["x"] * 21, [f"{n}" for n in range(21)]))
    assert np.array_equal(one.member, other.member)


def test_standardised_units_have_mean_0_and_deviation_1_and_constant_ones_0():
    found = standardised(np.array([[1, 5], [3, 5], [8, 5]], np.float32).reshape(3, 2, 1))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), [1, 0])


def test_on_the_map_neighbours_are_of_one_group(blobs):
    owner, features = blobs
    places = flat_map(features)
    assert places.shape == (21, 2)
    assert places.min() == 0
    assert places.max() == 1
    far = np.linalg.norm(places[:, None] - places, axis=2) + 9 * np.eye(21)
    assert np.mean(owner[far.argmin(axis=1)] == owner) > 0.9
    assert np.array_equal(places, flat_map(features))


@pytest.mark.parametrize(("readings", "count"), [(["a"] * 20, 3), (["a"] * 21, 22), (["a"] * 21, 0)])
def test_too_many_groups_or_too_few_readings_are_refused(blobs, readings, count):
    with pytest.raises(ValueError, match=r"21 digits with \d+ readings do not make"):
        clusters(blobs[1], readings, count)
