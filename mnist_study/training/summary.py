"""What a sweep came to: a row for each run as CSV, a line for each setting, and TensorBoard's HParams tab."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from mnist_study.analysis import MeanStd
from mnist_study.data.files import StudyError, os_problem, write_atomically

from .identity import identity
from .search import Changes
from .sweep import Trained
from .tensorboard import write_setting

MEASURED = ("validation_accuracy", "validation_loss", "train_accuracy", "train_loss", "best_epoch", "epochs", "seconds")
Results = Mapping[Changes, Sequence[Trained]]


def to_csv(results: Results) -> str:
    """A header and a row for each run: what was changed, seed, how it went, metrics, directory, problem; best first."""
    keys = list(dict.fromkeys(change.partition("=")[0] for changes in results for change in changes))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*keys, "seed", "status", *MEASURED, "run", "problem"])
    for changes in best_first(results):
        values = dict(change.split("=", 1) for change in changes)
        for trained in results[changes]:
            metrics = trained.run.metrics if trained.run else {}
            measured = [metrics.get(column, "") for column in MEASURED]
            where = str(trained.run.directory) if trained.run else ""
            settings = [values.get(key, "") for key in keys]
            writer.writerow([*settings, trained.config.seed, trained.how, *measured, where, trained.problem])
    return text.getvalue()


def write_summary(results: Results, folder: Path | str) -> Path:
    """Write a CSV into ``folder``, and into the TensorBoard files of each run what setting it has.

    The same sweep writes ``NAME_sweep_DIGEST.csv`` anew, another one of the same config another file.

    Raises
    ------
    StudyError
        The folder cannot be written.
    """
    configs = [trained.config for runs in results.values() for trained in runs]
    digest = hashlib.sha256(" ".join(sorted(map(identity, configs))).encode()).hexdigest()[:6]
    path = Path(folder) / f"{configs[0].name}_sweep_{digest}.csv"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, to_csv(results))
        for changes, runs in results.items():
            setting = dict(change.split("=", 1) for change in changes)
            for trained in runs:
                if trained.run and (board := trained.run.board_path).is_dir():
                    write_setting(board, setting | {"seed": str(trained.config.seed)})
    except OSError as error:
        raise StudyError(f"{path}: cannot be written ({os_problem(error)}); the runs are kept") from None
    return path


def table(results: Results) -> str:
    """A line for each setting, best mean validation accuracy first; a failed run is a line below them."""
    names = {changes: " ".join(changes) or "(as it is)" for changes in results}
    width = max(map(len, [*names.values(), "setting"]))
    lines = [f"{'setting':{width}}  validation accuracy     seconds a run"]
    for changes in best_first(results):
        read, seconds = (_measured(results[changes], column) for column in ("validation_accuracy", "seconds"))
        if read:
            mean = str(MeanStd.of(read)) if len(read) > 1 else f"{read[0]:.2%}"
            lines.append(f"{names[changes]:{width}}  {mean:22}  {sum(seconds) / len(seconds):8.1f}")
    for changes, runs in results.items():
        lines += [f"failed: {names[changes]}, seed {run.config.seed}: {run.problem}" for run in runs if run.run is None]
    return "\n".join(lines)


def best_first(results: Results) -> list[Changes]:
    """The settings, by their mean validation accuracy; those without one come last."""

    def mean(changes: Changes) -> float:
        read = _measured(results[changes], "validation_accuracy")
        return sum(read) / len(read) if read else -1.0

    return sorted(results, key=mean, reverse=True)


def _measured(runs: Sequence[Trained], column: str) -> list[float]:
    return [trained.run.metrics[column] for trained in runs if trained.run]
