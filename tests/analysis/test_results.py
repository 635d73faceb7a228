import re

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from mnist_study.analysis import (
    Accuracy,
    Confusion,
    MeanStd,
    accuracy,
    confidence,
    confusion,
    doubts,
    lost_at,
    mistakes,
    plateau_start,
)
from mnist_study.data import TWO_DIGIT

ROUNDED = [(9, 9), (49, 49), (0, 2), (0, 3)]  # at 50 %, rounding alone puts an end outside 0..1, or on the wrong side


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


@pytest.mark.parametrize(
    ("errors", "total"), [(0, 1), (1, 1), (0, 20), (20, 20), (3, 17), (74, 10_000), (38, 10_000), *ROUNDED]
)
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


def test_precision_is_of_what_was_read_as_a_class_and_recall_of_what_is_one(answers):
    """Worked by hand: of two digits read as 1 one is a 1; of three digits 1 one was read as 1."""
    labels, predictions = answers
    theirs = metrics.precision_score(labels, predictions, average=None)
    np.testing.assert_allclose(confusion(labels, predictions).precision, theirs)
    result = confusion([1, 1, 1, 2], [1, 0, 0, 1], classes=("a", "b", "c", "d"))
    assert result.precision.tolist() == [0, 1 / 2, 1, 1]  # 1 where nothing was read as it
    assert result.recall.tolist() == [1, 1 / 3, 0, 1]  # 1 where there is none


def test_f1_is_scikit_learns_and_0_where_nothing_was_read_right(answers):
    labels, predictions = answers
    theirs = metrics.f1_score(labels, predictions, average=None)
    np.testing.assert_allclose(confusion(labels, predictions).f1, theirs)
    assert confusion([0, 1], [1, 0], classes=("a", "b")).f1.tolist() == [0, 0]


def test_a_row_is_a_label_and_a_column_a_prediction():
    result = confusion([2, 2], [7, 2])
    assert (result.matrix[2, 7], result.matrix[7, 2], result.matrix.sum()) == (1, 0, 2)
    assert result.matrix.dtype == np.int64
    assert result.classes == tuple("0123456789")


def test_small_integers_do_not_overflow_in_a_confusion_of_many_classes():
    names = tuple(map(str, range(100)))
    result = confusion(np.array([99, 50], np.uint8), np.array([3, 99], np.int8), names)
    assert (result.matrix[99, 3], result.matrix[50, 99], result.matrix.sum()) == (1, 1, 2)
    assert result.classes == names


def test_tens_and_ones_are_told_apart_and_the_worst_classes_found():
    """Worked by hand: of two 47 one is read as 41, of three 13 one as 93 and one as 99."""
    result = confusion([47, 47, 13, 13, 13], [47, 41, 13, 93, 99], TWO_DIGIT.classes)
    tens, ones = result.by_place
    assert (tens.errors, ones.errors, result.all_places_wrong) == (2, 2, 1)
    assert (tens.matrix[1, 9], tens.matrix[4, 4], ones.matrix[7, 1], ones.matrix[3, 9]) == (2, 2, 1, 1)
    assert tens.classes == ones.classes == tuple("0123456789")
    assert result.worst(2) == [13, 47]
    assert result.mostly_read_as(47) == (41, 1)
    assert result.mostly_read_as(50) is None
    single = confusion([2, 2], [7, 2])
    assert np.array_equal(single.by_place[0].matrix, single.matrix)
    assert (len(single.by_place), single.all_places_wrong) == (1, 1)


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        ([3, 4, 9], [3, 25, 31], "prediction 1 is 25, but the classes are 0 to 9"),
        ([0, 10], [0, 9], "label 1 is 10, but the classes are 0 to 9"),
        ([0, 1], [0, -1], "prediction 1 is -1, but"),
        ([0, 1, 2], [0, 1], "here are 3 and 2"),
        ([0, 1], [1], "here are 2 and 1"),
        ([[0, 1]], [[0, 1]], r"labels are integers (N,); these are int64 (1, 2)"),
        ([0, 1], [0.0, 1.0], r"predictions are integers (N,); these are float64 (2,)"),
    ],
)
def test_a_confusion_names_the_first_number_that_is_no_class_and_pairs_that_do_not_match(labels, predictions, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        confusion(labels, predictions)


def test_every_class_from_the_first_to_the_last_is_one():
    assert confusion(range(10), range(10)).errors == 0
    assert confusion([], []).matrix.sum() == 0


def test_a_confusion_matrix_has_a_row_and_a_column_for_each_name():
    with pytest.raises(ValueError, match=r"\(3, 3\) does not fit 10 classes"):
        Confusion(np.zeros((3, 3), int))


@pytest.mark.parametrize("predictions", [[1], 1, [[1], [2]], [1, 2, 3]])
def test_an_accuracy_compares_as_many_predictions_as_labels(predictions):
    with pytest.raises(ValueError, match="one of each for a digit"):
        accuracy([1, 2], predictions)


def test_there_is_no_accuracy_of_nothing_nor_of_numbers_and_their_names():
    with pytest.raises(ValueError, match="one digit at least is needed"):
        accuracy([], [])
    with pytest.raises(ValueError, match="labels of int64 never equal predictions of <U1: make both numbers"):
        accuracy(np.array([1, 2]), ["1", "2"])
    assert accuracy(["a", "b"], ["a", "c"]).errors == accuracy([1, 2], [1.0, 3.0]).errors == 1


def test_an_accuracy_takes_lists_and_arrays():
    assert accuracy([1, 2, 3], np.array([1, 2, 4])) == Accuracy(errors=1, total=3)


def test_a_confidence_is_of_as_many_rows_as_labels():
    for labels in ([0], [0, 1, 1], [[0], [1]]):
        with pytest.raises(ValueError, match=r"probabilities are \(N, classes\) and labels \(N,\)"):
            confidence(np.eye(2), labels)


@pytest.mark.parametrize(
    ("probabilities", "labels", "words"),
    [
        ([[0.5, np.nan]], [0], "finite numbers; these hold NaN"),
        ([[3.0, -1.0]], [0], "between 0 and 1, these between -1 and 3: logits"),
        ([[0.5, 0.5]], [2], "labels of 2 classes are whole numbers from 0 to 1"),
        ([[0.5, 0.5]], [-1], "labels of 2 classes are whole numbers from 0 to 1"),
        ([[0.5, 0.5]], [1.0], "labels of 2 classes are whole numbers from 0 to 1"),
    ],
)
@pytest.mark.parametrize(
    "function",
    [confidence, lambda shares, labels: mistakes(labels, shares), lambda shares, labels: doubts(labels, shares)],
    ids=["confidence", "mistakes", "doubts"],
)
def test_what_are_no_probabilities_or_labels_is_refused_and_never_counted(function, probabilities, labels, words):
    with pytest.raises(ValueError, match=words):
        function(probabilities, labels)


def test_the_most_confused_pairs_count_both_directions():
    result = confusion([4, 4, 9, 3, 3], [9, 9, 4, 5, 3])
    assert result.most_confused(2) == [(4, 9, 3), (3, 5, 1)]
    assert result.between(9, 4) == result.between(4, 9) == 3
    assert result.between(3, 5) == 1
    assert result.between(3, 4) == 0


def test_of_pairs_equally_confused_the_lower_labels_come_first_and_no_class_is_confused_with_itself():
    result = confusion([0, 1, 2], [0, 2, 1], classes=("a", "b", "c"))
    assert result.most_confused(9) == [(1, 2, 2), (0, 1, 0), (0, 2, 0)]


def test_confidence_is_the_probability_of_the_answer():
    result = confidence(np.array([[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]]), np.array([0, 0, 0]))
    assert result.probability.tolist() == [0.9, 0.6, 0.7]
    assert result.correct.tolist() == [True, False, True]
    assert result.mean == pytest.approx(2.2 / 3)
    assert result.accuracy == result.share_below(0.8) == pytest.approx(2 / 3)
    assert result.share_below(0.7) == pytest.approx(1 / 3)  # what has exactly 0.7 is not below it


def test_a_plateau_starts_where_the_loss_stops_falling_for_good():
    falling = np.concatenate([np.linspace(2, 1, 101)[:-1], np.full(50, 1.0)])  # flat from index 100
    start = plateau_start(falling, window=10, improvement=0.01)
    assert 90 < start <= 100
    assert plateau_start(np.geomspace(1, 0.001, 100), window=10, improvement=0.01) is None
    assert plateau_start(np.ones(100), window=10, improvement=0.01) == 0


def test_a_plateau_is_measured_over_its_window_and_relative_to_the_loss():
    """Worked by hand: the losses fall by 1/4, 1/3, 1/2, then not at all; two steps on, by 1/2, 2/3, 1/2, and 0."""
    losses = [8, 6, 4, 2, 2, 2]
    assert plateau_start(losses, window=1, improvement=0.3) == 3
    assert plateau_start(losses, window=2, improvement=0.1) == 3
    assert plateau_start(losses, window=2, improvement=0.5) == 3  # half is not less than half
    assert plateau_start(losses, window=1, improvement=0.51) == 0


def test_a_short_rest_is_no_plateau():
    assert plateau_start([8, 8, 4, 4, 2], window=1, improvement=0.01) is None
    assert plateau_start([8, 8, 4, 4], window=1, improvement=0.01) == 2
    assert plateau_start([8, 8, 4], window=1, improvement=0.5) is None  # half is as fast as wanted


def test_an_accuracy_is_lost_where_its_line_crosses_the_level():
    assert lost_at([0, 10, 20], [1.0, 0.9, 0.5], 0.8) == pytest.approx(12.5)
    assert lost_at([1, 0.5], [1.0, 0.6], 0.8) == pytest.approx(0.75)  # amounts may fall
    assert lost_at([0, 1, 2], [1.0, 0.7, 1.0], 0.8) == pytest.approx(2 / 3)  # the first time
    assert lost_at([0, 1], [1.0, 0.9], 0.8) is None
    assert lost_at([3, 4], [0.7, 0.9], 0.8) == 3
