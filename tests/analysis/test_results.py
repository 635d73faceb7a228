import numpy as np
import pytest
from sklearn import metrics

from mnist_study.analysis import Accuracy, MeanStd, accuracy, confidence, confusion, plateau_start


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 5000)
    return labels, np.where(rng.random(5000) < 0.8, labels, rng.integers(0, 10, 5000))


def test_accuracy_counts_errors_and_prints_both(answers):
    labels, predictions = answers
    result = accuracy(labels, predictions)
    assert result.share == pytest.approx(metrics.accuracy_score(labels, predictions))
    assert str(Accuracy(163, 10_000)) == "98.37 % (163 of 10 000 wrong)"
    assert str(Accuracy(1787, 10_000)) == "82.13 % (1 787 of 10 000 wrong)"


def test_mean_and_std_are_those_of_a_sample():
    result = MeanStd.of([0.98, 0.99, 0.97])
    assert (result.mean, result.std) == (pytest.approx(0.98), pytest.approx(0.01))
    assert str(result) == "98.00 ± 1.00 % (3 seeds)"


def test_the_confusion_matrix_is_scikit_learns(answers):
    labels, predictions = answers
    result = confusion(labels, predictions)
    assert np.array_equal(result.matrix, metrics.confusion_matrix(labels, predictions))
    np.testing.assert_allclose(result.recall, metrics.recall_score(labels, predictions, average=None))
    assert result.errors == np.count_nonzero(labels != predictions)


def test_the_most_confused_pairs_count_both_directions():
    result = confusion([4, 4, 9, 3, 3], [9, 9, 4, 5, 3])
    assert result.most_confused(2) == [(4, 9, 3), (3, 5, 1)]
    assert result.between(9, 4) == result.between(4, 9) == 3


def test_confidence_is_the_probability_of_the_answer():
    result = confidence(np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]), np.array([0, 0, 0]))
    assert result.probability.tolist() == [0.9, 0.6, 0.7]
    assert result.correct.tolist() == [True, False, True]
    assert result.mean == pytest.approx(2.2 / 3)
    assert result.accuracy == result.share_below(0.8) == pytest.approx(2 / 3)


def test_a_plateau_starts_where_the_loss_stops_falling_for_good():
    falling = np.concatenate([np.linspace(2, 1, 101)[:-1], np.full(50, 1.0)])  # flat from index 100
    start = plateau_start(falling, window=10, improvement=0.01)
    assert 90 < start <= 100
    assert plateau_start(np.geomspace(1, 0.001, 100), window=10, improvement=0.01) is None
    assert plateau_start(np.ones(100), window=10, improvement=0.01) == 0
