import importlib
import json

import pytest

from mnist_study.cli import main
from mnist_study.data import StudyError
from mnist_study.training import plans, sweep_names, sweep_record
from mnist_study.training.identity import identity
from mnist_study.training.plans import load_plan, run_sweep

PLAN = """\
config: mlp
seeds: 2
set: [data.train_size=200, training.epochs=1, "model.hidden=[8]"]
variants:
  plain: []
  penalty: [training.l2=1e-2]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(plans, "SWEEPS", tmp_path)
    (tmp_path / "small.yaml").write_text(PLAN)
    return tmp_path


@pytest.fixture
def trained(monkeypatch):
    """What is trained from here on, as (strength of the penalty, seed)."""
    module, keys = importlib.import_module("mnist_study.training.sweep"), []
    train = module.train
    monkeypatch.setattr(
        module, "train", lambda config, runs: keys.append((config.training.l2, config.seed)) or train(config, runs)
    )
    return keys


def weightless(runs):
    """Runs without what the clock had to do with."""
    return [
        {
            "key": (run.variant, run.seed, run.identity),
            "history": [line.rpartition(",")[0] for line in run.history],
        }
        for run in runs
    ]


def test_a_sweep_trains_every_variant_with_every_seed_and_finds_them_again(folder, trained):
    sweep = run_sweep("small", progress=False)
    assert trained == [(3e-4, 0), (1e-2, 0), (3e-4, 1), (1e-2, 1)]
    assert sweep.variants == ("plain", "penalty")
    assert sweep.last("plain", "validation_accuracy").shape == (2,)
    assert sweep.history("penalty", 1).epochs[-1].epoch == 1
    assert sweep_record("small") == sweep
    trained.clear()
    assert run_sweep("small", progress=False) == sweep
    assert trained == []


def test_the_command_says_what_each_variant_read_or_in_one_line_what_is_wrong(folder, capsys):
    assert main(["sweep", "small"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:2]] == [["plain", "validation"], ["penalty", "validation"]]
    assert main(["sweep", "smal"]) == 1
    assert capsys.readouterr().err.startswith(
        "mnist-study: no config and no sweep 'smal'; did you mean 'small'?; there are cnn, "
    )


def test_an_interrupted_sweep_trains_only_what_is_missing_and_ends_the_same(folder, trained):
    whole = run_sweep("small", progress=False)
    record = folder / "small.json"
    content = json.loads(record.read_text())
    content["runs"] = content["runs"][:3]
    record.write_text(json.dumps(content))
    trained.clear()
    assert weightless(run_sweep("small", progress=False).runs) == weightless(whole.runs)
    assert len(trained) == 1


def test_a_changed_variant_is_trained_anew_and_the_others_are_kept(folder, trained):
    run_sweep("small", progress=False)
    (folder / "small.yaml").write_text(PLAN.replace("1e-2", "1e-3"))
    trained.clear()
    run_sweep("small", progress=False)
    assert trained == [(1e-3, 0), (1e-3, 1)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("seeds: 2", "seeds: 0"), "small.yaml: seeds: Input should be greater than or equal to 1"),
        (("config: mlp", "confg: mlp"), "small.yaml: config: Field required"),
        (("training.l2", "training.l3"), "training.l3: unknown key"),
    ],
)
def test_a_mistake_in_a_plan_is_one_line(folder, change, problem):
    (folder / "small.yaml").write_text(PLAN.replace(*change))
    with pytest.raises(StudyError) as error:
        run_sweep("small", progress=False)
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_not_there_is_said_in_one_line(folder):
    with pytest.raises(StudyError, match="no sweep 'smal'; did you mean 'small'"):
        sweep_record("smal")
    with pytest.raises(StudyError, match="make it with: mnist-study sweep small"):
        sweep_record("small")
    with pytest.raises(StudyError, match="jobs: 0"):
        run_sweep("small", jobs=0)


@pytest.mark.parametrize("name", sweep_names())
def test_a_committed_record_is_that_of_its_plan_whole_and_with_seeds_enough(name):
    """Ten seeds; five where a run takes minutes; one where no chance is in it: full-batch descent from zeros."""
    configs, record = load_plan(name).configs(), sweep_record(name)
    assert [(run.variant, run.seed) for run in record.runs] == list(configs)
    for run, config in zip(record.runs, configs.values(), strict=True):
        assert run.identity == identity(config)
        assert run.history[-1].startswith(f"{config.training.epochs},")
        assert {"processor", "instructions", "threads", "gpu"} <= set(run.machine)
    seeds, seconds = load_plan(name).seeds, max(run.metrics["seconds"] for run in record.runs)
    deterministic = all(c.training.batch_size == 48_000 and not c.model.hidden for c in configs.values())
    assert seeds >= 10 or (seeds >= 5 and seconds > 100) or deterministic
