"""Confident learning against cases worked by hand, loops, and labels that were made wrong on purpose."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from mnist_study.analysis import confident_joint, doubts

LABELS = np.array([0, 0, 1, 1])
PROBABILITIES = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.45, 0.35, 0.2]])


def test_digits_are_ranked_by_the_margin_of_their_label():
    found = doubts(LABELS, PROBABILITIES)  # margins 0.8, -0.5, 0.3, -0.1
    assert found.index.tolist() == [1, 3, 2, 0]
    assert found.label.tolist() == [0, 1, 1, 0]
    assert found.guess.tolist() == [1, 0, 0, 1]
    np.testing.assert_allclose(found.for_label, [0.2, 0.35, 0.6, 0.9])
    np.testing.assert_allclose(found.for_guess, [0.7, 0.45, 0.3, 0.1])
    assert [found.found([3, 0], first) for first in (0, 1, 2, 4, 99)] == [0, 0, 1, 2, 2]
    assert len(found) == 4


def test_the_confident_joint_worked_by_hand():
    """Averages: 0.55 of class 0, 0.475 of class 1, none of class 2. The last digit is confidently nothing."""
    assert confident_joint(LABELS, PROBABILITIES).tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]


def test_the_confident_joint_is_that_of_plain_loops():
    rng = np.random.default_rng(3)
    labels, probabilities = rng.integers(0, 4, 300), rng.dirichlet(np.ones(4), 300)
    averages = [np.mean([p[k] for p, label in zip(probabilities, labels, strict=True) if label == k]) for k in range(4)]
    expected = np.zeros((4, 4), int)
    for label, p in zip(labels, probabilities, strict=True):
        sure = [k for k in range(4) if p[k] >= averages[k]]
        if sure:
            expected[label, max(sure, key=lambda k: p[k])] += 1
    assert np.array_equal(confident_joint(labels, probabilities), expected)


def test_labels_that_were_made_wrong_are_found(mnist):
    """Forty of two thousand labels are moved by one; a linear classifier, out of fold, ranks nearly all first."""
    digits = mnist.train[:2000]
    moved = np.random.default_rng(5).choice(2000, 40, replace=False)
    labels = digits.labels.copy()
    labels[moved] = (labels[moved] + 1) % 10
    flat = digits.images.reshape(2000, -1) / 255
    judged = cross_val_predict(LogisticRegression(C=0.02), flat, labels, cv=3, method="predict_proba")
    assert doubts(labels, judged).found(moved, 80) >= 32  # by chance 1.6
    joint = confident_joint(labels, judged)
    above, below = (np.roll(joint, by, axis=1).trace() for by in (1, -1))  # labels one above and one below the class
    assert above > 4 * below


@pytest.mark.parametrize("function", [doubts, confident_joint])
def test_what_does_not_match_is_refused(function):
    with pytest.raises(ValueError, match="probabilities are"):
        function([1, 2], [[0.5, 0.5]])
