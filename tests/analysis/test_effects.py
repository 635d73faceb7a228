"""Effects against SciPy, Holm's own example worked by hand, and simulated experiments."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from mnist_study.analysis import effects
from mnist_study.analysis.effects import holm, seeds_needed

BASE = np.array([0.970, 0.972, 0.969, 0.971, 0.973, 0.970, 0.971, 0.972, 0.970, 0.971])
NOISE = np.array([1, -1, 2, -2, 0, 1, -1, 0, 1, -1]) * 1e-4


def test_holms_correction_is_that_worked_by_hand():
    # sorted 0.01 0.02 0.03 0.04: times 4, 3, 2, 1 gives 0.04 0.06 0.06 0.04, and none may be below one before it
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.9]) == pytest.approx([1.0, 1.0])


def test_a_clear_gain_helps_a_clear_loss_harms_and_noise_is_too_small_to_tell():
    found = effects({"gain": BASE + 0.003 + NOISE, "loss": BASE - 0.003 + NOISE, "noise": BASE + NOISE}, BASE)
    assert {name: effect.verdict for name, effect in found.items()} == {
        "gain": "helps",
        "loss": "harms",
        "noise": "too small to tell",
    }
    assert found["gain"].comparison.difference == pytest.approx(0.003)
    assert found["noise"].seeds_needed is None
    interval = ttest_rel(BASE + 0.003 + NOISE, BASE).confidence_interval(0.95)
    assert (found["gain"].comparison.low, found["gain"].comparison.high) == pytest.approx(tuple(interval))


def test_what_is_significant_alone_need_not_be_among_many():
    rng = np.random.default_rng(3)
    weak = BASE + 1e-4 + NOISE
    alone = effects({"weak": weak}, BASE)["weak"]
    many = {f"other {number}": BASE + rng.normal(0, 0.0004, 10) for number in range(60)}
    among = effects({"weak": weak, **many}, BASE)["weak"]
    assert ttest_rel(weak, BASE).pvalue < 0.05
    assert alone.significant
    assert not among.significant
    assert among.seeds_needed > alone.seeds_needed


def test_so_many_seeds_as_are_needed_find_the_effect_four_times_out_of_five():
    rng, mean, spread = np.random.default_rng(0), 0.0005, 0.001
    sample = np.array([mean - spread, mean, mean + spread])  # of this mean and this standard deviation
    count = seeds_needed(sample, 0.05)
    trials = rng.normal(mean, spread, (4000, count))
    found = np.mean([ttest_rel(trial, np.zeros(count)).pvalue < 0.05 for trial in trials])
    assert 0.78 < found < 0.84
    fewer = rng.normal(mean, spread, (4000, count - 8))
    assert np.mean([ttest_rel(trial, np.zeros(count - 8)).pvalue < 0.05 for trial in fewer]) < 0.78


def test_an_effect_without_any_spread_needs_two_seeds_and_none_at_all_needs_more_than_there_are():
    assert seeds_needed(np.full(5, 0.01), 0.05) <= 3
    assert seeds_needed(np.array([1.0, -1.0]), 0.05) is None
    assert seeds_needed(np.zeros(5), 0.05) is None


def test_fewer_than_two_pairs_are_refused():
    with pytest.raises(ValueError, match="pairs are needed"):
        effects({"a": [0.9]}, [0.9])
