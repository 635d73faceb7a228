import numpy as np
import pytest
import torch

from mnist_study.training import SCHEDULES, constant, one_cycle


def test_one_cycle_is_pytorchs():
    steps = 10_000
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=steps, cycle_momentum=False)
    theirs = []
    for _ in range(steps):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    ours = [one_cycle(step / (steps - 1)) for step in range(steps)]
    np.testing.assert_allclose(ours, theirs, atol=3e-4)


def test_one_cycle_starts_low_peaks_once_and_ends_near_zero():
    rates = [one_cycle(progress) for progress in np.linspace(0, 1, 1001)]
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == pytest.approx(1) == rates[300]
    assert rates[-1] == pytest.approx(1 / 250_000)
    assert np.all(np.diff(rates[:301]) > 0)
    assert np.all(np.diff(rates[300:]) < 0)


def test_the_table_names_the_schedules():
    assert {"constant": constant, "one_cycle": one_cycle} == SCHEDULES
    assert constant(0.0) == constant(1.0) == 1.0
