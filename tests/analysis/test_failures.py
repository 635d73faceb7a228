import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from mnist_study.analysis import misread_by, mistakes, nearest


def test_mistakes_come_the_surest_first():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    found = mistakes([0, 0, 1, 1, 0], probabilities)
    assert found.index.tolist() == [4, 1, 2]
    assert (found.label.tolist(), found.answer.tolist()) == ([0, 0, 1], [1, 1, 0])
    assert found.probability.tolist() == [0.9, 0.8, 0.6]
    assert len(found) == 3
    assert len(mistakes([0], [[1.0, 0.0]])) == 0


def test_who_misreads_what_is_counted():
    wrong = misread_by([1, 2, 3], {"a": [1, 2, 0], "b": [0, 2, 0]})
    assert wrong.tolist() == [[False, False, True], [True, False, True]]
    assert np.flatnonzero(wrong.all(axis=0)).tolist() == [2]
    assert misread_by([1, 2], {}).shape == (0, 2)


def test_the_nearest_are_scikit_learns(mnist):
    queries, images = mnist.test.images[:20], mnist.train.images[:500]
    index, distance = nearest(queries, images, 3)
    search = NearestNeighbors(n_neighbors=3, algorithm="brute").fit(images.reshape(500, -1).astype(float))
    theirs, neighbours = search.kneighbors(queries.reshape(20, -1).astype(float))
    assert np.array_equal(index, neighbours)
    np.testing.assert_allclose(distance, theirs)
    again, zero = nearest(images[:5], images)
    assert again.ravel().tolist() == list(range(5))
    assert zero.max() == 0


def test_of_equally_near_images_the_first_ones_are_taken_whatever_the_chunk():
    images = np.zeros((900, 2, 2), np.uint8)
    images[::3] = 9
    index, distance = nearest(np.concatenate([images[:1]] * 450), images, 4)
    assert (index == [0, 3, 6, 9]).all()
    assert distance.shape == (450, 4)
    assert not distance.any()
    index, distance = nearest(images[:0], images, 2)
    assert (index.shape, distance.shape) == ((0, 2), (0, 2))
    assert nearest(images[:2], images[:3], 5)[0].tolist() == [[0, 1, 2], [1, 2, 0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mistakes([1, 2], [[0.5, 0.5]]), "probabilities are"),
        (lambda: misread_by([1, 2], {"mine": [1]}), "mine: answers"),
    ],
)
def test_what_does_not_match_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
