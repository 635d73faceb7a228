"""From a config to a run: the one place where all parts meet."""

import contextlib
import errno
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mnist_study.data import Digits, Splits, find_task, pixel_statistics
from mnist_study.data.files import os_problem
from mnist_study.images import augment, drawn_digits, lettered_digits
from mnist_study.models import BaseNetwork, ModelError, Penalty, build, load_model

from . import engines
from .checkpoints import Checkpoints
from .config import Config, ConfigError, DataSection, Teacher, check_batches
from .config_files import dump_config, load_config
from .engines import Engine
from .history import History
from .identity import identity
from .listeners import EarlyStopping, Listener, Progress
from .loop import fit
from .machine import machine
from .optimizers import OPTIMIZERS
from .runs import RUNS, STATUS, Run, RunError, find_run, measured_metrics, new_run
from .schedules import SCHEDULES
from .tensorboard import TensorBoard

if TYPE_CHECKING:
    from mnist_study.models.torch_networks import TorchNetwork

    from .engines.torch_engine import Teaching

LIBRARIES = ("numpy", "torch", "jax", "safetensors")
DRAWN = 7  # the seed of the digits that a program draws for training
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
OUT_OF_MEMORY = re.compile("out of memory|allocate memory|not enough memory|bad.?alloc", re.I)  # PyTorch's and JAX's


def train(config: Config | Path | str, runs: Path | str = RUNS, *, listeners: Sequence[Listener] = ()) -> Run:
    """Train what ``config`` describes, in a fresh directory under ``runs``.

    Parameters
    ----------
    config : a name in ``config_names()``, the path of a YAML file, or a Config
    runs : folder of run directories
    listeners : Listeners beside those that the config asks for

    Returns
    -------
    Run, with ``.history``, ``.metrics``, ``.model`` (the best epoch's) and ``.directory``

    Raises
    ------
    ConfigError, DataError
        The config or the data cannot be used.
    RunError
        The loss was NaN or infinite, or the memory or the disk is full. What was saved before that is still good.
    """
    config = config if isinstance(config, Config) else load_config(config)
    splits = find_task(config.task).load()
    check_batches(config, len(splits.train))
    _check_engine(config)
    try:
        run = new_run(config.name, dump_config(config), identity(config), runs)
    except (OSError, ValueError) as error:
        raise RunError(f"{runs}: no run can be kept there ({os_problem(error)}); name another folder") from None
    with run.locked():
        return _train(run, config, splits, listeners)


def resume(run: Run | Path | str, runs: Path | str = RUNS, *, listeners: Sequence[Listener] = ()) -> Run:
    """Go on with a run that was interrupted, from its last checkpoint, or from the start if it has none yet.

    Parameters
    ----------
    run : Run, path, or name (see ``find_run``)
    runs, listeners : as for ``train``

    Raises
    ------
    RunError
        There is no such run, it is finished, or its checkpoint is damaged.
    """
    run = Run(run.directory) if isinstance(run, Run) else find_run(run, runs)  # one that remembers no weights
    with run.locked():
        if run.status == "finished":
            raise RunError(f"{run.directory}: is finished, there is nothing to go on with")
        return _train(run, run.config, find_task(run.config.task).load(), listeners)


def _train(run: Run, config: Config, splits: Splits, listeners: Sequence[Listener]) -> Run:
    for folder in (run.last_path.parent, run.board_path):
        if os.path.lexists(folder) and not folder.is_dir():
            raise RunError(f"{folder}: is no folder; remove it, then: {run.resume_command}")
    try:
        run.write(STATUS, "running\n")
        run.last_path.parent.mkdir(exist_ok=True)
        run.remove_leftovers()
        history = _fit(run, config, splits, listeners)
        complete = history.epochs and history.epochs[-1].epoch == config.training.epochs
        if complete:
            history.stop = None  # whoever interrupted the last step came too late
        _summarise(run, config, history)
        unfinished = history.stop is not None and history.stop.resumable
        run.write(STATUS, "interrupted\n" if unfinished else "finished\n")
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        with contextlib.suppress(OSError, MemoryError):
            run.write(STATUS, "interrupted\n" if stopped else "failed\n")
        if problem := _explain(error, run):
            raise RunError(f"{run.directory}: {problem}") from None
        raise
    return run


def _explain(error: BaseException, run: Run) -> str | None:
    """What ended a training, and how to go on, where that is no fault of the program; else None."""
    saved, problem = "what was saved before that is still good", str(error).split("\n")[0]
    if isinstance(error, FloatingPointError):
        return f"{problem}; {saved}"
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and OUT_OF_MEMORY.search(problem)):
        smaller = "or train anew with a smaller network or training.batch_size"
        return f"out of memory ({problem or 'MemoryError'}); {saved}; make room, then: {run.resume_command}; {smaller}"
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return f"cannot be written ({os_problem(error)}); {saved}; make room, then: {run.resume_command}"
    if isinstance(error, OSError):
        return f"training was stopped by the system ({problem}); {saved}; mend that, then: {run.resume_command}"
    return None


def _summarise(run: Run, config: Config, history: History) -> None:
    """Write ``metrics.json``: what the epoch measured whose weights are kept, and how the training went."""
    best = history.best(config.training.best)
    if best is None:
        return
    run.write_metrics(
        {
            **measured_metrics(asdict(best)),
            "epochs": history.epochs[-1].epoch,
            "seconds": history.seconds,
            "parameters": run.model.size,
            "stopped_by": history.stopped_by,
        }
    )


def _fit(run: Run, config: Config, splits: Splits, listeners: Sequence[Listener]) -> History:
    training = config.training
    digits = training_digits(config.data, splits.train)
    engine = make_engine(config, splits.train)
    checkpoints = Checkpoints(run, engine.network, training.best, origin(config))
    history = checkpoints.load(engine) if run.last_path.exists() else None
    followers: list[Listener] = [checkpoints, *listeners]
    board = TensorBoard(run.board_path, splits.validation) if config.logging.tensorboard else None
    if board:
        followers.append(board)
    if training.early_stopping:
        followers.append(EarlyStopping(**training.early_stopping.model_dump(), restore=False))
    if config.logging.progress:
        followers.append(Progress(run.name))
    redraw = find_task(config.task).redraw if config.data.redraw else None
    history = fit(
        engine,
        digits,
        splits.validation,
        **fit_options(config),
        redraw=partial(redraw, splits) if redraw else None,
        listeners=followers,
        history=history,
    )
    if board and history.epochs:
        board.show_mistakes(run.model, history.epochs[-1].epoch)
    return history


def training_digits(section: DataSection, train: Digits) -> Digits:
    """As many of ``train`` as a config's data section takes, and behind them those that a program draws."""
    digits = train[: section.train_size]
    for count, draw in ((section.drawn, drawn_digits), (section.lettered, lettered_digits)):
        if count:
            digits = digits.followed_by(draw(count, np.random.default_rng(DRAWN)))
    return digits


def fit_options(config: Config) -> dict[str, Any]:
    """What a config says to ``fit``: its keyword arguments, as a dict."""
    training, changes = config.training, config.data.augmentation
    return {
        "epochs": training.epochs,
        "batch_size": training.batch_size,
        "learning_rate": training.learning_rate,
        "schedule": partial(SCHEDULES[training.schedule.name], **training.schedule.parameters),
        "seed": config.seed,
        "augment": partial(augment, parts=find_task(config.task).parts, **changes.model_dump()) if changes else None,
        "measure_every": training.measure_every,
    }


ENGINES = {"numpy": "NumPyEngine", "torch": "TorchEngine", "jax": "JAXEngine"}


def make_engine(config: Config, digits: Digits) -> Engine:
    """The engine that a config asks for, at its start; normalised by ``digits``, where the config wants it."""
    training, mean, std = config.training, 0.0, 255.0
    if config.data.normalisation == "standard":
        pixels = pixel_statistics(digits.images)
        mean, std = pixels.mean, pixels.std
    network = build(config.model, config.seed, mean, std, find_task(config.task))
    kind = config.model.engine
    if kind == "torch":
        cast("TorchNetwork", network).move(_device(training.device))
    rule = OPTIMIZERS[training.optimizer.name](**training.optimizer.parameters)
    engine = getattr(engines, ENGINES[kind])
    options: dict[str, Any] = {}
    if kind == "torch":
        options["precision"] = training.precision
    if training.teacher:
        options["teacher"] = _teaching(training.teacher, network)
    penalty = Penalty(training.l1, training.l2)
    return engine(network, rule, penalty, training.ema, training.loss, training.label_smoothing, **options)


def _check_engine(config: Config) -> None:
    """Refuse what this machine or the package does not have, before there is a run to fail."""
    if config.model.engine == "torch":
        _device(config.training.device)
    if config.training.teacher:
        _teacher(config.training.teacher)


def _teacher(section: Teacher) -> BaseNetwork:
    try:
        return load_model(section.model)
    except ModelError as error:
        raise ConfigError(f"training.teacher.model: {error}") from None


def _teaching(section: Teacher, network: BaseNetwork) -> "Teaching":
    """The teacher where its pupil is, if it sees what the pupil sees."""
    from .engines.torch_engine import Teaching

    teacher = _teacher(section)
    sees = [(each.task, each.mean, each.std) for each in (teacher, network)]
    if sees[0] != sees[1] or not teacher.spec or teacher.spec.engine != "torch":
        raise ConfigError(
            f"training.teacher.model: {section.model} is no network of PyTorch that reads the same, normalised alike"
        )
    device = str(cast("TorchNetwork", network).device)
    return Teaching(cast("TorchNetwork", teacher).move(device), section.share, section.temperature)


def _device(wanted: str) -> str:
    """The GPU if PyTorch sees one and the CPU is not ``wanted``."""
    import torch

    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise RunError("training.device: cuda, but PyTorch sees no GPU here; set it to auto or cpu")
    return "cuda" if there and wanted != "cpu" else "cpu"


def origin(config: Config) -> dict[str, Any]:
    """What a model file, or a record, says of where it comes from: dict that JSON can hold."""
    device = _device(config.training.device) if config.model.engine == "torch" else "cpu"
    libraries = {name: version(name) for name in LIBRARIES}
    return {
        "config": config.model_dump(mode="json"),
        "versions": {"python": platform.python_version(), **libraries},
        "machine": machine(config.model.engine, device),
        "data": dict(find_task(config.task).checksums),
    }
