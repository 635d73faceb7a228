import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from mnist_study.analysis import Confidence, calibration, risk_coverage, temperature
from mnist_study.models import cross_entropy, softmax


def drawn(count=4000, too_sure=0.0, seed=0):
    """Answers that are right as often as they say, or less often."""
    rng = np.random.default_rng(seed)
    probability = rng.uniform(0.2, 1, count)
    return Confidence(probability, rng.random(count) < probability - too_sure)


def test_the_bins_are_scikit_learns():
    found = drawn()
    result = calibration(found, bins=10, resamples=0)
    shares, means = calibration_curve(found.correct, found.probability, n_bins=10)
    inked = result.counts > 0
    np.testing.assert_allclose(result.accuracy[inked], shares)
    np.testing.assert_allclose(result.confidence[inked], means)
    expected = np.sum(result.counts[inked] * np.abs(shares - means)) / len(found.correct)
    assert result.error == pytest.approx(expected)


def test_the_error_is_worked_by_hand_and_empty_bins_count_for_nothing():
    """Two answers of 0.9, one right; two of 0.6, both right: 2/4 · 0.4 + 2/4 · 0.4."""
    result = calibration(Confidence(np.array([0.9, 0.9, 0.6, 0.6]), np.array([True, False, True, True])), 5, 0)
    assert result.error == pytest.approx(0.4)
    assert result.counts.tolist() == [0, 0, 2, 0, 2]
    assert np.isnan(result.accuracy[[0, 1, 3]]).all()
    edge = calibration(Confidence(np.array([1.0, 1.0]), np.array([True, True])), 5, 0)
    assert (edge.counts.tolist(), edge.error) == ([0, 0, 0, 0, 2], 0.0)


def test_whoever_is_too_sure_is_found_out_and_the_interval_holds_the_error():
    honest, boastful = calibration(drawn(), resamples=200), calibration(drawn(too_sure=0.1), resamples=200)
    assert boastful.low <= boastful.error <= boastful.high
    assert boastful.low > honest.high
    assert boastful.error == pytest.approx(0.1, abs=0.02)
    assert calibration(drawn(), resamples=50).low == calibration(drawn(), resamples=50).low  # the same draws


def test_the_temperature_undoes_what_logits_were_multiplied_by():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(4000, 10)) * 2
    labels = np.array([rng.choice(10, p=p / p.sum()) for p in softmax(logits)])
    honest = temperature(logits, labels)
    assert honest == pytest.approx(1, abs=0.1)
    assert temperature(3 * logits, labels) == pytest.approx(3 * honest, rel=1e-3)
    best = cross_entropy(3 * logits / temperature(3 * logits, labels), labels)
    assert all(best <= cross_entropy(3 * logits / other, labels) for other in (1, 2, 2.9, 3.1, 4, 10))


def test_no_temperature_without_finite_logits_and_labels_of_their_classes():
    for logits, labels, words in (
        ([[np.nan, 1.0]], [0], "logits are finite numbers"),
        ([[0.0, 1.0]], [-1], "whole numbers from 0 to 1"),
        ([[0.0, 1.0]], [0, 1], r"logits are \(N, classes\)"),
    ):
        with pytest.raises(ValueError, match=words):
            temperature(logits, labels)


def test_risk_is_that_of_the_surest_answers_and_equals_go_together():
    found = Confidence(np.array([0.5, 0.9, 0.9, 0.7, 0.8]), np.array([False, True, True, False, True]))
    result = risk_coverage(found)
    assert result.threshold.tolist() == [0.9, 0.8, 0.7, 0.5]
    np.testing.assert_allclose(result.coverage, [0.4, 0.6, 0.8, 1])
    np.testing.assert_allclose(result.risk, [0, 0, 1 / 4, 2 / 5])
    assert result.refused_for_no_error == pytest.approx(0.4)


@pytest.mark.parametrize(("correct", "refused"), [([True, True], 0.0), ([False, True], 1.0), ([True, False], 0.5)])
def test_how_many_must_be_refused_for_no_error(correct, refused):
    result = risk_coverage(Confidence(np.array([0.9, 0.8]), np.array(correct)))
    assert result.refused_for_no_error == pytest.approx(refused)
