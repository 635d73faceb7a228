"""Grids and draws: which settings they are, and which mistakes are refused in one line."""

import numpy as np
import pytest
from sklearn.model_selection import ParameterGrid

from mnist_study.training import ConfigError, draws, grid
from mnist_study.training.search import configs_of


def test_a_grid_is_every_combination_and_lists_within_brackets_stay_whole():
    found = grid(["training.learning_rate=1e-3,3e-3", "model.hidden=[256,128],[64]", "training.optimizer=sgd"])
    expected = ParameterGrid({"hidden": ["[256,128]", "[64]"], "rate": ["1e-3", "3e-3"]})
    assert {tuple(sorted(each)) for each in found} == {
        (f"model.hidden={p['hidden']}", f"training.learning_rate={p['rate']}", "training.optimizer=sgd")
        for p in expected
    }
    assert grid([]) == [()]


def test_draws_are_log_uniform_or_uniform_in_their_range_and_the_same_each_time():
    found = draws(2000, ["training.learning_rate=log:1e-4..1e-2", "training.l2=lin:0..0.5", "seed=1,2"])
    assert found == draws(2000, ["training.learning_rate=log:1e-4..1e-2", "training.l2=lin:0..0.5", "seed=1,2"])
    rates, l2, seeds = (
        np.array([float(change.split("=")[1]) for change in column]) for column in zip(*found, strict=True)
    )
    assert 1e-4 <= rates.min() < 1.1e-4
    assert 0.9e-2 < rates.max() <= 1e-2
    assert np.mean(rates < 1e-3) == pytest.approx(0.5, abs=0.05)  # half of them in each of the two decades
    assert np.mean(l2 < 0.25) == pytest.approx(0.5, abs=0.05)
    assert set(seeds) == {1, 2}
    assert draws(3, ["training.l2=lin:0..1"], seed=1) != draws(3, ["training.l2=lin:0..1"])


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (lambda: grid(["training.l2"]), "training.l2: write KEY=VALUES"),
        (lambda: grid(["training.l2="]), "write KEY=VALUES"),
        (lambda: grid(["seed=1", "seed=2"]), "seed: is named twice"),
        (lambda: grid(["training.l2=log:1..2"]), "training.l2: a grid has no ranges"),
        (lambda: grid([f"{key}={','.join(map(str, range(100)))}" for key in "abc"]), "1,000,000 combinations"),
        (lambda: draws(0, ["training.l2=lin:0..1"]), "--random 0: at least one draw"),
        (lambda: draws(1, []), "--random: name what is drawn"),
        (lambda: draws(1, ["training.l2=log:0..1"]), "needs 0 < LOW < HIGH"),
        (lambda: draws(1, ["training.l2=lin:1..1"]), "needs LOW < HIGH"),
        (lambda: draws(1, ["training.l2=log:a..1"]), "'a' is no number"),
        (lambda: draws(1, ["training.l2=lin:0..inf"]), "inf is no number to draw from"),
        (lambda: draws(1, ["training.l2=0..1"]), "is no range; write log:"),
        (lambda: configs_of("mlp", [()], [], 0), "--seeds 0: at least one"),
        (lambda: configs_of("mlp", [("training.l3=1",)], [], 1), "training.l3: unknown key"),
        (lambda: configs_of("mlp", [()], ["seed=7"], 1), "seed: is not a setting of a sweep"),
        (lambda: configs_of("mlp", grid(["seed=1,2"]), [], 1), "say how many with --seeds N"),
        (lambda: configs_of("mlp", draws(2, ["seed=1,2"]), [], 1), "seed: is not a setting of a sweep"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_and_how_to_mend_it(call, problem):
    with pytest.raises(ConfigError) as error:
        call()
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
