import json
import shutil
from itertools import combinations

import numpy as np
import pytest
from small import CHANGES, MODELS, StopAfter

import mnist_study as ms
from mnist_study.cli import main
from mnist_study.data import StudyError, checkout
from mnist_study.models import model_record, store
from mnist_study.training import dump_config, list_runs, load_config, plans, recorded, shipping
from mnist_study.training.shipping import ship, ship_together

CONFIG = load_config("fc", [f"model={MODELS['numpy_mlp']}", *CHANGES, "training.epochs=1"])


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package whose weights are in a folder of their own, and a config of the user's."""
    shipped = tmp_path / "weights"
    shutil.copytree(store.SHIPPED, shipped)
    for module in (store, shipping):
        monkeypatch.setattr(module, "SHIPPED", shipped)
    (tmp_path / "small.yaml").write_text(dump_config(CONFIG))
    return shipped


def test_the_seed_that_reads_validation_best_ships_with_a_record_of_all(package, tmp_path, mnist):
    lines = ship(tmp_path / "small.yaml", 2, tmp_path / "runs").splitlines()
    runs = list_runs(tmp_path / "runs")
    assert lines[:2] == [f"seed {seed}: trained, {run.directory}" for seed, run in enumerate(runs)]
    record = model_record("small")
    best = max(runs, key=lambda run: (run.metrics["validation_accuracy"], -run.metrics["validation_loss"]))
    assert lines[2].startswith(f"small: kept seed {record.seed}; test accuracy of all: ")
    assert (record.seed, record.metrics) == (best.config.seed, best.metrics)
    assert [entry["test_errors"] for entry in record.seeds] == [run.metrics["test_errors"] for run in runs]
    assert record.command == f"mnist-study ship {tmp_path / 'small.yaml'} --seeds 2"
    predictions = ms.load_model("small").predict(mnist.test.images)
    assert (predictions != mnist.test.labels).sum() == record.metrics["test_errors"]


def test_an_interrupted_ship_finds_what_is_finished_goes_on_and_trains_only_what_is_missing(package, tmp_path):
    runs = tmp_path / "runs"
    ms.train(CONFIG.model_copy(update={"name": "other"}), runs)
    ms.train(CONFIG.model_copy(update={"seed": 1}), runs, listeners=[StopAfter(2)])
    ms.train(CONFIG.model_copy(update={"seed": 5}), runs)
    damaged = ms.train(CONFIG.model_copy(update={"seed": 2}), runs)
    (damaged.directory / "metrics.json").write_text("{")
    finished, interrupted = list_runs(runs)[:2]
    lines = ship(tmp_path / "small.yaml", 3, runs).splitlines()
    assert lines[:2] == [f"seed 0: found, {finished.directory}", f"seed 1: gone on with, {interrupted.directory}"]
    assert lines[2] == f"seed 2: trained, {list_runs(runs)[-1].directory}"
    assert len(list_runs(runs)) == 5
    record = model_record("small")
    assert record.config["name"] == "small"  # whatever the run was called
    assert len(record.seeds) == 3
    assert ship(tmp_path / "small.yaml", 3, runs).count(": found, ") == 3
    assert len(list_runs(runs)) == 5


def test_a_model_from_a_config_of_a_user_is_not_replaced_by_another_config_either(package, tmp_path):
    ship(tmp_path / "small.yaml", 1, tmp_path / "runs")
    (tmp_path / "small.yaml").write_text(dump_config(CONFIG).replace("ema: 0.9", "ema: 0.8"))
    with pytest.raises(StudyError, match="small is another config of the package's; give yours another name"):
        ship(tmp_path / "small.yaml", 1, tmp_path / "runs")


@pytest.mark.parametrize("name", ["softmax", "cnn"])
def test_a_config_of_a_user_does_not_replace_a_model_of_the_package(package, tmp_path, capsys, name):
    (tmp_path / "mine.yaml").write_text(dump_config(CONFIG.model_copy(update={"name": name})))
    before = {path: path.read_bytes() for path in package.iterdir()}
    assert main(["ship", str(tmp_path / "mine.yaml"), "--runs", str(tmp_path / "runs")]) == 1
    message = capsys.readouterr().err
    assert f"{name} is another config of the package's; give yours another name" in message
    assert message.count("\n") == 1
    assert {path: path.read_bytes() for path in package.iterdir()} == before
    assert not (tmp_path / "runs").exists()


def test_nothing_ships_and_no_sweep_is_trained_in_an_installed_copy(package, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(plans, "SWEEPS", tmp_path)
    (tmp_path / "tiny.yaml").write_text("config: softmax\nseeds: 1\nvariants: {a: []}\n")
    for content in (None, "[project]\nname = 'somebody-elses'\n", "not TOML"):
        if content:
            (tmp_path / "pyproject.toml").write_text(content)
        monkeypatch.setattr(checkout, "REPOSITORY", tmp_path)
        for command in (["ship", "softmax", "--runs", str(tmp_path / "runs")], ["sweep", "tiny"]):
            assert main(command) == 1
            message = capsys.readouterr().err
            assert "belongs to an installed package; do this in a checkout of the project" in message
            assert message.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_how_many_test_digits_there_were_comes_from_the_record(package):
    path = package / "softmax.json"
    content = json.loads(path.read_text())
    content["seeds"] = [{"test_errors": e, "test_accuracy": 1 - e / 1234} for e in (0, 7, 3)]
    path.write_text(json.dumps(content))
    assert [(result.errors, result.total) for result in recorded("softmax")] == [(0, 1234), (7, 1234), (3, 1234)]
    content["seeds"] = [{"test_errors": 0, "test_accuracy": 1.0}]
    path.write_text(json.dumps(content))
    with pytest.raises(StudyError, match="softmax: misread no digit with any seed"):
        recorded("softmax")


def test_at_least_one_seed_is_trained():
    with pytest.raises(StudyError, match="--seeds 0: at least one is needed"):
        ship("fc", 0)


def test_networks_ship_together_as_the_team_that_validation_chooses(package, mnist):
    names = ["fc_small", "fc", "cnn_fast"]
    line = ship_together("team", names, most=2)
    shares = {name: ms.load_model(name).predict_proba(mnist.validation.images) for name in names}
    teams = [*((name,) for name in names), *combinations(names, 2)]
    right = {
        team: np.mean(sum(shares[name] for name in team).argmax(axis=1) == mnist.validation.labels) for team in teams
    }
    record, team = model_record("team"), ms.load_model("team")
    chosen = record.config["members"]
    assert right[chosen] == max(right.values()) == pytest.approx(record.metrics["validation_accuracy"])
    assert line.startswith(f"team: {', '.join(chosen)}; test accuracy ")
    mean = np.mean([ms.load_model(name).predict_proba(mnist.test.images) for name in chosen], axis=0)
    assert team.predict_proba(mnist.test.images) == pytest.approx(mean, abs=1e-6)
    assert record.metrics["test_errors"] == (mean.argmax(axis=1) != mnist.test.labels).sum()
    assert record.metrics["parameters"] == team.size == sum(ms.load_model(name).size for name in chosen)
    assert record.command == "mnist-study ship-together team fc_small fc cnn_fast --most 2"
    assert "team" in ms.model_names("mnist")
    assert recorded("team")[0].errors == record.metrics["test_errors"]


@pytest.mark.parametrize(
    ("name", "members", "words"),
    [
        ("cnn", ["fc"], "name the ensemble"),
        ("a team", ["fc"], "name the ensemble"),
        ("team", ["softmax"], "softmax: only networks of PyTorch"),
        ("team", ["fc", "two_digit_shared"], "two_digit_shared: only networks"),
        ("team", ["fcc"], "did you mean 'fc'"),
    ],
)
def test_who_cannot_ship_together_is_told_in_one_line(package, name, members, words, capsys):
    assert main(["ship-together", name, *members]) == 1
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not (package / "team.json").exists()
