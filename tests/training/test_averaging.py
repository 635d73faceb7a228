import pytest

from mnist_study.training.averaging import averaging_rate


def test_the_running_mean_of_the_weights_moves_by_the_ramp_of_its_source():
    """1 - min(decay, (1 + t) / (10 + t)) by hand, after the updates t = 0, 1, 8 and 80, and beyond the ramp."""
    rates = [averaging_rate(0.99, updates) for updates in (0, 1, 8, 80)]
    assert rates == pytest.approx([9 / 10, 9 / 11, 9 / 18, 9 / 90], abs=1e-12)
    assert averaging_rate(0.99, 889) == pytest.approx(9 / 899, abs=1e-12)  # the last before decay is the lower one
    assert averaging_rate(0.99, 891) == averaging_rate(0.99, 10**9) == pytest.approx(0.01, abs=1e-12)
    assert averaging_rate(0.05, 0) == pytest.approx(0.95, abs=1e-12)


def test_after_a_few_updates_the_mean_remembers_little_of_the_weights_before_training():
    remembered = 1.0
    for updates in range(1, 51):
        remembered *= 1 - averaging_rate(0.999, updates)
    assert remembered < 1e-7  # without the ramp it would be 0.999**50, 95 %
