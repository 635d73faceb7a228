"""How a network comes to ship with the package: trained over seeds, chosen on validation, recorded."""

import contextlib
import json
import re
import shlex
import tomllib
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mnist_study.analysis import Accuracy, accuracy
from mnist_study.data import Digits, find_task
from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import BaseNetwork, build, cross_entropy, model_names, model_record, softmax
from mnist_study.models.specs import ConvNetSpec, EnsembleSpec, FullyConnectedSpec
from mnist_study.models.store import SHIPPED, model_bytes, read_about

from .config import NAME, Config, over_seeds
from .config_files import config_names, load_config, parse_config
from .identity import identity
from .loop import SAMPLE
from .runs import RUNS, Run
from .sweep import sweep

if TYPE_CHECKING:
    from mnist_study.models.torch_networks import Ensemble

PROJECT = Path(__file__).parents[2] / "pyproject.toml"  # of the checkout, where this is one
ABOUT = ("versions", "machine", "data")  # of a model file, that a record repeats


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
    lines, trained = _trained(config, seeds, runs, jobs)
    kept = max(trained, key=_on_validation)
    for run in trained:
        run.evaluate()
    about, seed = read_about(kept.best_path), trained.index(kept)
    record = {
        "name": config.name,
        "command": f"mnist-study ship {_source(name, config)} --seeds {seeds}",
        "date": date.today().isoformat(),
        "seed": seed,
        "metrics": kept.metrics,
        "seeds": [{"seed": seed, **run.metrics} for seed, run in enumerate(trained)],
        "config": config.model_copy(update={"seed": seed}).model_dump(mode="json"),
        **{key: about[key] for key in ABOUT},
        "history": kept.history.to_csv().splitlines(),
    }
    _write(config.name, kept.best_path.read_bytes(), record, runs)
    accuracies = ", ".join(f"{run.metrics['test_accuracy']:.2%}" for run in trained)
    return "\n".join([*lines, f"{config.name}: kept seed {seed}; test accuracy of all: {accuracies}"])


def ship_together(name: Path | str, together: str, seeds: int = 3, runs: Path | str = RUNS, jobs: int = 1) -> str:
    """As ``ship``, but the seeds ship as one network, ``together``, whose members' probabilities are averaged.

    The members are taken in the order in which they read validation, as many as make its loss smallest.

    Returns
    -------
    str: a line for each seed, and one that says how many were taken

    Raises
    ------
    StudyError
        As for ``ship``; or these are no networks of PyTorch.
    """
    require_checkout(SHIPPED)
    config = load_config(name)
    if not isinstance(config.model, FullyConnectedSpec | ConvNetSpec):
        raise StudyError(f"{name}: only networks of PyTorch ship together, not {config.model.kind}")
    if together in config_names() or not re.fullmatch(NAME, together):
        raise StudyError(f"--together {together}: name the ensemble as no config is named, in letters and digits")
    lines, trained = _trained(config, seeds, runs, jobs)
    ranked = sorted(trained, key=_on_validation, reverse=True)
    task = find_task(config.task)
    splits = task.load()
    logits = np.stack([run.model.logits(splits.validation.images) for run in ranked])
    count = 1 + int(np.argmin([_mean_loss(logits[:count], splits.validation.labels) for count in range(1, seeds + 1)]))
    chosen = ranked[:count]
    spec = EnsembleSpec(member=config.model, members=count)
    ensemble = build(spec, 0, chosen[0].model.mean, chosen[0].model.std, task)
    cast("Ensemble", ensemble).take_over([run.model.get_weights() for run in chosen])
    about = {key: read_about(chosen[0].best_path)[key] for key in ABOUT}
    metrics = {
        **_measured("train", ensemble, splits.train[:: -(-len(splits.train) // SAMPLE)]),
        **_measured("validation", ensemble, splits.validation),
        "epochs": config.training.epochs,
        "seconds": sum(run.metrics["seconds"] for run in chosen),
        "parameters": ensemble.size,
        "stopped_by": None,
    }
    found = accuracy(splits.test.labels, ensemble.predict(splits.test.images))
    metrics |= {"test_accuracy": found.fraction, "test_errors": found.errors}
    description = config.model_dump(mode="json") | {"name": together, "model": spec.model_dump(mode="json")}
    record = {
        "name": together,
        "command": f"mnist-study ship {_source(name, config)} --seeds {seeds} --together {together}",
        "date": date.today().isoformat(),
        "seed": 0,
        "metrics": metrics,
        "seeds": [{"seed": 0, **metrics}],
        "config": description,
        **about,
        "history": [],
    }
    content = model_bytes(ensemble, config=description, **about)
    _write(together, content, record, runs)
    return "\n".join([*lines, f"{together}: {count} of {seeds} seeds; test accuracy {found}"])


def _trained(config: Config, seeds: int, runs: Path | str, jobs: int) -> tuple[list[str], list[Run]]:
    """A line and a finished run for each seed."""
    results = sweep(over_seeds(config, seeds), runs, jobs=jobs)
    if failed := [result.problem for result in results if result.run is None]:
        raise StudyError(failed[0])
    lines = [f"seed {seed}: {result.how}, {result.run.directory}" for seed, result in enumerate(results) if result.run]
    return lines, [result.run for result in results if result.run]


def _on_validation(run: Run) -> tuple[float, float]:
    """The larger, the better a run reads the validation digits."""
    return run.metrics["validation_accuracy"], -run.metrics["validation_loss"]


def _mean_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Cross-entropy of the mean probabilities of networks with ``logits`` (networks, N, classes)."""
    return cross_entropy(np.log(softmax(logits).mean(axis=0)), labels)


def _measured(split: str, network: BaseNetwork, digits: Digits) -> dict[str, float]:
    logits = network.logits(digits.images)
    right = accuracy(digits.labels, logits.argmax(axis=1))
    return {f"{split}_loss": cross_entropy(logits, digits.labels), f"{split}_accuracy": right.fraction}


def _source(name: Path | str, config: Config) -> str:
    """What to call the config in a command."""
    return shlex.quote(config.name if config.name in config_names() else str(name))


def _write(name: str, weights: bytes, record: dict[str, Any], runs: Path | str) -> None:
    try:
        write_atomically(SHIPPED / f"{name}.safetensors", weights)
        write_atomically(SHIPPED / f"{name}.json", json.dumps(record, indent=1) + "\n")
    except OSError as error:
        raise StudyError(f"{SHIPPED}: cannot be written ({os_problem(error)}); the runs are kept in {runs}") from None


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
