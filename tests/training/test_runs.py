"""Runs that survive anything: stopped, killed, on a full disk, with a loss that explodes."""

import copy
import errno
import os
import pickle
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from small import MODELS, STEPS, StopAfter, small_arguments, small_config
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import mnist_study as ms
from mnist_study.cli import main
from mnist_study.data import StudyError
from mnist_study.data.files import write_atomically
from mnist_study.training import Listener, Run, RunError, find_run, list_runs, resume
from mnist_study.training.identity import identity
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
        "identity",
        "metrics.json",
        "status",
    }
    assert events
    assert run.status == "finished"
    assert run.config == small_config("numpy_mlp", "logging.tensorboard=true")
    assert run.identity == identity(run.config)
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
    others = (
        1,
        3 * STEPS,
        4 * STEPS - 1,
    )  # first, an epoch's last, one before the end
    for steps in (STEPS + 3, *(others if kind == "numpy_mlp" else ())):  # the loop is the same for all engines
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
    made = [new_run("same", "", "", tmp_path) for _ in range(12)] + [new_run("same_other", "", "", tmp_path)]
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


def test_a_finished_run_whose_weights_are_gone_says_how_to_train_it_anew(tmp_path):
    run = ms.train(small_config("numpy_mlp", "training.epochs=1"), tmp_path)
    run.best_path.unlink()
    with pytest.raises(RunError, match=r"best.safetensors: is gone, .*; train it anew with: mnist-study train .*yaml$"):
        Run(run.directory).evaluate()


def test_who_evaluates_gets_the_newest_run_that_has_weights_and_a_hint_of_models_too(tmp_path):
    older = ms.train(small_config("numpy_mlp", "training.epochs=1"), tmp_path)
    newer = new_run("small", "", "", tmp_path)
    assert find_run("small", tmp_path) == newer
    assert find_run("small", tmp_path, trained=True) == older
    with pytest.raises(RunError, match="cnn_fasst: no such run in .*; did you mean 'cnn_fast'"):
        find_run("cnn_fasst", tmp_path, trained=True)


@pytest.mark.parametrize("change", ["training.teacher.model=cnnn", "training.device=cuda"])
def test_what_is_not_here_is_said_before_there_is_a_run(tmp_path, monkeypatch, change):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    config = small_config("fully_connected", change)
    with pytest.raises(StudyError, match=change.partition("=")[0]):
        ms.train(config, tmp_path)
    assert list_runs(tmp_path) == []


def test_an_interrupt_from_the_keyboard_is_no_failure_and_the_run_goes_on(tmp_path):
    class Keyboard(Listener):
        def after_step(self, loss):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ms.train(small_config(), tmp_path, listeners=[Keyboard()])
    (run,) = list_runs(tmp_path)
    assert run.status == "interrupted"
    assert resume(run).status == "finished"


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


@pytest.mark.parametrize("content", [None, ...])
def test_a_checkpoint_that_is_no_file_is_refused_and_never_waited_for(tmp_path, content):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(3)])
    replaced(run.last_path, content)
    with pytest.raises(RunError, match=r"last.safetensors: (cannot be read \(Is a directory|is a device or a pipe)"):
        resume(run)


def test_a_run_whose_checkpoints_were_removed_begins_anew(tmp_path):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(3)])
    shutil.rmtree(run.last_path.parent)
    assert resume(run).status == "finished"
    assert run.last_path.exists()


@pytest.mark.parametrize("name", ["checkpoints", "tensorboard"])
def test_a_file_in_the_place_of_a_runs_folder_is_named_and_the_run_stays_as_it_was(tmp_path, name):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(3)])
    shutil.rmtree(run.directory / name, ignore_errors=True)
    (run.directory / name).write_text("mine")
    with pytest.raises(RunError) as error:
        resume(run)
    assert str(error.value) == f"{run.directory / name}: is no folder; remove it, then: {run.resume_command}"
    assert run.status == "interrupted"
    assert (run.directory / name).read_text() == "mine"


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
        RunError,
        match="cannot be written .No space left on device.; what was saved before that is still good; make room",
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
    message = capsys.readouterr().err
    assert "no run can be kept there (Not a directory); name another folder" in message
    assert message.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_a_read_only_folder_is_one_line(root):
    with tempfile.TemporaryDirectory() as place:  # tmp_path lies in a folder that only its owner may enter
        house, folder = Path(place) / "house", Path(place) / "locked"
        Path(place).chmod(0o755)
        # a copy that anybody may read: the checkout, too, may lie where only its owner can
        shutil.copytree(root / "mnist_study", house / "mnist_study", ignore=shutil.ignore_patterns("weights"))
        shutil.copytree(root / "data", house / "data")
        folder.mkdir(mode=0o555)
        code = (
            "import os, sys; from mnist_study.cli import main; "
            f"train = {['train', 'fc', *small_arguments(), '--runs']!r}; "
            f"main([*train, {place!r}]); "  # imports all while it may
            f"os.setgid(65534); os.setuid(65534); sys.exit(main([*train, {str(folder)!r}]))"
        )
        environment = os.environ | {"PYTHONPATH": str(house), "MNIST_STUDY_DATA": str(house / "data")}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=place)
        assert done.returncode == 1
        assert "no run can be kept there (Permission denied); name another folder" in done.stderr
        assert len(done.stderr.splitlines()) == 1


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
    printed = capsys.readouterr().out
    assert "test accuracy" in printed
    assert "of 10 000 wrong" in printed
    assert "digit  precision  recall\n    0  " in printed
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
        message = capsys.readouterr().err
        assert problem in message
        assert message.count("\n") == 1


def replaced(path, content):
    """A file of a run made into something else: bytes, a directory (None) or a pipe (...)."""
    path.unlink()
    if content is None:
        path.mkdir()
    elif content is ...:
        os.mkfifo(path)
    else:
        path.write_bytes(content)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """A finished run of one epoch, to be copied."""
    return ms.train(small_config("numpy_mlp", "training.epochs=1"), tmp_path_factory.mktemp("runs"))


DAMAGED = [
    ("status", b"\xff\xfe", "byte 0 is not UTF-8"),
    ("status", None, "cannot be read .Is a directory."),
    ("status", ..., "is a device or a pipe, not a regular file"),
    ("status", b"my own notes\n", "it holds none of running, finished, interrupted, failed"),
    ("metrics.json", b"[" * 100_000, "recursion"),
    ("metrics.json", b'{"validation_accuracy": "high"}', "validation_accuracy is no number"),
    ("metrics.json", b'{"test_accuracy": 1' + b"0" * 400 + b"}", "test_accuracy is no number"),
    ("metrics.json", b'{"test_accuracy": {}}', "test_accuracy is no number"),
    ("metrics.json", b"[]", "it is no JSON object"),
    ("history.csv", b"epoch\n" + b"1" * 200_000, "after line 1: field larger than field limit"),
    ("history.csv", b"epoch,learning_rate,train_loss\n1,0.1,0.2\n", "line 2 is no row of 7 numbers, or is cut off"),
    ("config.yaml", None, "is no file; there is no run without it"),
    ("config.yaml", ..., "is no file; there is no run without it"),
]


@pytest.mark.parametrize(("name", "content", "problem"), DAMAGED)
def test_a_damaged_run_is_one_marked_line_of_the_list(tmp_path, ended, capsys, name, content, problem):
    for copied in ("a", "b\n\x1b[31m", "c"):
        shutil.copytree(ended.directory, tmp_path / copied)
    replaced(tmp_path / "b\n\x1b[31m" / name, content)
    assert main(["runs", "--runs", str(tmp_path)]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    listed = {line.split()[0]: line for line in lines}
    assert sorted(listed) == ["a", "b\\n\\x1b[31m", "c"]
    assert all("  finished  " in listed[copied] for copied in "ac")
    assert re.search(f"  damaged .*{name}: .*{problem}", listed["b\\n\\x1b[31m"])


def test_a_table_that_was_cut_off_says_so_and_nothing_of_python(ended, tmp_path):
    run = Run(shutil.copytree(ended.directory, tmp_path / "run"))
    text = (run.directory / "history.csv").read_text()
    (run.directory / "history.csv").write_text(text[: text.rindex(",") - 20])
    with pytest.raises(
        RunError, match="history.csv: cannot be read .line 2 is no row of 7 numbers, or is cut off.; the"
    ):
        run.history  # noqa: B018


# What a run is, and what is the user's


def test_going_on_removes_the_leftovers_of_killed_writes_and_nothing_else(tmp_path, monkeypatch):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(3)])
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *_: None)  # a write that never came to its end
        for name in ("status", "history.csv", "checkpoints/last.safetensors"):
            write_atomically(run.directory / name, "half")
    leftovers = {path for path in run.directory.rglob(".*") if path.is_file()}
    assert len(leftovers) == 3
    own = {".env", ".gitignore", "src/.keep", "checkpoints/.keep", ".ipynb_checkpoints/config-checkpoint.yaml"}
    for name in own:
        (run.directory / name).parent.mkdir(exist_ok=True)
        (run.directory / name).write_text("mine")
    assert resume(run).status == "finished"
    assert not any(path.exists() for path in leftovers)
    assert all((run.directory / name).read_text() == "mine" for name in own)


@pytest.mark.parametrize("status", [None, "my own notes\n"])
def test_a_folder_with_a_config_that_is_no_run_is_left_as_it_is(tmp_path, monkeypatch, capsys, status):
    project = tmp_path / "project"
    files = {"config.yaml": "name: mine\n", ".env": "secret", "src/.keep": "", "tensorboard/events": "precious"}
    for name, content in {**files, **({"status": status} if status else {})}.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(content)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    monkeypatch.chdir(project)
    for command in (["resume", "."], ["evaluate", "."], ["resume", str(project)]):
        assert main(command) == 1
        message = capsys.readouterr().err
        assert re.search("status: cannot be read|is no run|has no checkpoint yet", message)
        assert message.count("\n") == 1
    with pytest.raises(
        RunError, match="status: cannot be read" if status else "is no run: a config.yaml with a status"
    ):
        resume(Run(project))
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_run_of_yesterday_without_status_or_identity_is_still_one(tmp_path):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(STEPS + 1)])
    for name in ("status", "identity"):
        (run.directory / name).unlink()
    assert (run.status, run.identity) == ("interrupted", None)
    assert list_runs(tmp_path) == [run]
    assert resume(run).status == "finished"


# Evaluating


def test_a_run_that_is_being_trained_is_not_evaluated(tmp_path, capsys):
    refusals = []

    class EvaluateMeanwhile(Listener):
        def after_epoch(self, epoch, engine):
            refusals.append(main(["evaluate", "small", "--runs", str(tmp_path)]))

    run = ms.train(small_config("numpy_mlp", "training.epochs=2"), tmp_path, listeners=[EvaluateMeanwhile()])
    assert refusals == [1, 1]
    assert capsys.readouterr().err.count("another process is training this run; wait for it\n") == 2
    assert "test_accuracy" not in run.metrics


def test_what_is_evaluated_is_written_beside_the_measures_of_the_same_weights(tmp_path):
    run = ms.train(small_config(), tmp_path, listeners=[StopAfter(STEPS + 1)])
    of_before, text = run.model, (run.directory / "metrics.json").read_text()
    whole = resume(run).metrics
    (run.directory / "metrics.json").write_text(text)  # as a kill leaves it, before the new ones are written
    measured, _ = run.evaluate()  # though it remembers the weights of before
    test = ms.load_mnist().test
    assert measured.errors == np.count_nonzero(Run(run.directory).model.predict(test.images) != test.labels)
    assert measured.errors != np.count_nonzero(of_before.predict(test.images) != test.labels)
    kept = "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "best_epoch"
    assert run.metrics == {name: whole[name] for name in kept} | {
        "test_accuracy": measured.fraction,
        "test_errors": measured.errors,
    }


# The memory and the system


def numpy_memory():
    np.empty(1 << 58)


def torch_memory():
    import torch

    torch.empty(1 << 50)


def jax_memory():
    import jax

    jax.numpy.zeros(1 << 44).block_until_ready()


class Raise(Listener):
    """Does something after the first epoch."""

    def __init__(self, something):
        self.something = something

    def after_epoch(self, epoch, engine):
        self.something()


@pytest.mark.parametrize("fill", [numpy_memory, torch_memory, jax_memory])
def test_memory_that_does_not_suffice_is_one_line_and_what_was_saved_is_good(tmp_path, fill):
    with pytest.raises(RunError, match=r"out of memory \(.*\); what was saved before that is still good; make room"):
        ms.train(small_config(), tmp_path, listeners=[Raise(fill)])
    (run,) = list_runs(tmp_path)
    assert run.status == "failed"
    assert resume(run).status == "finished"


def test_an_error_of_the_program_is_no_lack_of_memory(tmp_path):
    def mistake():
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        ms.train(small_config(), tmp_path, listeners=[Raise(mistake)])
    assert list_runs(tmp_path)[0].status == "failed"


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.ENOSPC, "make room"), (errno.EDQUOT, "make room"), (errno.EACCES, "mend that")]
)
def test_only_a_full_disk_is_told_to_make_room(tmp_path, number, advice):
    def failing():
        raise OSError(number, os.strerror(number), "some file")

    with pytest.raises(RunError, match=f"{os.strerror(number)}.*still good; {advice}, then: mnist-study resume"):
        ms.train(small_config(), tmp_path, listeners=[Raise(failing)])


# Names


def test_a_renamed_run_is_found_by_its_directory_and_by_its_configs_name(tmp_path, ended):
    old, new = (shutil.copytree(ended.directory, tmp_path / name) for name in ("the good one", "fc_20260101-000000"))
    os.utime(old / "config.yaml", (1, 1))
    assert find_run("the good one", tmp_path).directory == old
    assert find_run("fc", tmp_path).directory == find_run("small", tmp_path).directory == new
    shutil.rmtree(new)
    assert find_run("small", tmp_path).directory == old
    with pytest.raises(RunError, match="smal: no such run in .*; did you mean 'small'"):
        find_run("smal", tmp_path)


def test_the_advice_to_go_on_can_be_typed_into_a_shell(tmp_path, capsys):
    folder = tmp_path / "my runs; $(touch it)"
    run = ms.train(small_config(), folder, listeners=[StopAfter(3)])
    with pytest.raises(RunError) as caught:
        run.model  # noqa: B018
    _, _, command = str(caught.value).partition("go on with: ")
    assert shlex.split(command) == ["mnist-study", "resume", str(run.directory)]


def test_a_run_is_copied_and_pickled_without_its_network(ended):
    assert ended.model
    for copied in (pickle.loads(pickle.dumps(ended)), copy.copy(ended), copy.deepcopy(ended)):
        assert copied == ended
        assert vars(copied) == {"directory": ended.directory}
        assert copied.config == ended.config


def test_digits_that_a_program_draws_stand_behind_mnists_and_are_the_same_for_every_seed(mnist):
    from mnist_study.training.config import DataSection
    from mnist_study.training.trainer import training_digits

    digits = training_digits(DataSection(train_size=100, drawn=50), mnist.train)
    assert len(digits) == 150
    assert np.array_equal(digits.images[:100], mnist.train.images[:100])
    assert digits.labels[100:].tolist() == list(range(10)) * 5
    assert np.array_equal(training_digits(DataSection(drawn=50), mnist.train).images[-50:], digits.images[100:])
    assert len(training_digits(DataSection(train_size=100), mnist.train)) == 100
    both = training_digits(DataSection(train_size=100, drawn=50, lettered=20), mnist.train)
    assert np.array_equal(both.images[:150], digits.images)
    assert both.labels[150:].tolist() == list(range(10)) * 2
