"""A run: one training in one directory, whole, that can be listed, evaluated and gone on with."""

import contextlib
import fcntl
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from mnist_study.analysis import Accuracy, Confusion, accuracy, confusion
from mnist_study.data import MNIST, Task, find_task
from mnist_study.data.files import WRITING, StudyError, did_you_mean, os_problem, read_bounded, write_atomically
from mnist_study.models import BaseNetwork, load_model, model_names, read_model
from mnist_study.models.store import HUB, READERS, read_about

from .config import Config
from .config_files import load_config
from .history import History

RUNS = Path("runs")
CONFIG, STATUS, BEST, LAST = "config.yaml", "status", "checkpoints/best.safetensors", "checkpoints/last.safetensors"
IDENTITY, HISTORY, METRICS = "identity", "history.csv", "metrics.json"
STATUSES = ("running", "finished", "interrupted", "failed")
MENDING = {  # what to do where a file cannot be read
    STATUS: "remove it, and resume the run",
    IDENTITY: "remove it; the run is then found by its name only",
    HISTORY: "the run's checkpoint has it as well",
    METRICS: "remove it, and evaluate the run again",
}
LIMIT = 1 << 26  # bytes of any of these

Parsed = TypeVar("Parsed")
Absent = TypeVar("Absent")


class RunError(StudyError):
    """A run that is not there, or cannot do what is wanted of it, in one line."""


@dataclass(frozen=True)
class Run:
    """The directory of a training, and what is in it.

    ``config.yaml``, ``identity`` (see ``identity``), ``checkpoints/best.safetensors`` (a model file),
    ``checkpoints/last.safetensors`` (all that is needed to go on), ``tensorboard/``, ``history.csv``, ``metrics.json``,
    ``status``.
    """

    directory: Path

    def __reduce__(self) -> tuple[type, tuple[Path]]:
        """Copies and pickles are of the directory alone: they read its files anew."""
        return type(self), (self.directory,)

    @property
    def name(self) -> str:
        return self.directory.name

    @property
    def best_path(self) -> Path:
        return self.directory / BEST

    @property
    def last_path(self) -> Path:
        return self.directory / LAST

    @property
    def board_path(self) -> Path:
        return self.directory / "tensorboard"

    @property
    def resume_command(self) -> str:
        """What to type in a shell to go on with the run."""
        return f"mnist-study resume {shlex.quote(str(self.directory))}"

    @cached_property
    def config(self) -> Config:
        return load_config(self.directory / CONFIG)

    @cached_property
    def model(self) -> BaseNetwork:
        """The network with the weights of the best epoch."""
        return self._read_model()

    @property
    def history(self) -> History:
        return self._parse(HISTORY, History.from_csv, History())

    @property
    def metrics(self) -> dict[str, Any]:
        """What the best epoch measured, and how the training went; empty until the run has ended."""
        return self._parse(METRICS, _parse_metrics, {})

    @property
    def status(self) -> str:
        """ "running", "finished", "interrupted" or "failed"; a process that was killed leaves "running" behind."""
        return self._parse(STATUS, _parse_status, "interrupted")

    @property
    def identity(self) -> str | None:
        """What the run is of (see ``identity``); None for a run of a time before there were identities."""
        return self._parse(IDENTITY, str.strip, None)

    def write(self, name: str, content: bytes | str) -> None:
        """Put a file into the run, atomically."""
        write_atomically(self.directory / name, content)

    def write_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write ``metrics.json`` anew."""
        self.write(METRICS, json.dumps(metrics, indent=1) + "\n")

    def evaluate(self) -> tuple[Accuracy, Confusion]:
        """Look at the test digits, once all is chosen; adds to the metrics.

        Returns
        -------
        Accuracy, Confusion

        Raises
        ------
        RunError
            The run is being trained, has no checkpoint yet, or cannot be written.
        """
        with self.locked():
            model, task = self._read_model(), find_task(self.config.task)  # not one that was read before the lock
            measured, confusions = _measured(model, task)
            found = {"test_accuracy": measured.fraction, "test_errors": measured.errors}
            try:
                self.write_metrics(self._metrics_of_best() | found)
            except OSError as error:
                raise RunError(
                    f"{self.directory}: cannot be written ({os_problem(error)}); the metrics stay as they were"
                ) from None
        return measured, confusions

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else trains or evaluates this run meanwhile; the lock goes with the process, however it ends.

        Raises
        ------
        RunError
            The directory is no run, or another process has locked it.
        """
        path = self.directory / CONFIG
        self.check()
        try:
            file = path.open()
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({os_problem(error)}); there is no run without it") from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"{self.directory}: another process is training this run; wait for it") from None
            except OSError as error:
                raise RunError(
                    f"{path}: cannot be locked ({os_problem(error)}); copy the run to another disk"
                ) from None
            yield

    def check(self) -> None:
        """Refuse a directory that is no run, or one whose config is no file.

        Raises
        ------
        RunError
        """
        if not is_run(self.directory):
            raise RunError(f"{self.directory}: is no run: a config.yaml with a status or checkpoints of a training")
        if not (self.directory / CONFIG).is_file():
            raise RunError(f"{self.directory / CONFIG}: is no file; there is no run without it")

    def remove_leftovers(self) -> None:
        """Remove the temporary files of writes that were killed: those of the run's own files, and nothing else."""
        for path in (self.directory / name for name in (CONFIG, STATUS, IDENTITY, HISTORY, METRICS, BEST, LAST)):
            for leftover in path.parent.glob(f".{path.name}{WRITING}*"):
                if leftover.is_file():
                    leftover.unlink()

    def _read_model(self) -> BaseNetwork:
        if not self.best_path.exists() and self.status == "finished":
            again = f"mnist-study train {shlex.quote(str(self.directory / CONFIG))}"
            raise RunError(f"{self.best_path}: is gone, though the run is finished; train it anew with: {again}")
        if not self.best_path.exists():
            raise RunError(f"{self.directory}: has no checkpoint yet; go on with: {self.resume_command}")
        return read_model(self.best_path)

    def _metrics_of_best(self) -> dict[str, Any]:
        """The metrics, where they are of the weights that are there; else what the file of these weights says."""
        metrics, row = self.metrics, read_about(self.best_path).get("metrics", {})
        return measured_metrics(row) if row and row["epoch"] != metrics.get("best_epoch") else metrics

    def _parse(self, name: str, parse: Callable[[str], Parsed], absent: Absent) -> Parsed | Absent:
        """What ``parse`` makes of the text of a file of the run; ``absent`` where there is none."""
        path = self.directory / name
        try:
            return parse(_read(path))
        except FileNotFoundError:
            return absent
        except (ValueError, RecursionError) as error:
            raise RunError(f"{path}: cannot be read ({error}); {MENDING[name]}") from None


def evaluated(name: str, runs: Path | str = RUNS) -> tuple[str, Accuracy, Confusion]:
    """A run, a model that ships or a model file, on the test digits.

    Parameters
    ----------
    name : a run (see ``find_run``), which goes before a model of the same name; else as for ``load_model``
    runs : folder of run directories

    Returns
    -------
    where it is, Accuracy, Confusion

    Raises
    ------
    RunError, ModelError
        There is neither, or it is damaged.
    """
    found = find_network(name, runs)
    if isinstance(found, Run):
        return str(found.directory), *found.evaluate()
    return name, *_measured(found, found.task or MNIST)


def find_network(name: str, runs: Path | str = RUNS) -> "Run | BaseNetwork":
    """A run, a model that ships or a model file: parameters and errors as for ``evaluated``."""
    is_model = Path(name).suffix in READERS or name.startswith(HUB)
    if not is_model and (name not in model_names() or _is_called(name, runs)):
        return find_run(name, runs, trained=True)
    return load_model(name)


def _measured(model: BaseNetwork, task: Task) -> tuple[Accuracy, Confusion]:
    """What ``model`` reads of the task's test digits."""
    test = task.load().test
    predictions = model.predict(test.images)
    return accuracy(test.labels, predictions), confusion(test.labels, predictions, task.classes)


def _is_called(name: str, runs: Path | str) -> bool:
    return is_run(name) or any(name in (run.name, *_names(run)) for run in list_runs(runs))


def measured_metrics(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the metrics say of the epoch whose weights are kept; ``row`` of the history, as a dict."""
    return {name: value for name, value in row.items() if name.startswith(("train", "validation"))} | {
        "best_epoch": row["epoch"]
    }


def is_run(directory: Path | str) -> bool:
    """Whether this is a run: a config, and beside it a status or a checkpoint; a config alone is anybody's."""
    there = [name for name in (CONFIG, STATUS, BEST, LAST) if os.path.lexists(Path(directory) / name)]
    return len(there) > 1 and there[0] == CONFIG


def new_run(name: str, text: str, identity: str, runs: Path | str = RUNS) -> Run:
    """A fresh directory ``runs/{name}_{date}-{time}/`` that no other run shares.

    Parameters
    ----------
    name : of the config
    text : of ``config.yaml``
    identity : of the config
    runs : folder of run directories

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    runs = Path(runs)
    runs.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    number = 1
    while True:
        directory = runs / (f"{name}_{stamp}" if number == 1 else f"{name}_{stamp}-{number}")
        try:
            directory.mkdir()
            break
        except FileExistsError:
            number += 1
    (directory / "checkpoints").mkdir()
    run = Run(directory)
    run.write(STATUS, "running\n")
    run.write(IDENTITY, f"{identity}\n")
    run.write(CONFIG, text)  # the last: from here on it is a run
    return run


def list_runs(runs: Path | str = RUNS) -> list[Run]:
    """All runs in a folder, oldest first; damaged ones, too."""
    try:
        return sorted(map(Run, filter(is_run, Path(runs).iterdir())), key=_age)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise RunError(f"{runs}: cannot be read ({os_problem(error)}); name another folder with --runs") from None


def find_run(name: Path | str, runs: Path | str = RUNS, trained: bool = False) -> Run:
    """The run at a path, or the newest one of that name: of the directory, or of the config that made it.

    With ``trained``, the newest one that has weights goes before those that have none.

    Raises
    ------
    RunError
        There is none; the message offers a near name.
    """
    for path in (Path(name), Path(runs) / name):
        if is_run(path):
            return Run(path)
    if os.path.lexists(Path(name) / CONFIG):
        Run(Path(name)).check()
    there = list_runs(runs)
    if called := [run for run in reversed(there) if str(name) in _names(run)]:
        return next((run for run in called if trained and run.best_path.exists()), called[0])
    known = {known for run in there for known in (run.name, *_names(run))} | set(model_names() if trained else ())
    hint = did_you_mean(name, known) or "; list them with: mnist-study runs"
    raise RunError(f"{name}: no such run in {runs}{hint}")


def _names(run: Run) -> Iterator[str]:
    """What a run is called beside its directory's whole name; a config's name outlives a renamed directory."""
    yield re.sub(r"_\d{8}-\d{6}(-\d+)?$", "", run.name)
    with contextlib.suppress(StudyError):
        yield run.config.name


def _age(run: Run) -> tuple[int, str]:
    """To sort by; a run that vanishes meanwhile counts as old."""
    try:
        return (run.directory / CONFIG).lstat().st_mtime_ns, run.name
    except OSError:
        return 0, run.name


def _read(path: Path) -> str:
    """The text of a file of a run."""
    try:
        return read_bounded(path, LIMIT, RunError).decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None


def _parse_metrics(text: str) -> dict[str, Any]:
    """Raises ValueError where a number is none, or one that cannot be shown."""
    metrics = json.loads(text)
    if not isinstance(metrics, dict):
        raise ValueError("it is no JSON object")
    for name, value in metrics.items():
        if name != "stopped_by" and not (isinstance(value, int | float) and abs(value) < 1e300):
            raise ValueError(f"{name} is no number")
    return metrics


def _parse_status(text: str) -> str:
    if text.strip() not in STATUSES:
        raise ValueError(f"it holds none of {', '.join(STATUSES)}")
    return text.strip()
