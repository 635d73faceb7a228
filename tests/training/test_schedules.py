import numpy as np
import pytest
import torch
from pydantic import ValidationError

from mnist_study.training import SCHEDULES, constant, one_cycle
from mnist_study.training.config import SCHEDULE_SECTIONS

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


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_config_says_the_parameters_of_a_schedule_with_its_defaults(name):
    chosen = SCHEDULE_SECTIONS[name]().parameters
    for progress in (0.0, 0.1, 0.4, 0.6, 1.0):
        assert SCHEDULES[name](progress, **chosen) == SCHEDULES[name](progress)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("step", {"factor": 0.0}),
        ("step", {"at": (0.5, 1.5)}),
        ("exponential", {"end": 0.0}),
        ("cosine", {"end": 1.5}),
        ("one_cycle", {"warm_up": 1.0}),
        ("constant", {"progress": 0.5}),
    ],
)
def test_what_a_schedule_cannot_take_no_config_can_say(name, parameters):
    with pytest.raises(ValidationError):
        SCHEDULE_SECTIONS[name](**parameters)
