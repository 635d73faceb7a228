"""A network without choosing by hand: a random search, the best of it trained once more, the files written."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from mnist_study.data.files import StudyError, check_folder, read_bounded, write_atomically, writing
from mnist_study.models import ModelError
from mnist_study.models.store import LIMIT, bundle_bytes

from .runs import RUNS, Run
from .search import Changes, configs_of
from .summary import Results, best_first
from .sweep import find_or_train, sweep

RANGES = ("training.learning_rate=log:3e-4..1e-2", "training.l2=log:1e-5..1e-3")
QUIET = ("logging.progress=false",)
CONTENTS: dict[str, Callable[[Run], bytes]] = {  # what is written of a run, by suffix
    ".safetensors": lambda run: read_bounded(run.best_path, LIMIT),
    ".npz": lambda run: bundle_bytes(run.model),
}


def sweep_settings(
    name: str,
    settings: Sequence[Changes],
    seeds: int = 1,
    runs: Path | str = RUNS,
    *,
    changes: Sequence[str] = (),
    jobs: int = 1,
    scheduler: str | None = None,
) -> Results:
    """Train the config ``name`` with each of ``settings`` over seeds.

    Parameters
    ----------
    name : of a config, or a YAML file
    settings : from ``grid`` or ``draws``
    seeds : how many, from 0
    changes : KEY=VALUE for all of them
    runs, jobs, scheduler : as for ``sweep``

    Returns
    -------
    dict from setting to its Trained, by seed
    """
    configs = configs_of(name, settings, [*changes, *QUIET], seeds)
    trained = iter(sweep([each for same in configs.values() for each in same], runs, jobs=jobs, scheduler=scheduler))
    return {setting: [next(trained) for _ in same] for setting, same in configs.items()}


def check_place(folder: Path | str, name: str, runs: Iterable[Run]) -> None:
    """Refuse a folder in which the files of ``name`` cannot be written, or stand and are of none of ``runs``.

    Raises
    ------
    StudyError
    """
    check_folder(folder)
    for path in _places(folder, name):
        if os.path.lexists(path) and not any(_is_of(run, path) for run in runs):
            raise StudyError(f"{path}: is another network's; name another folder with --out, or move the file away")


def auto(results: Results, name: str, changes: Sequence[str], runs: Path | str, folder: Path | str) -> list[str]:
    """Train the best setting of a search once more, now with early stopping, and write the network's files.

    Parameters
    ----------
    results : of ``sweep_settings``
    name, changes, runs : those of the search
    folder : where ``NAME.safetensors`` goes and, for networks from scratch, the bundle ``NAME.npz``

    Returns
    -------
    list of str: what was chosen, what it reads, where the files are

    Raises
    ------
    StudyError
        Every training of the search failed, or the files cannot be written: there is another network in their place.
    """
    best = best_first(results)[0]
    if not any(trained.run for trained in results[best]):
        raise StudyError(f"every training failed; the first: {results[best][0].problem}")
    plain = results[best][0].config  # of seed 0
    patience = [] if plain.training.early_stopping else ["training.early_stopping={}"]
    [[config]] = configs_of(name, [(*best, *patience)], [*changes, *QUIET], 1).values()
    run = find_or_train(config, runs).run
    assert run is not None
    check_place(folder, config.name, [run])
    metrics = run.metrics
    lines = [
        f"best: {' '.join(best) or '(as it is)'}",
        f"{run.directory}: validation accuracy {metrics['validation_accuracy']:.2%} after {metrics['epochs']} epochs",
    ]
    for path in _places(folder, config.name):
        try:
            content = CONTENTS[path.suffix](run)
        except ModelError as error:
            lines.append(f"{path}: {error}")
            continue
        with writing(folder):
            write_atomically(path, content)
        lines.append(f"{path}: written")
    return lines


def _places(folder: Path | str, name: str) -> list[Path]:
    return [Path(folder) / f"{name}{suffix}" for suffix in CONTENTS]


def _is_of(run: Run, path: Path) -> bool:
    """Whether a file is what would be written of a run; a run that is damaged or not trained has none."""
    try:
        return read_bounded(path, LIMIT) == CONTENTS[path.suffix](run)
    except (OSError, StudyError):
        return False
