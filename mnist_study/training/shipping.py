"""How a network comes to ship with the package: trained over seeds, chosen on validation, recorded."""

import json
import re
import shlex
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mnist_study.analysis import Accuracy, accuracy
from mnist_study.data import Digits
from mnist_study.data.checkout import require_checkout
from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import BaseNetwork, build, cross_entropy, load_model, model_names, model_record
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
    _write(config.name, kept.best_path.read_bytes(), record, f"; the runs are kept in {runs}")
    accuracies = ", ".join(f"{run.metrics['test_accuracy']:.2%}" for run in trained)
    return "\n".join([*lines, f"{config.name}: kept seed {seed}; test accuracy of all: {accuracies}"])


def ship_together(name: str, members: Sequence[str], most: int = 5) -> str:
    """Some of the networks that ship, as one: their probabilities are averaged, and which, the validation digits say.

    Of all teams of at most ``most`` members the one ships that reads most validation digits, and of several the one
    with the smallest loss. Weights and record go to ``mnist_study/weights``, as for ``ship``.

    Parameters
    ----------
    name : of the ensemble
    members : networks of PyTorch that ship and read the same
    most : members, at most

    Returns
    -------
    str: a line that says who was chosen, and what the team reads

    Raises
    ------
    StudyError
        This is no checkout, the name is that of a config, a member is none, or the team is to have none.
    """
    require_checkout(SHIPPED)
    if most < 1:
        raise StudyError(f"at most {most} members: a team has at least one")
    if name in config_names() or not re.fullmatch(NAME, name):
        raise StudyError(f"{name}: name the ensemble as no config is named, in letters and digits")
    records, models = {each: model_record(each) for each in members}, {each: load_model(each) for each in members}
    for each, model in models.items():
        if not isinstance(model.spec, FullyConnectedSpec | ConvNetSpec) or model.task != models[members[0]].task:
            raise StudyError(f"{each}: only networks of PyTorch that read the same ship together")
    task = models[members[0]].task
    assert task
    splits = task.load()
    shares = {each: model.predict_proba(splits.validation.images) for each, model in models.items()}
    teams = (team for size in range(1, most + 1) for team in combinations(members, size))
    team = max(teams, key=lambda team: _reads([shares[each] for each in team], splits.validation.labels))
    chosen = [models[each] for each in team]
    spec = EnsembleSpec(members=tuple(cast(FullyConnectedSpec | ConvNetSpec, model.spec) for model in chosen))
    ensemble = build(spec, 0, chosen[0].mean, chosen[0].std, task)
    cast("Ensemble", ensemble).take_over([model.get_weights() for model in chosen])
    found = accuracy(splits.test.labels, ensemble.predict(splits.test.images))
    metrics = {
        **_measured("train", ensemble, splits.train[:: -(-len(splits.train) // SAMPLE)]),
        **_measured("validation", ensemble, splits.validation),
        "seconds": sum(records[each].metrics["seconds"] for each in team),
        "parameters": ensemble.size,
        "test_accuracy": found.fraction,
        "test_errors": found.errors,
    }
    about = {key: read_about(SHIPPED / f"{team[0]}.safetensors")[key] for key in ABOUT}
    described = {"name": name, "task": task.name, "model": spec.model_dump(mode="json"), "data": {}, "members": team}
    record = {
        "name": name,
        "command": f"mnist-study ship-together {name} {' '.join(members)} --most {most}",
        "date": date.today().isoformat(),
        "seed": 0,
        "metrics": metrics,
        "seeds": [{"seed": 0, **metrics}],
        "config": described,
        **about,
        "history": [],
    }
    _write(name, model_bytes(ensemble, config=described, **about), record)
    return f"{name}: {', '.join(team)}; test accuracy {found}"


def _reads(shares: Sequence[np.ndarray], labels: np.ndarray) -> tuple[float, float]:
    """Share of the labels that networks with probabilities (N, classes) read together, and minus their loss."""
    together = np.mean(shares, axis=0)
    right = accuracy(labels, together.argmax(axis=1)).fraction
    return right, -cross_entropy(np.log(np.maximum(together, 1e-12)), labels)


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


def _measured(split: str, network: BaseNetwork, digits: Digits) -> dict[str, float]:
    logits = network.logits(digits.images)
    right = accuracy(digits.labels, logits.argmax(axis=1))
    return {f"{split}_loss": cross_entropy(logits, digits.labels), f"{split}_accuracy": right.fraction}


def _source(name: Path | str, config: Config) -> str:
    """What to call the config in a command."""
    return shlex.quote(config.name if config.name in config_names() else str(name))


def _write(name: str, weights: bytes, record: dict[str, Any], kept: str = "") -> None:
    try:
        write_atomically(SHIPPED / f"{name}.safetensors", weights)
        write_atomically(SHIPPED / f"{name}.json", json.dumps(record, indent=1) + "\n")
    except OSError as error:
        raise StudyError(f"{SHIPPED}: cannot be written ({os_problem(error)}){kept}") from None


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
