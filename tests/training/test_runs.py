"""Runs that survive anything: stopped, killed, on a full disk, with a loss that explodes."""

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from small import MODELS, STEPS, StopAfter, small_arguments, small_config
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import mnist_study as ms
from mnist_study.cli import main
from mnist_study.training import Run, RunError, find_run, list_runs, resume
from mnist_study.training.runs import new_run

COMMAND = [str(Path(sys.executable).with_name("mnist-study"))]


def columns(run):
    """The history without its times."""
    return [line.rsplit(",", 1)[0] for line in (run.directory / "history.csv").read_text().splitlines()]


def assert_equal(run, whole):
    for name in ("last", "best"):
        ours, theirs = (load_file(r.directory / f"checkpoints/{name}.safetensors") for r in (run, whole))
        assert ours.keys() == theirs.keys()
        for tensor, values in ours.items():
            assert np.array_equal(values, theirs[tensor]), f"{name}: {tensor}"
    assert columns(run) == columns(whole)
    ours, theirs = ({k: v for k, v in r.metrics.items() if k != "seconds"} for r in (run, whole))
    assert ours == theirs


def test_a_run_is_whole(tmp_path, mnist):
    run = ms.train(small_config("numpy_mlp", "logging.tensorboard=true"), tmp_path)
    found = {str(path.relative_to(run.directory)) for path in run.directory.rglob("*") if path.is_file()}
    events = {name for name in found if name.startswith("tensorboard/")}
    assert found - events == {
        "config.yaml",
        "checkpoints/best.safetensors",
        "checkpoints/last.safetensors",
        "history.csv",
        "metrics.json",
        "status",
    }
    assert events
    assert run.status == "finished"
    assert run.config == small_config("numpy_mlp", "logging.tensorboard=true")
    header = "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds"
    assert (run.directory / "history.csv").read_text().startswith(header + "\n1,")
    expected = (
        "train_loss train_accuracy validation_loss validation_accuracy best_epoch epochs seconds parameters stopped_by"
    )
    assert list(run.metrics) == expected.split()
    best = run.history.best("validation_loss")
    assert run.metrics["best_epoch"] == best.epoch
    assert run.metrics["validation_accuracy"] == best.validation_accuracy
    right = run.model.predict(mnist.validation.images) == mnist.validation.labels
    assert right.mean() == pytest.approx(best.validation_accuracy, abs=1e-9)
    measured, confusion = run.evaluate()
    assert confusion.errors == measured.errors == run.metrics["test_errors"]
    assert run.metrics["test_accuracy"] == measured.fraction


@pytest.mark.slow
@pytest.mark.parametrize("kind", MODELS)
def test_a_stopped_run_goes_on_to_the_bit(tmp_path, kind):
    whole = ms.train(small_config(kind), tmp_path)
    for steps in (1, STEPS + 3, 3 * STEPS, 4 * STEPS - 1):  # first, in an epoch, an epoch's last, one before the end
        run = ms.train(small_config(kind), tmp_path, listeners=[StopAfter(steps)])
        assert run.status == "interrupted"
        assert resume(run).status == "finished"
        assert_equal(run, whole)
    too_late = ms.train(small_config(kind), tmp_path, listeners=[StopAfter(4 * STEPS)])
    assert too_late.status == "finished"
    assert_equal(too_late, whole)


def test_a_resumed_run_has_the_weights_of_its_new_end(tmp_path, mnist):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(STEPS)])
    before = run.model.logits(mnist.validation.images[:10])
    whole = ms.train(small_config(), tmp_path)
    after = resume(run).model.logits(mnist.validation.images[:10])
    assert not np.array_equal(before, after)
    assert np.array_equal(after, whole.model.logits(mnist.validation.images[:10]))


@pytest.mark.slow
def test_a_run_stopped_again_and_again_goes_on_to_the_bit(tmp_path):
    whole = ms.train(small_config(), tmp_path)
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(2)])
    for steps in (1, 3, 5, 6, 6):
        resume(run, listeners=[StopAfter(steps)])
    assert_equal(resume(run), whole)


def test_early_stopping_remembers_across_a_stop(tmp_path):
    changes = ("training.epochs=30", "training.learning_rate=0.1", "training.early_stopping={patience: 2}")
    whole = ms.train(small_config("numpy_mlp", *changes), tmp_path)
    assert whole.metrics["stopped_by"] == "no better validation_loss for 2 epochs"
    last = whole.metrics["epochs"]
    assert last < 30
    run = ms.train(small_config("numpy_mlp", *changes), tmp_path, listeners=[StopAfter((last - 1) * STEPS + 2)])
    assert_equal(resume(run), whole)


def test_a_run_that_was_killed_before_early_stopping_spoke_ends_where_it_should_have(tmp_path):
    changes = ("training.epochs=30", "training.learning_rate=0.1", "training.early_stopping={patience: 2}")
    whole = ms.train(small_config("numpy_mlp", *changes), tmp_path)
    before = whole.metrics
    whole.write("status", "running\n")
    resumed = resume(whole)
    assert resumed.metrics == before
    assert resumed.status == "finished"


def test_a_checkpoint_made_under_another_config_is_refused(tmp_path):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(3)])
    text = (run.directory / "config.yaml").read_text()
    (run.directory / "config.yaml").write_text(text.replace("batch_size: 100", "batch_size: 50"))
    with pytest.raises(RunError, match="it was made under another config than config.yaml is now"):
        resume(run)


def test_going_on_forgets_the_test_accuracy_of_the_weights_before(tmp_path):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(STEPS + 1)])
    run.evaluate()
    assert "test_accuracy" in run.metrics
    assert "test_accuracy" not in resume(run).metrics


def test_a_network_that_the_last_update_broke_is_not_saved(tmp_path):
    engines = []

    class BreakThenStop(StopAfter):
        def after_epoch(self, epoch, engine):
            engines.append(engine)

        def after_step(self, loss):
            reason = super().after_step(loss)
            if reason:
                engines[0].network.parameters[:] = np.nan
            return reason

    whole = ms.train(small_config("numpy_mlp", "training.ema=0.0"), tmp_path)
    run = ms.train(small_config("numpy_mlp", "training.ema=0.0"), tmp_path, listeners=[BreakThenStop(STEPS + 2)])
    assert_equal(resume(run), whole)


@pytest.mark.slow
def test_tensorboard_reads_a_resumed_run_as_if_it_had_never_stopped(tmp_path):
    config = small_config("numpy_mlp", "logging.tensorboard=true")
    run = resume(ms.train(config, tmp_path, listeners=[StopAfter(2 * STEPS + 1)]))
    events = EventAccumulator(str(run.directory / "tensorboard")).Reload()
    scalars = events.Scalars("validation/accuracy")
    assert [scalar.step for scalar in scalars] == [1, 2, 3, 4]
    assert [scalar.value for scalar in scalars] == pytest.approx(run.history["validation_accuracy"].tolist())
    assert set(events.Tags()["images"]) == {"validation/confusion", "validation/misread"}
    assert {"learning/rate", "train/loss", "train/accuracy", "validation/loss"} < set(events.Tags()["scalars"])


def test_runs_of_the_same_second_share_nothing_and_the_newest_is_found_by_name(tmp_path):
    made = [new_run("same", "", tmp_path) for _ in range(12)] + [new_run("same_other", "", tmp_path)]
    assert len({run.directory for run in made}) == 13
    assert [run.name for run in list_runs(tmp_path)] == [run.name for run in made]
    assert find_run("same", tmp_path) == made[-2]
    assert find_run(made[3].name, tmp_path) == find_run(made[3].directory, tmp_path) == made[3]
    with pytest.raises(RunError, match="sane: no such run in .*did you mean 'same"):
        find_run("sane", tmp_path)


def test_a_finished_run_and_one_that_is_being_trained_are_not_gone_on_with(tmp_path):
    run = ms.train(small_config("numpy_mlp", "training.epochs=1"), tmp_path)
    with pytest.raises(RunError, match="is finished"):
        resume(run)
    with run.locked(), pytest.raises(RunError, match="another process is training this run"):
        resume(run)


@pytest.mark.slow
def test_a_checkpoint_that_is_damaged_or_of_another_network_is_refused(tmp_path):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(3)])
    other = ms.train(small_config("numpy_mlp", "model.hidden=[8]"), tmp_path, listeners=[StopAfter(3)])
    good = run.last_path.read_bytes()
    for content in (good[:-7], b"", other.last_path.read_bytes(), b"\x80\x04cposix\nsystem\n"):
        run.last_path.write_bytes(content)
        with pytest.raises(RunError, match="no checkpoint of this run"):
            resume(run)
    run.last_path.write_bytes(good)
    assert resume(run).status == "finished"


@pytest.mark.slow
def test_training_never_reads_the_test_files(tmp_path, root, monkeypatch):
    whole = {kind: ms.train(small_config(kind), tmp_path / "runs") for kind in MODELS}
    for path in (root / "data").glob("train-*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setenv("MNIST_STUDY_DATA", str(tmp_path))
    for kind, run in whole.items():
        assert_equal(ms.train(small_config(kind), tmp_path / "runs"), run)
    with pytest.raises(ms.DataError, match="t10k"):
        run.evaluate()


def test_a_loss_that_explodes_stops_at_once_and_keeps_the_last_good_checkpoint(tmp_path):
    changes = ["training.learning_rate=1e9", "training.schedule={name: step, factor: 1.0}", "training.optimizer=sgd"]
    calm = small_config("numpy_mlp", "training.epochs=2")
    good = ms.train(calm, tmp_path, listeners=[StopAfter(7)])
    wild = small_config("numpy_mlp", "training.epochs=2", *changes, "model.hidden=[16, 16, 16]")
    with (
        np.errstate(all="ignore"),
        pytest.raises(RunError, match=r"loss (nan|inf) in epoch 1, step \d of 6: try a lower"),
    ):
        ms.train(wild, tmp_path)
    failed = list_runs(tmp_path)[-1]
    assert failed.status == "failed"

    engines = []

    class Poison(StopAfter):  # the weights explode in the middle of the second epoch, after a good first
        def after_step(self, loss):
            self.left -= 1
            if not self.left:
                engines[0].network.parameters[:] = np.nan

        def after_epoch(self, epoch, engine):
            engines.append(engine)

    with pytest.raises(RunError, match=r"loss nan in epoch 2, step 3 of 6.*what was saved before that is still good"):
        ms.train(calm, tmp_path, listeners=[Poison(8)])
    failed = list_runs(tmp_path)[-1]
    assert failed.status == "failed"
    assert resume(failed).status == "finished"  # from the checkpoint after epoch 1
    assert_equal(failed, resume(good))


def test_a_full_disk_is_one_line_and_the_last_good_checkpoint_is_intact(tmp_path, monkeypatch):
    whole = ms.train(small_config(), tmp_path)
    synced, real = [], os.fsync

    def full(file):
        synced.append(file)
        if len(synced) > 9:  # in the middle of the second epoch's files
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(file)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        RunError, match="cannot be written .No space left on device.; what was saved before is still good"
    ):
        ms.train(small_config(), tmp_path)
    monkeypatch.undo()
    run = list_runs(tmp_path)[-1]
    assert not list(run.directory.rglob(".*"))
    assert len(run.history.epochs) >= 1
    assert_equal(resume(run), whole)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["train", "fc", "--runs", str(tmp_path / "file" / "runs"), *small_arguments()]) == 1
    told = capsys.readouterr().err
    assert "no run can be kept there (Not a directory); name another folder" in told
    assert told.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_a_read_only_folder_is_one_line(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    for parent in folder.parents:
        if parent.stat().st_uid == 0 and parent.is_relative_to(tmp_path.parents[1]):
            parent.chmod(0o755)
    code = (
        "import os, sys; from mnist_study.cli import main; "
        f"train = {['train', 'fc', *small_arguments(), '--runs']!r}; "
        f"main([*train, {str(tmp_path)!r}]); "  # imports all while it may
        f"os.setgid(65534); os.setuid(65534); sys.exit(main([*train, {str(folder)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no run can be kept there (Permission denied); name another folder" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_hundred_kills_at_random_instants_always_leave_a_checkpoint_that_loads(tmp_path):
    script = Path(__file__).with_name("save_until_killed.py")
    done = subprocess.run([sys.executable, script, tmp_path, "100"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert sum(map(int, done.stdout.split())) == 100


LONG = ("training.epochs=40", "training.early_stopping=null", "data.train_size=3000")


def start(folder, *changes):
    command = [*COMMAND, "train", "fc", "--runs", str(folder), *small_arguments("numpy_mlp", *LONG, *changes)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_epochs(folder, count, process):
    """Until the run has so many rows; it must not have ended before."""
    for _ in range(60_000):
        found = list_runs(folder)
        if found and len(found[-1].history.epochs) >= count:
            return found[-1]
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    raise AssertionError("the run does not get on")


@pytest.mark.slow
def test_five_whole_runs_that_are_killed_go_on_to_the_same_end(tmp_path):
    whole = ms.train(small_config("numpy_mlp", *LONG), tmp_path / "whole")
    chance = random.Random(1)
    for number in range(5):
        folder = tmp_path / str(number)
        process = start(folder)
        run = wait_for_epochs(folder, chance.randrange(0, 25), process)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.communicate()
        assert run.status == "running"  # nobody could write anything else
        assert_equal(resume(Run(run.directory)), whole)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_finishes_the_batch_saves_says_so_and_tells_the_shell(tmp_path, number, code):
    process = start(tmp_path)
    run = wait_for_epochs(tmp_path, 2, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=600)
    assert (process.returncode, err) == (code, "")
    assert f"interrupted by {number.name}; all is saved; go on with: mnist-study resume {run.directory}" in out
    assert run.status == "interrupted"
    done = subprocess.run([*COMMAND, "resume", run.directory], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert run.status == "finished"
    assert_equal(run, ms.train(small_config("numpy_mlp", *LONG), tmp_path / "whole"))


@pytest.mark.slow
def test_a_second_signal_ends_at_once(tmp_path):
    process = start(tmp_path, "data.train_size=20000", "training.batch_size=20000", "model.hidden=[4096, 2048]")
    while not list_runs(tmp_path):
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(3)  # in the middle of a step of several seconds
    try:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=600)
    finally:
        process.kill()
    assert process.returncode == 143
    assert "all is saved" not in out  # it did not wait for the end of the step


def test_the_commands_from_a_shell(tmp_path, capsys):
    where = ["--runs", str(tmp_path)]
    assert main(["runs", *where]) == 0
    assert "no runs in" in capsys.readouterr().out
    assert main(["train", "fc", *where, *small_arguments("numpy_mlp", "seed=123")]) == 0
    assert main(["evaluate", "small", *where]) == 0
    told = capsys.readouterr().out
    assert "test accuracy" in told
    assert "of 10 000 wrong" in told
    assert "digit  precision  recall" in told
    assert main(["runs", *where]) == 0
    listed = capsys.readouterr().out.splitlines()[-1]
    run = find_run("small", tmp_path)
    assert listed.startswith(f"{run.name}  finished")
    assert f"{run.metrics['test_accuracy']:.2%}" in listed
    assert run.config.seed == 123
    for command, problem in [
        (["train", "cnn_fats"], "did you mean 'cnn_fast'"),
        (["train", "fc", "--set", "training.epochs=0"], "training.epochs: should be greater than or equal to 1"),
        (["evaluate", "nothing"], "no such run"),
        (["resume", "small"], "is finished"),
    ]:
        assert main([*command, *where]) == 1
        told = capsys.readouterr().err
        assert problem in told
        assert told.count("\n") == 1


def test_metrics_or_history_that_were_tampered_with_are_one_line(tmp_path, capsys):
    run = ms.train(small_config("numpy_mlp", "training.epochs=1"), tmp_path)
    for name in ("metrics.json", "history.csv"):
        good = (run.directory / name).read_text()
        (run.directory / name).write_text("{" + good[: len(good) // 2].replace(",", ";"))
        assert main(["runs", "--runs", str(tmp_path)]) == 1
        assert f"{name}: cannot be read" in capsys.readouterr().err
        (run.directory / name).write_text(good)


def test_digits_that_a_program_draws_stand_behind_mnists_and_are_the_same_for_every_seed(mnist):
    from mnist_study.training.config import DataSection
    from mnist_study.training.trainer import _training_digits

    digits = _training_digits(DataSection(train_size=100, drawn=50), mnist.train)
    assert len(digits) == 150
    assert np.array_equal(digits.images[:100], mnist.train.images[:100])
    assert digits.labels[100:].tolist() == list(range(10)) * 5
    assert np.array_equal(_training_digits(DataSection(drawn=50), mnist.train).images[-50:], digits.images[100:])
    assert len(_training_digits(DataSection(train_size=100), mnist.train)) == 100
