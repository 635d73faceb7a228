"""How a network comes to ship with the package: trained over seeds, chosen on validation, recorded."""

import contextlib
import json
import shlex
import tomllib
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

from mnist_study.analysis import Accuracy
from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import model_names, model_record
from mnist_study.models.store import SHIPPED, read_about

from .config import Config, over_seeds
from .config_files import config_names, load_config, parse_config
from .identity import identity
from .runs import RUNS
from .sweep import sweep

PROJECT = Path(__file__).parents[2] / "pyproject.toml"  # of the checkout, where this is one


def ship(name: Path | str, seeds: int = 5, runs: Path | str = RUNS, jobs: int = 1) -> str:
    """A sweep over the seeds 0, 1, … of the config ``name``; keep the one that reads validation best, a record of all.

    What the folder ``runs`` holds of these trainings is not trained again, and gone on with where it was interrupted.

    The weights go to ``mnist_study/weights/NAME.safetensors``, the record to ``NAME.json`` beside them. The test digits
    are looked at once everything is chosen, with every seed, and choose nothing.

    Returns
    -------
    str: a line for each seed, where its run is and whether it was found; and one that says what was kept

    Raises
    ------
    StudyError
        This is no checkout of the project, the package has another config of that name, or a training failed.
    """
    require_checkout(SHIPPED)
    config = _own_config(name)
    configs = over_seeds(config, seeds)
    results = sweep(configs, runs, jobs=jobs)
    if failed := [result.problem for result in results if result.run is None]:
        raise StudyError(failed[0])
    trained = [result.run for result in results if result.run]
    lines = [f"seed {seed}: {result.how}, {result.run.directory}" for seed, result in enumerate(results) if result.run]
    kept = max(trained, key=lambda run: (run.metrics["validation_accuracy"], -run.metrics["validation_loss"]))
    for run in trained:
        run.evaluate()
    source = config.name if config.name in config_names() else str(name)
    about, seed = read_about(kept.best_path), trained.index(kept)
    record = {
        "name": config.name,
        "command": f"mnist-study ship {shlex.quote(source)} --seeds {seeds}",
        "date": date.today().isoformat(),
        "seed": seed,
        "metrics": kept.metrics,
        "seeds": [{"seed": seed, **run.metrics} for seed, run in enumerate(trained)],
        "config": configs[seed].model_dump(mode="json"),
        **{key: about[key] for key in ("versions", "machine", "data")},
        "history": kept.history.to_csv().splitlines(),
    }
    try:
        write_atomically(SHIPPED / f"{config.name}.safetensors", kept.best_path.read_bytes())
        write_atomically(SHIPPED / f"{config.name}.json", json.dumps(record, indent=1) + "\n")
    except OSError as error:
        raise StudyError(f"{SHIPPED}: cannot be written ({os_problem(error)}); the runs are kept in {runs}") from None
    accuracies = ", ".join(f"{run.metrics['test_accuracy']:.2%}" for run in trained)
    return "\n".join([*lines, f"{config.name}: kept seed {seed}; test accuracy of all: {accuracies}"])


def require_checkout(path: Path | Traversable) -> None:
    """Refuse to write ``path``, a file or folder of the package, in an installed copy, which an update would replace.

    Raises
    ------
    StudyError
    """
    with contextlib.suppress(OSError, ValueError, KeyError):
        if tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["name"] == "mnist-study":
            return
    raise StudyError(f"{path}: belongs to an installed package; do this in a checkout of the project")


def recorded(name: str) -> list[Accuracy]:
    """What each seed of a shipped network read of the test digits: list of Accuracy, by seed.

    How many digits there were, the record says by the errors and the accuracy of any seed that misread one.
    """
    seeds = model_record(name).seeds
    worst = max(seeds, key=lambda run: run["test_errors"])
    if not worst["test_errors"]:
        raise StudyError(f"{name}: misread no digit with any seed, and its record does not say how many there were")
    total = round(worst["test_errors"] / (1 - worst["test_accuracy"]))
    return [Accuracy(run["test_errors"], total) for run in seeds]


def _own_config(name: Path | str) -> Config:
    """The config to ship; one of the user's may not take the place of the package's, or of a record's."""
    config = load_config(name)
    if config.name in config_names():
        own = load_config(config.name)
    elif config.name in model_names():
        own = parse_config(json.dumps(model_record(config.name).config, default=dict))
    else:
        return config
    if identity(own.model_copy(update={"seed": 0})) != identity(config.model_copy(update={"seed": 0})):
        raise StudyError(f"{name}: {config.name} is another config of the package's; give yours another name")
    return own
