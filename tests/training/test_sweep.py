"""Many trainings: found again, gone on with, failing alone, and the same however many processes train them."""

import csv
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mnist_study.cli import main
from mnist_study.data import StudyError
from mnist_study.models import read_model
from mnist_study.training import Config, dump_config, list_runs, load_config, sweep
from mnist_study.training.identity import identity
from mnist_study.training.listeners import Stop

SMALL = ["data.train_size=300", "training.epochs=2", "model.hidden=[8]", "logging.progress=false"]
QUIET = [*SMALL, "logging.tensorboard=false"]
module = importlib.import_module("mnist_study.training.sweep")


def configs(*changes, name="mlp", seeds=2) -> list[Config]:
    return [load_config(name, [*QUIET, *changes, f"seed={seed}"]) for seed in range(seeds)]


def weights(trained):
    return {name: values.tobytes() for name, values in trained.run.model.get_weights().items()}


@pytest.fixture
def trainings(monkeypatch):
    """Seeds that are trained from here on."""
    seeds, train = [], module.train
    monkeypatch.setattr(module, "train", lambda config, runs: seeds.append(config.seed) or train(config, runs))
    return seeds


def test_each_config_becomes_a_run_which_is_found_again(tmp_path, trainings):
    first = sweep(configs(), tmp_path, progress=False)
    assert [one.how for one in first] == ["trained", "trained"]
    again = sweep([*configs(seeds=3), *configs(seeds=1)], tmp_path, progress=False)
    assert [one.how for one in again] == ["found", "found", "trained", "found"]
    assert trainings == [0, 1, 2]
    assert [one.run.directory for one in again[:2]] == [one.run.directory for one in first]


def test_a_config_may_be_a_path_as_for_train_and_one_alone_is_no_list(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(dump_config(configs(seeds=1)[0]))
    assert [one.how for one in sweep([path, *configs(seeds=1)], tmp_path / "runs", progress=False)] == ["trained"] * 2
    with pytest.raises(StudyError, match="^sweep takes a list of configs, and this is one alone: mlp"):
        sweep("mlp", tmp_path)
    with pytest.raises(StudyError, match=r"^jobs: 1.5, but at least one process"):
        sweep([path], tmp_path, jobs=1.5)


def test_a_failed_training_is_one_line_and_ends_nobody_elses(tmp_path):
    wild = load_config("mlp", [*QUIET, "training.optimizer=sgd", "training.learning_rate=1e30"])
    failed, fine = sweep([wild, *configs(seeds=1)], tmp_path, progress=False)
    assert (failed.how, failed.run) == ("failed", None)
    assert "try a lower learning rate" in failed.problem
    assert "\n" not in failed.problem
    assert fine.how == "trained"


def test_a_mistake_of_the_programs_ends_nobody_elses_either(tmp_path, monkeypatch):
    train = module.train
    broken = lambda config, runs: train(config, runs) if config.seed else 1 / 0  # noqa: E731
    monkeypatch.setattr(module, "train", broken)
    failed, fine = sweep(configs(), tmp_path, progress=False)
    assert failed.problem == "ZeroDivisionError: division by zero"
    assert fine.how == "trained"


@pytest.mark.parametrize("name", ["mlp", "cnn_numpy"])
def test_an_interrupted_run_is_gone_on_with_to_the_bit(name, tmp_path):
    """Batch norm's running averages among it."""
    maps = ["model.channels=[2]", "model.kernels=[3]", "model.batch_norm=true"] if name == "cnn_numpy" else []

    class AfterOneEpoch(module.train.__globals__["Listener"]):
        def after_epoch(self, epoch, engine):
            return Stop("interrupted", resumable=True)

    config = configs(*maps, name=name, seeds=1)[0]
    module.train(config, tmp_path, listeners=[AfterOneEpoch()])
    (found,) = sweep([config], tmp_path, progress=False)
    assert found.how == "gone on with"
    (whole,) = sweep([config], tmp_path / "elsewhere", progress=False)
    assert weights(found) == weights(whole)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp", "cnn_numpy"])
def test_two_processes_come_to_the_same_bits_as_one(tmp_path, name):
    kernels = ["model.channels=[2]", "model.kernels=[3]"] if name == "cnn_numpy" else []
    many = configs(*kernels, name=name, seeds=3)
    serial = sweep(many, tmp_path / "one", progress=False)
    parallel = sweep(many, tmp_path / "two", jobs=2, progress=False)
    assert [weights(one) for one in serial] == [weights(one) for one in parallel]


@pytest.mark.slow
def test_a_worker_of_a_cluster_that_is_killed_loses_nothing_and_nothing_is_done_twice(tmp_path):
    pytest.importorskip("distributed")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    def start(*command):
        return subprocess.Popen([sys.executable, "-m", *command], env=environment, cwd=tmp_path)

    address = tmp_path / "scheduler.json"
    there = ["--scheduler-file", str(address)]
    started = [start("distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", *there)]
    try:
        while not address.exists():
            assert started[0].poll() is None, "the scheduler ended before it listened"
            time.sleep(0.1)
        worker = ["distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", *there]
        started += [start(*worker), start(*worker)]
        runs = tmp_path / "runs"
        many = configs("training.epochs=60", "data.train_size=20000", seeds=4)
        code = (
            "import sys; from mnist_study.cli import main; "
            f"sys.exit(main(['sweep', 'mlp', '--seeds', '4', '--runs', {str(runs)!r}, '--backend', 'dask', "
            f"'--scheduler', {json.loads(address.read_text())['address']!r}, "
            + ", ".join(f"'--set', {change!r}" for change in [*QUIET, "training.epochs=60", "data.train_size=20000"])
            + "]))"
        )
        sweeping = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
        while not list(runs.glob("*/checkpoints/last.safetensors")):
            assert sweeping.poll() is None, "the sweep ended before a worker could be killed"
            time.sleep(0.05)
        started[1].send_signal(signal.SIGKILL)
        output, _ = sweeping.communicate()
        assert sweeping.returncode == 0, output
        finished = list_runs(runs)
        assert sorted(run.identity for run in finished) == sorted(map(identity, many))
        assert {run.status for run in finished} == {"finished"}
        whole = sweep(many[:1], tmp_path / "here", progress=False)[0]
        same = next(run for run in finished if run.identity == identity(many[0]))
        assert weights(whole) == {name: v.tobytes() for name, v in same.model.get_weights().items()}
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def test_no_cluster_and_no_process_are_one_line(tmp_path, monkeypatch):
    with pytest.raises(StudyError, match="jobs: 0, but at least one process"):
        sweep(configs(), tmp_path, jobs=0)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(StudyError, match=r"--scheduler needs Dask: pip install 'mnist-study\[dask\]'"):
        sweep(configs(), tmp_path, scheduler="tcp://127.0.0.1:1")


# The command: table, CSV, TensorBoard, and the search that ends in files.


def arguments(tmp_path, *more):
    changes = [part for change in SMALL for part in ("--set", change)]
    return [*changes, "--runs", str(tmp_path / "runs"), *more]


def test_the_command_shows_settings_best_first_and_writes_a_row_for_each_run(tmp_path, capsys):
    rates = "training.learning_rate=1e-30,1e-2"
    assert main(["sweep", "mlp", *arguments(tmp_path, "--grid", rates, "--seeds", "2")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["training.learning_rate=1e-2", "training.learning_rate=1e-30"]
    assert "± " in lines[1]
    assert "(2 seeds)" in lines[1]
    rows = list(csv.DictReader(next((tmp_path / "runs").glob("mlp_sweep_*.csv")).read_text().splitlines()))
    assert [(row["training.learning_rate"], row["seed"], row["status"]) for row in rows] == [
        ("1e-2", "0", "trained"),
        ("1e-2", "1", "trained"),
        ("1e-30", "0", "trained"),
        ("1e-30", "1", "trained"),
    ]
    for row in rows:
        metrics = json.loads((Path(row["run"]) / "metrics.json").read_text())
        assert float(row["validation_accuracy"]) == metrics["validation_accuracy"]
        assert len((Path(row["run"]) / "history.csv").read_text().splitlines()) == 3  # its epochs as CSV


def test_another_sweep_of_a_config_leaves_the_rows_of_the_first(tmp_path):
    for rates in ("1e-3,1e-2", "3e-3", "3e-3"):
        assert main(["sweep", "mlp", *arguments(tmp_path, "--grid", f"training.learning_rate={rates}")]) == 0
    tables = [path.read_text().splitlines() for path in (tmp_path / "runs").glob("mlp_sweep_*.csv")]
    assert sorted(map(len, tables)) == [2, 3]  # the last sweep was the second once more


@pytest.mark.parametrize(
    "more", [["--set", "training.epochs=1"], ["--seeds", "99"], ["--runs", "here"], ["--grid", "a=1"]]
)
def test_a_sweep_of_the_package_takes_no_settings_and_says_so(more, capsys):
    assert main(["sweep", "schedule", *more]) == 1
    assert capsys.readouterr().err == (
        f"mnist-study: schedule: is a sweep of the package, whose file says all; leave out {more[0]}\n"
    )


@pytest.mark.parametrize("file", ["mlp.safetensors", "mlp.npz"])
def test_auto_leaves_another_networks_file_where_it_is_and_says_so_before_it_trains(file, tmp_path, capsys):
    (tmp_path / file).write_bytes(b"yesterday's")
    quick = arguments(tmp_path, "--random", "1", "training.l2=log:1e-5..1e-4", "--out", str(tmp_path))
    assert main(["auto", "mlp", *quick]) == 1
    message = capsys.readouterr().err
    assert f"{file}: is another network's; name another folder with --out, or move the file away\n" in message
    assert [path.name for path in tmp_path.iterdir()] == [file]
    assert (tmp_path / file).read_bytes() == b"yesterday's"


def test_auto_writes_over_its_own_files_and_over_none_of_another_setting_and_trains_with_the_seed_of_its_search(
    tmp_path, capsys
):
    (tmp_path / "mlp.yaml").write_text(dump_config(load_config("mlp", ["seed=7"])))
    once = ["auto", str(tmp_path / "mlp.yaml"), *arguments(tmp_path, "--out", str(tmp_path), "--random", "1")]
    assert main([*once, "training.l2=log:1e-5..1e-4"]) == main([*once, "training.l2=log:1e-5..1e-4"]) == 0
    assert {run.config.seed for run in list_runs(tmp_path / "runs")} == {0}
    before = (tmp_path / "mlp.npz").read_bytes()
    (tmp_path / "mlp.safetensors").unlink()
    capsys.readouterr()
    assert main([*once, "training.l2=log:1e-3..1e-2"]) == 1
    assert "mlp.npz: is another network's" in capsys.readouterr().err
    assert (tmp_path / "mlp.npz").read_bytes() == before
    assert not (tmp_path / "mlp.safetensors").exists()


def test_a_failed_run_is_a_line_in_table_and_csv_and_the_exit_status_says_so(tmp_path, capsys):
    choices = ["training.learning_rate=1e-2,1e30", "training.optimizer=sgd"]
    assert main(["sweep", "mlp", *arguments(tmp_path, "--grid", *choices)]) == 1
    out = capsys.readouterr().out
    assert "failed: training.learning_rate=1e30 training.optimizer=sgd, seed 0: " in out
    rows = list(csv.DictReader(next((tmp_path / "runs").glob("mlp_sweep_*.csv")).read_text().splitlines()))
    assert [(row["status"], bool(row["problem"]), row["validation_accuracy"] == "") for row in rows] == [
        ("trained", False, False),
        ("failed", True, True),
    ]


def test_tensorboards_hparams_tab_finds_the_setting_of_each_run(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

    assert main(["sweep", "mlp", *arguments(tmp_path, "--grid", "training.l2=1e-4,1e-3")]) == 0
    found = set()
    for run in list_runs(tmp_path / "runs"):
        events = EventAccumulator(str(run.directory / "tensorboard"))
        events.Reload()
        content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        setting = HParamsPluginData.FromString(content).session_start_info.hparams
        found.add((setting["training.l2"].string_value, setting["seed"].string_value))
        assert "validation/accuracy" in events.Tags()["scalars"]
    assert found == {("1e-4", "0"), ("1e-3", "0")}


@pytest.mark.parametrize("name", ["mlp", "cnn_numpy"])
def test_auto_trains_the_best_once_more_and_writes_a_file_and_a_bundle_that_read_alike(name, tmp_path, capsys, mnist):
    out = tmp_path / "files"
    small = ["--set", "model.channels=[2]", "--set", "model.kernels=[3]"] if name == "cnn_numpy" else []
    draws = ["--random", "2", "training.learning_rate=log:1e-3..1e-2", "--out", str(out), *small]
    assert main(["auto", name, *arguments(tmp_path, *draws)]) == 0
    printed = capsys.readouterr().out
    assert "best: training.learning_rate=" in printed
    file, bundle = read_model(out / f"{name}.safetensors"), read_model(out / f"{name}.npz")
    images = mnist.validation.images[:200]
    assert np.array_equal(file.logits(images), bundle.logits(images))
    stopping = [run.config.training.early_stopping for run in list_runs(tmp_path / "runs")]
    assert sum(section is not None for section in stopping) == 1


def test_evaluate_takes_a_run_a_model_that_ships_and_a_file(tmp_path, capsys):
    runs = ["--runs", str(tmp_path / "runs")]
    assert main(["evaluate", "softmax", *runs]) == 0
    assert "softmax: test accuracy 92." in capsys.readouterr().out
    (trained,) = sweep(
        [load_config("softmax", [*QUIET[:2], "logging.tensorboard=false", "logging.progress=false"])],
        tmp_path / "runs",
        progress=False,
    )
    assert main(["evaluate", "softmax", *runs]) == 0
    assert f"{trained.run.directory}: test accuracy" in capsys.readouterr().out
    assert main(["evaluate", str(trained.run.best_path), *runs]) == 0
    assert f"{trained.run.best_path}: test accuracy" in capsys.readouterr().out
    assert main(["evaluate", "sofmax", *runs]) == 1
    assert main(["evaluate", str(tmp_path / "no.npz"), *runs]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
