import numpy as np
import pytest
import torch
from pydantic import ValidationError

from mnist_study.training import OPTIMIZERS, Adam, AdamW, GradientDescent, Momentum, config
from mnist_study.training import optimizers as module

SIZE, STEPS = 1000, 50


def run(optimizer, rates):
    """Parameters after a step at each of ``rates`` with made-up gradients; in float64."""
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=SIZE)
    optimizer.start(parameters)
    for rate in rates:
        optimizer.update(parameters, rng.normal(size=SIZE) * np.geomspace(1e-4, 10, SIZE), rate)
    return parameters


def run_torch(make, rates):
    rng = np.random.default_rng(0)
    parameter = torch.tensor(rng.normal(size=SIZE), requires_grad=True)
    optimizer = make([parameter])
    for rate in rates:
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.tensor(rng.normal(size=SIZE) * np.geomspace(1e-4, 10, SIZE))
        optimizer.step()
    return parameter.detach().numpy()


@pytest.mark.parametrize(
    ("ours", "torchs"),
    [
        (GradientDescent(), lambda p: torch.optim.SGD(p)),
        (Momentum(0.9), lambda p: torch.optim.SGD(p, momentum=0.9)),
        (Momentum(0.8, nesterov=True), lambda p: torch.optim.SGD(p, momentum=0.8, nesterov=True)),
        (Adam(), lambda p: torch.optim.Adam(p)),
        (Adam(0.7, 0.95, 1e-4), lambda p: torch.optim.Adam(p, betas=(0.7, 0.95), eps=1e-4)),
        (AdamW(weight_decay=0.3), lambda p: torch.optim.AdamW(p, weight_decay=0.3)),
    ],
)
def test_every_optimiser_takes_pytorchs_steps(ours, torchs):
    rates = np.geomspace(0.1, 1e-3, STEPS)
    np.testing.assert_allclose(run(ours, rates), run_torch(torchs, rates), rtol=1e-9, atol=1e-12)


def test_adam_does_not_depend_on_its_block_size(monkeypatch):
    whole = run(Adam(), [0.01] * STEPS)
    monkeypatch.setattr(module, "BLOCK", 64)
    assert np.array_equal(run(Adam(), [0.01] * STEPS), whole)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_saved_state_continues_exactly(name):
    first, second = OPTIMIZERS[name](), OPTIMIZERS[name]()
    rng = np.random.default_rng(0)
    parameters = rng.normal(size=SIZE)
    first.start(parameters)
    for _ in range(5):
        first.update(parameters, rng.normal(size=SIZE), 0.1)
    twin = parameters.copy()
    second.start(twin)
    second.load_state(first.state())
    gradient = rng.normal(size=SIZE)
    first.update(parameters, gradient, 0.1)
    second.update(twin, gradient, 0.1)
    assert np.array_equal(twin, parameters)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_config_says_the_parameters_of_an_optimiser_with_its_defaults(name):
    assert vars(OPTIMIZERS[name]()) == config.OPTIMIZER_SECTIONS[name]().parameters


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("momentum", {"momentum": 1.0}),
        ("adam", {"beta_1": -0.1}),
        ("adam", {"epsilon": 0.0}),
        ("adamw", {"weight_decay": -1.0}),
        ("adamw", {"beta_2": 1.0}),
        ("sgd", {"momentum": 0.9}),
    ],
)
def test_what_an_optimiser_cannot_take_no_config_can_say(name, parameters):
    with pytest.raises(ValidationError):
        config.OPTIMIZER_SECTIONS[name](**parameters)
