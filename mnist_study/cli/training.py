"""The commands that train, and those that write what was trained."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from mnist_study.training import Interruption, Listener, Run
    from mnist_study.training.summary import Results


def train_config(options: argparse.Namespace) -> int:
    from mnist_study.training import load_config, train

    config = load_config(options.config, options.set)
    return _until_stopped(lambda listeners: train(config, options.runs, listeners=listeners))


def resume_run(options: argparse.Namespace) -> int:
    from mnist_study.training import resume

    return _until_stopped(lambda listeners: resume(options.name, options.runs, listeners=listeners))


def _until_stopped(work: Callable[[Sequence[Listener]], Run]) -> int:
    """Let ``work`` train, and say how it went; the first SIGINT or SIGTERM ends it after the batch."""
    from mnist_study.training import Interruption

    interruption = Interruption()
    with _listening_to_signals(interruption) as caught:
        run = work([interruption])
    if metrics := run.metrics:
        print(
            f"{run.directory}: epoch {metrics['best_epoch']} of {metrics['epochs']} is kept: "
            f"validation accuracy {metrics['validation_accuracy']:.2%}, loss {metrics['validation_loss']:.4f}; "
            f"{metrics['seconds']:.1f} s of training"
        )
    if run.status != "interrupted" or interruption.stop is None:
        return 0
    print(f"{interruption.stop.message}; all is saved; go on with: {run.resume_command}")
    return 128 + caught[0]


@contextlib.contextmanager
def _listening_to_signals(interruption: Interruption) -> Iterator[list[int]]:
    """Hand the first SIGINT or SIGTERM to ``interruption``; a second one ends the process at once.

    Python calls its signal handlers between two steps of the main thread, which may be deep in a long matrix product; a
    thread that is woken at once listens instead. Yields the list of signals that were caught.
    """
    import threading

    caught: list[int] = []
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def listen() -> None:
        if first := os.read(reader, 1):
            caught.append(first[0])
            interruption.request(signal.Signals(first[0]).name)
            if second := os.read(reader, 1):
                os._exit(128 + second[0])

    handlers = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.set_wakeup_fd(writer)
    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield caught
    finally:
        signal.set_wakeup_fd(-1)
        os.close(writer)  # which ends the listening
        listening.join()
        os.close(reader)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def sweep_many(options: argparse.Namespace) -> int:
    from mnist_study.data import StudyError
    from mnist_study.data.files import did_you_mean
    from mnist_study.training import config_names, grid, sweep_names
    from mnist_study.training.auto import sweep_settings

    _check_backend(options)
    known = [*config_names(), *sweep_names()]
    if options.name not in known and not os.path.lexists(options.name):
        hint = did_you_mean(options.name, known)
        raise StudyError(f"no config and no sweep {options.name!r}{hint}; there are {', '.join(known)}, and YAML files")
    if options.name in sweep_names():
        return _run_plan(options)
    settings = _draws(options) if options.random else grid(options.grid)
    results = sweep_settings(
        options.name,
        settings,
        _seeds(options),
        options.runs,
        changes=options.set,
        jobs=options.jobs,
        scheduler=options.scheduler,
    )
    return _summarise(options, results)


def _run_plan(options: argparse.Namespace) -> int:
    """A sweep of the package, by its name."""
    from mnist_study.data import StudyError
    from mnist_study.training import run_sweep

    given = [f"--{name}" for name in ("grid", "random", "set") if getattr(options, name)]
    given += ["--seeds"] * (options.seeds is not None) + ["--runs"] * (options.runs != "runs")
    if given:
        raise StudyError(f"{options.name}: is a sweep of the package, whose file says all; leave out {given[0]}")
    record = run_sweep(options.name, options.jobs, scheduler=options.scheduler)
    for variant in record.variants:
        reads = record.last(variant, "validation_accuracy")
        spread = f"({len(reads)} seeds, {reads.min():.2%} to {reads.max():.2%})"
        print(f"{variant:16}  validation {reads.mean():.2%} {spread}")
    print(f"{record.seconds:.0f} s of training in all")
    return 0


def search_best(options: argparse.Namespace) -> int:
    from mnist_study.training import list_runs, load_config
    from mnist_study.training.auto import RANGES, auto, check_place, sweep_settings

    _check_backend(options)
    options.random = options.random or ["8"]
    if len(options.random) == 1:
        options.random += RANGES
    settings = _draws(options)
    check_place(options.out, load_config(options.config, options.set).name, list_runs(options.runs))
    chosen = {"changes": options.set, "jobs": options.jobs, "scheduler": options.scheduler}
    results = sweep_settings(options.config, settings, _seeds(options), options.runs, **chosen)
    _summarise(options, results)
    print("\n".join(["", *auto(results, options.config, options.set, options.runs, options.out)]))
    return 0


def _seeds(options: argparse.Namespace) -> int:
    return 1 if options.seeds is None else options.seeds


def _check_backend(options: argparse.Namespace) -> None:
    from mnist_study.data import StudyError

    if options.backend == "dask" and not options.scheduler:
        raise StudyError("--backend dask: name the scheduler, too, such as --scheduler tcp://127.0.0.1:8786")
    if options.backend == "processes" and options.scheduler:
        raise StudyError("--scheduler is for --backend dask; leave one of them out")


def _draws(options: argparse.Namespace) -> Sequence[tuple[str, ...]]:
    from mnist_study.data import StudyError
    from mnist_study.training.search import draws

    count, *ranges = options.random
    if getattr(options, "grid", None):
        raise StudyError("--grid and --random: one of them decides which settings are trained")
    if not count.lstrip("-").isdigit():
        raise StudyError(f"--random {count}: says first how many draws, such as: --random 8 {count}")
    return draws(int(count), ranges)


def _summarise(options: argparse.Namespace, results: Results) -> int:
    """The table, and the CSV beside the runs; 1 if a training failed."""
    from mnist_study.training.summary import table, write_summary

    path = write_summary(results, options.runs)
    print(f"{table(results)}\n\n{path}: a row for each run")
    return int(any(trained.run is None for runs in results.values() for trained in runs))


def ship_config(options: argparse.Namespace) -> None:
    from mnist_study.training.shipping import ship

    print(ship(options.config, options.seeds, options.runs, options.jobs))


def ship_team(options: argparse.Namespace) -> None:
    from mnist_study.training.shipping import ship_together

    print(ship_together(options.name, options.members, options.most))


def write_page(options: argparse.Namespace) -> None:
    from mnist_study.drawing.export import export_page

    print("\n".join(export_page(options.folder, options.models)))
