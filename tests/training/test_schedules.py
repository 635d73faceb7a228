import inspect

import numpy as np
import pytest
import torch

from mnist_study.training import SCHEDULES, constant, one_cycle
from mnist_study.training.config import Constant, Cosine, Exponential, OneCycle, Step

STEPS = 10_000
THEIRS = torch.optim.lr_scheduler


@pytest.mark.parametrize(
    ("name", "options", "make"),
    [
        ("one_cycle", {}, lambda o: THEIRS.OneCycleLR(o, max_lr=1.0, total_steps=STEPS, cycle_momentum=False)),
        (
            "one_cycle",
            {"warm_up": 0.1},
            lambda o: THEIRS.OneCycleLR(o, 1.0, STEPS, pct_start=0.1, cycle_momentum=False),
        ),
        ("step", {"factor": 0.3, "at": (0.2, 0.7)}, lambda o: THEIRS.MultiStepLR(o, [2000, 7000], gamma=0.3)),
        ("exponential", {"end": 0.01}, lambda o: THEIRS.ExponentialLR(o, 0.01 ** (1 / (STEPS - 1)))),
        ("cosine", {"end": 0.1}, lambda o: THEIRS.CosineAnnealingLR(o, STEPS - 1, eta_min=0.1)),
    ],
)
def test_schedules_are_those_of_pytorch(name, options, make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(optimizer)
    theirs = []
    for _ in range(STEPS):
        theirs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    ours = [SCHEDULES[name](step / (STEPS - 1), **options) for step in range(STEPS)]
    # PyTorch counts one_cycle's turning point in steps, not in shares of the way
    np.testing.assert_allclose(ours, theirs, atol=1e-3 if name == "one_cycle" else 1e-6)


def test_one_cycle_starts_low_peaks_once_and_ends_near_zero():
    rates = [one_cycle(progress) for progress in np.linspace(0, 1, 1001)]
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == pytest.approx(1) == rates[300]
    assert rates[-1] == pytest.approx(1 / 250_000)
    assert np.all(np.diff(rates[:301]) > 0)
    assert np.all(np.diff(rates[300:]) < 0)


def test_the_constant_is_one():
    assert constant(0.0) == constant(1.0) == 1.0


@pytest.mark.parametrize("section", [Constant, Step, Exponential, Cosine, OneCycle])
def test_a_config_section_names_a_schedule_and_has_its_parameters_and_defaults(section):
    parameters = dict(inspect.signature(SCHEDULES[section().name]).parameters)
    del parameters["progress"]
    assert {name: p.default for name, p in parameters.items()} == section().parameters
