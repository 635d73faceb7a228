import numpy as np
import pytest
from scipy.stats import ttest_rel

from mnist_study.analysis import Comparison, compare, typical

BASE = np.array([0.980, 0.982, 0.981, 0.983])
MINUS = "\N{MINUS SIGN}"


def test_the_interval_is_that_of_scipys_paired_t_test():
    values = np.add(BASE, [0.002, 0.001, 0.003, 0.002])
    found, theirs = compare(values, BASE), ttest_rel(values, BASE).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert found.difference == pytest.approx(0.002)
    assert found.count == 4


def test_intervals_that_shall_hold_together_are_those_of_bonferroni():
    values = np.add(BASE, [0.002, 0.001, 0.003, 0.002])
    found, theirs = compare(values, BASE, among=5), ttest_rel(values, BASE).confidence_interval(0.99)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ([0.002, 0.001, 0.003, 0.002], "higher by 0.20 points (95 % interval 0.07 to 0.33, 4 seeds)"),
        ([-0.002, -0.001, -0.003, -0.002], "lower by 0.20 points (95 % interval 0.07 to 0.33, 4 seeds)"),
        (
            [0.002, -0.003, 0.002, -0.002],
            f"could not be told apart with 4 seeds ({MINUS}0.03 points, 95 % interval {MINUS}0.44 to +0.39)",
        ),
        (
            [1e-5, -1e-5, 2e-5, -3e-5],
            "could not be told apart with 4 seeds (+0.00 points, 95 % interval +0.00 to +0.00)",
        ),
    ],
)
def test_the_verdict_follows_from_difference_and_interval(change, verdict):
    found = compare(np.add(BASE, change), BASE)
    assert str(found) == verdict
    assert (found.higher, found.lower) == (verdict.startswith("higher"), verdict.startswith("lower"))


def test_losses_are_compared_in_nats():
    assert str(compare([0.06, 0.05], [0.07, 0.06], "nats")).startswith("lower by 0.0100 nats")


@pytest.mark.parametrize(
    ("values", "baseline"),
    [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([[1.0, 2.0]], [[1.0, 2.0]]), (np.eye(2), np.ones((2, 2)))],
)
def test_no_difference_without_two_pairs(values, baseline):
    with pytest.raises(ValueError, match="pairs are needed"):
        compare(values, baseline)


def test_a_seed_that_failed_is_not_averaged():
    for values, baseline in (([1, np.nan], [1, 1]), ([1, 1], [np.inf, 1])):
        with pytest.raises(ValueError, match="pairs of finite numbers are needed"):
            compare(values, baseline)


def test_one_more_run_is_typical_within_the_prediction_interval_worked_by_hand():
    """Mean 3, deviation 1.5811, n = 5; t(4) at 97.5 % is 2.7764: half-width 2.7764 * 1.5811 * sqrt(1.2) = 4.8089."""
    record = [1, 2, 3, 4, 5]
    assert typical(7.80, record, confidence=0.95)
    assert not typical(7.82, record, confidence=0.95)
    assert typical(-1.80, record, confidence=0.95)
    assert not typical(-1.82, record, confidence=0.95)


def test_an_interval_that_only_touches_zero_is_no_difference():
    for low, high in ((0.0, 0.01), (-0.01, 0.0)):
        found = Comparison((low + high) / 2, low, high, 5)
        assert not found.higher
        assert not found.lower
        assert str(found).startswith("could not be told apart with 5 seeds")


def test_a_wider_confidence_is_written_with_its_percent():
    found = compare([0.99, 0.98, 0.985], [0.90, 0.91, 0.905], confidence=0.999)
    theirs = ttest_rel([0.99, 0.98, 0.985], [0.90, 0.91, 0.905]).confidence_interval(0.999)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert "99.9 % interval" in str(found)


def test_the_larger_is_higher_whichever_side_it_stands_on():
    assert compare([2.0, 2.1], [1.0, 1.1]).higher
    assert compare([1.0, 1.1], [2.0, 2.1]).lower


def test_a_run_at_the_edge_of_the_prediction_interval_is_typical():
    assert typical(1.0, [1.0, 1.0, 1.0])
    assert not typical(1.1, [1.0, 1.0, 1.0])


def test_a_run_is_typical_unless_it_is_one_in_ten_thousand():
    """t(4) at 99.995 % is 15.544: half-width 15.544 * 1.5811 * sqrt(1.2) = 26.92."""
    assert typical(29.8, [1, 2, 3, 4, 5])
    assert not typical(30.0, [1, 2, 3, 4, 5])
