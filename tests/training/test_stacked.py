"""Stacked networks against the same networks trained one at a time."""

import numpy as np
import pytest

from mnist_study.models import Penalty, build
from mnist_study.models.specs import FullyConnectedSpec
from mnist_study.training import Adam, AdamW, GradientDescent, Momentum, fit, fit_stacked
from mnist_study.training.engines import StackedEngine, TorchEngine

SEEDS = (0, 1, 5)
RECIPE = {"epochs": 3, "batch_size": 64, "learning_rate": 2e-3, "schedule": "one_cycle"}


def networks(hidden=(16,), **options):
    return [build(FullyConnectedSpec(hidden=hidden, **options), seed, 33.3, 78.6) for seed in SEEDS]


@pytest.mark.parametrize("rule", [Adam, AdamW, Momentum, GradientDescent])
@pytest.mark.parametrize("hidden", [(), (16,), (24, 12)])
def test_each_network_comes_to_what_it_comes_to_alone(rule, hidden, mnist):
    train, validation, penalty = mnist.train[:500], mnist.validation[:300], Penalty(l1=1e-5, l2=1e-3)
    engine = StackedEngine(networks(hidden), rule(), penalty)
    histories = fit_stacked(engine, train, validation, seeds=SEEDS, **RECIPE)
    stacked = engine.unstack()
    for seed, network, history, alone in zip(SEEDS, stacked, histories, networks(hidden), strict=True):
        expected = fit(TorchEngine(alone, rule(), penalty), train, validation, seed=seed, **RECIPE)
        np.testing.assert_allclose(history.batch_losses, expected.batch_losses, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(history["validation_loss"], expected["validation_loss"], rtol=1e-3)
        assert history["epoch"].tolist() == expected["epoch"].tolist()
        for name, values in network.get_weights().items():
            np.testing.assert_allclose(values, alone.get_weights()[name], atol=2e-3)


def test_networks_do_not_hear_of_one_another(mnist):
    """One with another first step changes nothing for its neighbour."""
    train, validation = mnist.train[:200], mnist.validation[:100]
    several, one = StackedEngine(networks()), StackedEngine(networks()[:1])
    fit_stacked(several, train, validation, seeds=SEEDS, **RECIPE)
    fit_stacked(one, train, validation, seeds=SEEDS[:1], **RECIPE)
    ours, theirs = several.unstack()[0].get_weights(), one.unstack()[0].get_weights()
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], atol=1e-4)


def test_what_cannot_be_stacked_is_refused_by_name(mnist):
    with pytest.raises(ValueError, match="not BatchNorm1d"):
        StackedEngine(networks(batch_norm=True))
    with pytest.raises(ValueError, match="one shape"):
        StackedEngine([*networks(), *networks((8,))])
    with pytest.raises(ValueError, match="there is no network"):
        StackedEngine([])
    engine = StackedEngine(networks())
    with pytest.raises(ValueError, match="3 networks need as many seeds, not 1"):
        fit_stacked(engine, mnist.train[:10], mnist.validation[:10], seeds=[0], **RECIPE)
    with pytest.raises(ValueError, match="not one digit"):
        fit_stacked(engine, mnist.train[:0], mnist.validation[:10], seeds=SEEDS, **RECIPE)
    wild = StackedEngine(networks(), GradientDescent())
    with pytest.raises(FloatingPointError, match="seed 0, epoch 1, step"):
        fit_stacked(wild, mnist.train[:200], mnist.validation[:10], seeds=SEEDS, **RECIPE | {"learning_rate": 1e30})
