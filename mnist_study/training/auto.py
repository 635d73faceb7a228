"""A network without choosing by hand: a random search, the best of it trained once more, the files written."""

from collections.abc import Sequence
from pathlib import Path

from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import ModelError, save_bundle

from .config_files import load_config
from .runs import RUNS
from .search import Changes, configs_of
from .summary import Results, best_first
from .sweep import find_or_train, sweep

RANGES = ("training.learning_rate=log:3e-4..1e-2", "training.l2=log:1e-5..1e-3")
QUIET = ("logging.progress=false",)


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
    plain = load_config(name, [*changes, *best])
    patience = [] if plain.training.early_stopping else ["training.early_stopping={}"]
    run = find_or_train(load_config(name, [*changes, *best, *patience, *QUIET]), runs).run
    assert run is not None
    metrics = run.metrics
    lines = [
        f"best: {' '.join(best) or '(as it is)'}",
        f"{run.directory}: validation accuracy {metrics['validation_accuracy']:.2%} after {metrics['epochs']} epochs",
    ]
    path = Path(folder) / f"{plain.name}.safetensors"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_bytes() != run.best_path.read_bytes():
            raise StudyError(f"{path}: is another network's; name another folder with --out, or copy {run.best_path}")
        write_atomically(path, run.best_path.read_bytes())
        lines.append(f"{path}: written")
        try:
            save_bundle(run.model, path.with_suffix(".npz"))
            lines.append(f"{path.with_suffix('.npz')}: written")
        except ModelError as error:
            lines.append(str(error))
    except OSError as error:
        raise StudyError(f"{folder}: cannot be written ({os_problem(error)}); name another folder with --out") from None
    return lines
