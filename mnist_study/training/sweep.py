"""Many trainings: each config becomes a run, found again by what it is of; here, in many processes, or on a cluster."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm.auto import tqdm

from mnist_study.data import StudyError

from .config import Config
from .config_files import load_config
from .identity import identity
from .runs import RUNS, Run, RunError, list_runs
from .trainer import resume, train


@dataclass(frozen=True)
class Trained:
    """What became of one config: its finished run, or why there is none.

    Attributes
    ----------
    config : Config
    run : Run, or None where the training failed
    how : "trained", "found" finished, "gone on with", or "failed"
    problem : of a failed one, in one line
    """

    config: Config
    run: Run | None
    how: str
    problem: str = ""


def sweep(
    configs: Sequence[Config | Path | str],
    runs: Path | str = RUNS,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    progress: bool = True,
) -> list[Trained]:
    """Train every config that has no finished run in ``runs`` yet; one that fails ends nobody else's.

    Interrupted, it goes on where it stopped when it is called again. All processes of one thread give the same weights,
    to the bit, however many there are.

    Parameters
    ----------
    configs : list of what ``train`` takes, a name, a path or a Config; of those with one identity the first is trained
    runs : folder of run directories; on a cluster, one that all workers see under this path
    jobs : processes side by side, each of one thread; 1 trains in this process, with its threads
    scheduler : address of a Dask scheduler, whose workers train instead
    progress : show a bar: runs done, running, and the time left

    Returns
    -------
    list of Trained, in the order of ``configs``

    Raises
    ------
    StudyError
        A config cannot be used, there is no such cluster, or a process was killed; what is finished is kept.
    """
    if isinstance(configs, Config | Path | str):
        raise StudyError(f"sweep takes a list of configs, and this is one alone: {configs!s:.60}")
    wanted = [config if isinstance(config, Config) else load_config(config) for config in configs]
    found = dict(as_trained(wanted, runs, jobs, scheduler, progress))
    return [found[identity(config)] for config in wanted]


def as_trained(
    configs: Sequence[Config], runs: Path | str, jobs: int, scheduler: str | None, progress: bool
) -> Iterator[tuple[str, Trained]]:
    """``sweep``, one by one as they end: pairs of an identity and what became of its config."""
    if not isinstance(jobs, int) or jobs < 1:
        raise StudyError(f"jobs: {jobs}, but at least one process is needed, and a whole number of them")
    wanted: dict[str, Config] = {}
    for config in configs:
        wanted.setdefault(identity(config), config)
    work = list(wanted.values())
    workers = _on_dask(work, runs, scheduler) if scheduler else _on_this_machine(work, runs, min(jobs, len(work) or 1))
    with tqdm(total=len(work), unit="run", disable=None if progress else True) as bar:
        for trained in workers:
            bar.update()
            if not scheduler:  # how many a cluster trains at once, it alone knows
                bar.set_postfix(running=min(jobs, len(work) - bar.n), refresh=False)
            yield identity(trained.config), trained


def find_or_train(config: Config, runs: Path | str = RUNS) -> Trained:
    """The finished run of ``config``: found in ``runs``, gone on with where it was interrupted, or trained.

    Raises
    ------
    StudyError
        The training failed.
    """
    wanted = identity(config)
    same = [run for run in list_runs(runs) if _usable(run, wanted)]
    finished = [run for run in same if run.status == "finished"]
    if finished:
        return Trained(config, finished[-1], "found")
    if same:
        return Trained(config, resume(same[-1]), "gone on with")
    return Trained(config, train(config, runs), "trained")


def _usable(run: Run, wanted: str) -> bool:
    """Whether a run is of the identity ``wanted`` and undamaged; one that is finished has all that a record needs."""
    try:
        if run.identity != wanted:
            return False
        return run.status != "finished" or ("validation_loss" in run.metrics and run.best_path.exists())
    except RunError:
        return False


def _attempt(config: Config, runs: Path | str) -> Trained:
    """``find_or_train``, whose failure is a result."""
    try:
        return find_or_train(config, runs)
    except StudyError as error:
        return Trained(config, None, "failed", str(error))
    except Exception as error:  # a mistake in the program, which is not to end everybody's work
        return Trained(config, None, "failed", f"{type(error).__name__}: {error}".split("\n")[0])


def _on_this_machine(configs: Sequence[Config], runs: Path | str, jobs: int) -> Iterator[Trained]:
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        try:
            yield from Parallel(return_as="generator_unordered")(delayed(_attempt)(each, runs) for each in configs)
        except TerminatedWorkerError:
            raise StudyError(
                "a process was killed, for memory perhaps; to go on, call again with fewer --jobs"
            ) from None


def _on_dask(configs: Sequence[Config], runs: Path | str, scheduler: str) -> Iterator[Trained]:
    """A worker that dies leaves its run to another, which goes on with it."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise StudyError("--scheduler needs Dask: pip install 'mnist-study[dask]'") from None
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        problem = str(error).split("\n")[0]
        raise StudyError(f"--scheduler {scheduler}: no Dask scheduler answers there ({problem})") from None
    folder = str(Path(runs).absolute())
    with contextlib.closing(client):
        futures = [client.submit(_attempt, config, folder, pure=False) for config in configs]
        for future in as_completed(futures):
            yield future.result()
