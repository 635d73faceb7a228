"""A run: one training in one directory, whole, that can be listed, evaluated and gone on with."""

import contextlib
import fcntl
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from mnist_study.analysis import accuracy, confusion
from mnist_study.data import load_mnist
from mnist_study.data.files import StudyError, did_you_mean, os_problem, write_atomically
from mnist_study.models import Classifier, read_model

from .config_files import load_config
from .history import History

RUNS = Path("runs")


class RunError(StudyError):
    """A run that is not there, or cannot do what it is asked, in one line."""


@dataclass(frozen=True)
class Run:
    """The directory of a training, and what is in it.

    ``config.yaml``, ``checkpoints/best.safetensors`` (a model file), ``checkpoints/last.safetensors`` (all that is
    needed to go on), ``tensorboard/``, ``history.csv``, ``metrics.json``, ``status``.
    """

    directory: Path

    @property
    def name(self):
        return self.directory.name

    @property
    def best_path(self):
        return self.directory / "checkpoints" / "best.safetensors"

    @property
    def last_path(self):
        return self.directory / "checkpoints" / "last.safetensors"

    @cached_property
    def config(self):
        return load_config(self.directory / "config.yaml")

    @cached_property
    def model(self) -> Classifier:
        """The network with the weights of the best epoch."""
        if not self.best_path.exists():
            raise RunError(f"{self.directory}: has no checkpoint yet; go on with: mnist-study resume {self.directory}")
        return read_model(self.best_path)

    @property
    def history(self):
        path = self.directory / "history.csv"
        try:
            return History.from_csv(path.read_text()) if path.exists() else History()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise RunError(
                f"{path}: cannot be read ({os_problem(error)}); the run's checkpoint has it as well"
            ) from None

    @property
    def metrics(self):
        """What the best epoch measured, and how the training went; empty until the run has ended."""
        path = self.directory / "metrics.json"
        try:
            metrics = json.loads(path.read_text()) if path.exists() else {}
            if not isinstance(metrics, dict):
                raise ValueError("no JSON object")
            return metrics
        except (OSError, ValueError) as error:
            told = os_problem(error) if isinstance(error, OSError) else error
            raise RunError(f"{path}: cannot be read ({told}); remove it, and evaluate the run again") from None

    @property
    def status(self):
        """ "running", "finished", "interrupted" or "failed"; a process that was killed leaves "running" behind."""
        path = self.directory / "status"
        return path.read_text().strip() if path.exists() else "interrupted"

    def write(self, name, content):
        """Put a file into the run, atomically."""
        write_atomically(self.directory / name, content)

    def write_metrics(self, metrics):
        """Write ``metrics.json`` anew."""
        self.write("metrics.json", json.dumps(metrics, indent=1) + "\n")

    def evaluate(self):
        """Look at the 10 000 test digits, once all is chosen; adds to the metrics.

        Returns
        -------
        Accuracy, Confusion
        """
        test = load_mnist().test
        predictions = self.model.predict(test.images)
        measured = accuracy(test.labels, predictions)
        try:
            self.write_metrics(self.metrics | {"test_accuracy": measured.fraction, "test_errors": measured.errors})
        except OSError as error:
            raise RunError(
                f"{self.directory}: cannot be written ({os_problem(error)}); the metrics stay as they were"
            ) from None
        return measured, confusion(test.labels, predictions)

    @contextlib.contextmanager
    def locked(self):
        """Nobody else trains this run meanwhile; the lock goes with the process, however it ends."""
        path = self.directory / "config.yaml"
        try:
            file = path.open()
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({os_problem(error)}); there is no run without it") from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError(f"{self.directory}: another process is training this run; wait for it") from None
            yield


def new_run(name, text, runs=RUNS):
    """A fresh directory ``runs/{name}_{date}-{time}/`` that no other run shares, with ``text`` as its config.

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
    run.write("config.yaml", text)
    run.write("status", "running\n")
    return run


def list_runs(runs=RUNS):
    """All runs in a folder, oldest first."""
    try:
        found = [Run(path.parent) for path in Path(runs).glob("*/config.yaml")]
        return sorted(found, key=lambda run: ((run.directory / "config.yaml").stat().st_mtime_ns, run.name))
    except OSError as error:
        raise RunError(f"{runs}: cannot be read ({os_problem(error)}); name another folder with --runs") from None


def find_run(name, runs=RUNS):
    """The run at a path, or the newest one of that name: of the directory, or of the config that made it.

    Raises
    ------
    RunError
        There is none; near names are told.
    """
    for path in (Path(name), Path(runs) / name):
        if os.path.exists(path / "config.yaml"):
            return Run(path)
    there = list_runs(runs)
    names = [re.sub(r"_\d{8}-\d{6}(-\d+)?$", "", run.name) for run in there]
    if str(name) not in names:
        hint = did_you_mean(name, {*names, *(run.name for run in there)}) or "; list them with: mnist-study runs"
        raise RunError(f"{name}: no such run in {runs}{hint}")
    return there[len(names) - 1 - names[::-1].index(str(name))]
