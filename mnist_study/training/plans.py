"""Sweeps that belong to the package: recipes side by side over the same seeds, and the record of what came out.

Such a sweep is a plan, ``mnist_study/sweeps/NAME.yaml``, and beside it its record, ``NAME.json``: every run's identity,
machine, metrics and history. Which of two recipes is better is asserted in the book on such a record, which is
the same everywhere, and never on a few fresh runs.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, ValidationError, model_validator

from mnist_study.data.checkout import require_checkout
from mnist_study.data.files import StudyError, did_you_mean, os_problem, write_atomically
from mnist_study.models.records import record_from
from mnist_study.models.specs import Section
from mnist_study.models.store import read_about

from .config import Config, ConfigError, over_seeds
from .config_files import load_config, read_yaml
from .history import History
from .identity import identity
from .runs import Run
from .sweep import as_trained

SWEEPS = Path(__file__).parents[1] / "sweeps"
QUIET = ("logging.tensorboard=false", "logging.progress=false")


class Recipe(Section):
    """``config`` with the changes ``set``, and with those of each of ``variants``, too."""

    config: str
    set: tuple[str, ...] = ()
    variants: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - frozen, and pydantic's own way


class Plan(Section):
    """Which trainings are compared: each of ``recipes`` with its own variants and those of all, over the same seeds."""

    seeds: Annotated[int, Field(ge=1, le=1000)]
    recipes: Annotated[dict[str, Recipe], Field(min_length=1)]
    variants: dict[str, tuple[str, ...]] = {}  # noqa: RUF012

    @model_validator(mode="after")
    def _compares(self) -> "Plan":
        if any(not (recipe.variants or self.variants) for recipe in self.recipes.values()):
            raise ValueError("variants: there is nothing to compare")
        return self

    def configs(self) -> dict[tuple[str, int], Config]:
        """dict from (variant, seed) to Config; a variant is named "recipe, variant"."""
        return {
            (f"{name}, {variant}".removeprefix(", "), config.seed): config
            for name, recipe in self.recipes.items()
            for variant, changes in {**recipe.variants, **self.variants}.items()
            for config in over_seeds(load_config(recipe.config, [*recipe.set, *changes, *QUIET]), self.seeds)
        }


@dataclass(frozen=True)
class RunRecord:
    """One training of a sweep."""

    variant: str
    seed: int
    identity: str  # see ``identity``
    date: str  # YYYY-MM-DD
    versions: Mapping  # library -> version
    machine: Mapping  # see ``machine``
    metrics: Mapping  # as ``Run.metrics``
    history: tuple[str, ...]  # lines of CSV, a header and one for each measured epoch


@dataclass(frozen=True)
class Sweep:
    """The record of a sweep: for each variant its runs, by seed."""

    name: str
    runs: tuple[RunRecord, ...]

    @property
    def variants(self) -> tuple[str, ...]:
        """Their names, in the plan's order."""
        return tuple(dict.fromkeys(run.variant for run in self.runs))

    def of(self, variant: str) -> list[RunRecord]:
        """The runs of one variant, by seed."""
        found = sorted((run for run in self.runs if run.variant == variant), key=lambda run: run.seed)
        if not found:
            raise StudyError(f"{self.name}: no variant {variant!r}{did_you_mean(variant, self.variants)}")
        return found

    def last(self, variant: str, column: str) -> np.ndarray:
        """``column`` of the history after the last epoch, float ``(seeds,)``."""
        return np.array([self.history(variant, run.seed)[column][-1] for run in self.of(variant)])

    def history(self, variant: str, seed: int) -> History:
        """History of one run, without the losses of its batches."""
        run = next((run for run in self.of(variant) if run.seed == seed), None)
        if run is None:
            raise StudyError(f"{self.name}: {variant} was not trained with seed {seed}")
        return History.from_csv("\n".join(run.history))

    @property
    def seconds(self) -> float:
        """Of training, all runs together."""
        return sum(run.metrics["seconds"] for run in self.runs)


def sweep_names() -> list[str]:
    """The sweeps that come with the package."""
    return sorted(path.stem for path in SWEEPS.glob("*.yaml"))


def load_plan(name: str) -> Plan:
    """The plan of a sweep by its name.

    Raises
    ------
    ConfigError
        There is no such sweep, or its plan has a mistake: one line.
    """
    if name not in sweep_names():
        raise ConfigError(f"no sweep {name!r}{did_you_mean(name, sweep_names())}; there are {', '.join(sweep_names())}")
    path = SWEEPS / f"{name}.yaml"
    values = read_yaml(path.read_bytes(), path)
    if isinstance(values, dict) and "recipes" not in values:  # of one recipe, which has no name
        recipe = {key: values.pop(key) for key in ("config", "set", "variants") if key in values}
        values["recipes"] = {"": recipe}
    try:
        return Plan.model_validate_json(json.dumps(values))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"])).removeprefix("recipes..")
        raise ConfigError(f"{path}: {where or name}: {problem['msg']}") from None


def sweep_record(name: str) -> Sweep:
    """What a sweep found, as it was committed.

    Raises
    ------
    StudyError
        There is no such sweep, or it has not been run.
    """
    load_plan(name)
    path = SWEEPS / f"{name}.json"
    try:
        return Sweep(name, tuple(record_from(RunRecord, run) for run in json.loads(path.read_text())["runs"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = os_problem(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise StudyError(f"{path}: is no record ({problem}); make it with: mnist-study sweep {name}") from None


def run_sweep(name: str, jobs: int = 1, progress: bool = True, scheduler: str | None = None) -> Sweep:
    """Train what the plan asks for and the record does not hold yet; the record grows with each run that ends.

    Parameters
    ----------
    name : of a sweep
    jobs, scheduler, progress : as for ``sweep``

    Returns
    -------
    Sweep

    Raises
    ------
    StudyError
        A training failed (what the others came to is recorded), or this is no checkout of the project.
    """
    configs, path = load_plan(name).configs(), SWEEPS / f"{name}.json"
    recorded = sweep_record(name).runs if path.exists() else ()
    known, done = {run.identity: run for run in recorded}, {}
    digests = {key: identity(config) for key, config in configs.items()}
    for (variant, seed), digest in digests.items():
        if run := known.get(digest):
            done[variant, seed] = replace(run, variant=variant, seed=seed)
    missing = sorted((key for key in configs if key not in done), key=lambda key: key[1])  # seed by seed
    if missing:
        require_checkout(path)

    def write() -> None:
        runs = tuple(done[key] for key in configs if key in done)
        if runs != recorded:
            _write(path, runs, f"mnist-study sweep {name} --jobs {jobs}")

    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for each, trained in as_trained([configs[key] for key in missing], folder, jobs, scheduler, progress):
            if trained.run is None:
                problems.append(trained.problem)
                continue
            for key in missing:
                if digests[key] == each:
                    done[key] = _record(trained.run, *key, each)
            write()
            shutil.rmtree(trained.run.directory)
    write()
    if problems:
        raise StudyError(f"{name}: {len(problems)} of {len(missing)} trainings failed; the first: {problems[0]}")
    return sweep_record(name)


def _write(path: Path, runs: Sequence[RunRecord], command: str) -> None:
    content = {"command": command, "runs": [vars(run) for run in runs]}
    try:
        write_atomically(path, json.dumps(content, indent=1, default=dict) + "\n")
    except OSError as error:
        raise StudyError(f"{path}: cannot be written ({os_problem(error)}); what it held before is kept") from None


def _record(run: Run, variant: str, seed: int, digest: str) -> RunRecord:
    about = read_about(run.best_path)
    return RunRecord(
        variant=variant,
        seed=seed,
        identity=digest,
        date=date.today().isoformat(),
        versions=about["versions"],
        machine=about["machine"],
        metrics=run.metrics,
        history=tuple(run.history.to_csv().splitlines()),
    )
