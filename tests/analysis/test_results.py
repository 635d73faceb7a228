import numpy as np
import pytest
from scipy import stats
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
    assert result.fraction == pytest.approx(metrics.accuracy_score(labels, predictions))
    assert str(Accuracy(163, 10_000)) == "98.37 % (163 of 10 000 wrong)"
    assert str(Accuracy(1787, 10_000)) == "82.13 % (1 787 of 10 000 wrong)"


def test_wilsons_interval_of_eight_right_out_of_ten_is_the_one_worked_by_hand():
    """z = 1.96: centre (0.8 + 0.19208) / 1.38416 = 0.71674, half 1.96 sqrt(0.016 + 0.009604) / 1.38416 = 0.22658."""
    result = Accuracy(errors=2, total=10)
    assert result.right == 8
    assert result.wilson() == (pytest.approx(0.49016, abs=1e-4), pytest.approx(0.94332, abs=1e-4))


@pytest.mark.parametrize(("errors", "total"), [(0, 1), (1, 1), (0, 20), (20, 20), (3, 17), (74, 10_000), (38, 10_000)])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_wilsons_interval_is_scipys(errors, total, confidence):
    low, high = Accuracy(errors, total).wilson(confidence)
    theirs = stats.binomtest(total - errors, total).proportion_ci(confidence, method="wilson")
    assert (low, high) == (pytest.approx(theirs.low, abs=1e-12), pytest.approx(theirs.high, abs=1e-12))
    assert 0 <= low <= Accuracy(errors, total).fraction <= high <= 1


@pytest.mark.parametrize(("total", "confidence"), [(0, 0.95), (10, 0), (10, 1), (10, 95), (10, float("nan"))])
def test_no_interval_comes_from_no_digits_or_from_a_confidence_that_is_none(total, confidence):
    with pytest.raises(ValueError, match="no interval of confidence"):
        Accuracy(0, total).wilson(confidence)


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
