"""From a config to a run: the one place where all parts meet."""

import contextlib
import platform
from dataclasses import asdict
from functools import partial
from importlib import import_module
from importlib.metadata import version

import numpy as np

from mnist_study.data import FILES, load_mnist, pixel_statistics
from mnist_study.data.files import os_problem
from mnist_study.images import augment, drawn_digits
from mnist_study.models import Penalty, build

from .checkpoints import Checkpoints
from .config import Config
from .config_files import dump_config, load_config
from .listeners import INTERRUPTED, EarlyStopping, Progress
from .loop import fit
from .machine import machine
from .optimizers import OPTIMIZERS
from .runs import RUNS, Run, RunError, find_run, new_run
from .schedules import SCHEDULES
from .tensorboard import TensorBoard

LIBRARIES = ("numpy", "torch", "jax", "safetensors")
DRAWN = 7  # the seed of the digits that a program draws for training


def train(config, runs=RUNS, *, listeners=()):
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
        The loss was NaN or infinite, or the disk is full or read-only. What was saved before is still good.
    """
    config = config if isinstance(config, Config) else load_config(config)
    mnist = load_mnist()
    try:
        run = new_run(config.name, dump_config(config), runs)
    except (OSError, ValueError) as error:
        raise RunError(f"{runs}: no run can be kept there ({os_problem(error)}); name another folder") from None
    with run.locked():
        return _train(run, config, mnist, listeners)


def resume(run, runs=RUNS, *, listeners=()):
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
        return _train(run, run.config, load_mnist(), listeners)


def _train(run, config, mnist, listeners):
    try:
        run.write("status", "running\n")
        for leftover in run.directory.rglob(".*"):  # of a write that was killed
            leftover.unlink()
        history = _fit(run, config, mnist, listeners)
        complete = history.epochs and history.epochs[-1].epoch == config.training.epochs
        if complete:
            history.stopped_by = None  # whoever interrupted the last step came too late
        _summarise(run, config, history)
        unfinished = (history.stopped_by or "").startswith(INTERRUPTED)
        run.write("status", "interrupted\n" if unfinished else "finished\n")
    except FloatingPointError as error:
        _fail(run)
        raise RunError(f"{run.directory}: {error}; what was saved before that is still good") from None
    except OSError as error:
        _fail(run)
        told = f"{run.directory}: cannot be written ({os_problem(error)}); what was saved before is still good"
        raise RunError(f"{told}; make room, then: mnist-study resume {run.directory}") from None
    except BaseException:
        _fail(run)
        raise
    return run


def _summarise(run, config, history):
    """Write ``metrics.json``: what the epoch measured whose weights are kept, and how the training went."""
    if not history.epochs:
        return
    best = asdict(history.best(config.training.best))
    run.write_metrics(
        {
            **{name: value for name, value in best.items() if name.startswith(("train", "validation"))},
            "best_epoch": best["epoch"],
            "epochs": history.epochs[-1].epoch,
            "seconds": history.seconds,
            "parameters": run.model.size,
            "stopped_by": history.stopped_by,
        }
    )


def _fit(run, config, mnist, listeners):
    asked = config.training
    digits = _training_digits(config.data, mnist.train)
    engine = make_engine(config, mnist.train)
    checkpoints = Checkpoints(run, engine.network, asked.best, _origin(config, engine.network))
    history = checkpoints.load(engine) if run.last_path.exists() else None
    hear = [checkpoints, *listeners]
    board = TensorBoard(run.directory / "tensorboard", mnist.validation) if config.logging.tensorboard else None
    if board:
        hear.append(board)
    if asked.early_stopping:
        hear.append(EarlyStopping(**asked.early_stopping.model_dump(), restore=False))
    if config.logging.progress:
        hear.append(Progress(run.name))
    history = fit(engine, digits, mnist.validation, **fit_options(config), listeners=hear, history=history)
    if board and history.epochs:
        board.show_mistakes(run.model, history.epochs[-1].epoch)
    return history


def _training_digits(asked, train):
    """As many of MNIST's as the config asks for, and behind them those that a program draws."""
    digits = train[: asked.train_size]
    return digits.followed_by(drawn_digits(asked.drawn, np.random.default_rng(DRAWN))) if asked.drawn else digits


def fit_options(config):
    """What a config says to ``fit``: its keyword arguments, as a dict."""
    asked, changes = config.training, config.data.augmentation
    return {
        "epochs": asked.epochs,
        "batch_size": asked.batch_size,
        "learning_rate": asked.learning_rate,
        "schedule": partial(SCHEDULES[asked.schedule.name], **asked.schedule.parameters),
        "seed": config.seed,
        "augment": partial(augment, **changes.model_dump()) if changes else None,
        "measure_every": asked.measure_every,
    }


ENGINES = {"numpy": "NumPyEngine", "torch": "TorchEngine", "jax": "JAXEngine"}


def make_engine(config, digits):
    """The engine that a config asks for, at its start; normalised by ``digits``, where the config wants it."""
    asked, mean, std = config.training, 0.0, 255.0
    if config.data.normalisation == "standard":
        pixels = pixel_statistics(digits.images)
        mean, std = pixels.mean, pixels.std
    network = build(config.model, config.seed, mean, std)
    kind = config.model.engine
    if kind == "torch":
        network.move(_device(asked.device))
    rule = OPTIMIZERS[asked.optimizer.name](**asked.optimizer.parameters)
    engine = getattr(import_module(f"mnist_study.training.engines.{kind}_engine"), ENGINES[kind])
    return engine(network, rule, Penalty(asked.l1, asked.l2), asked.ema, asked.loss, asked.label_smoothing)


def _device(asked):
    """The GPU if PyTorch sees one and nobody asked for the CPU."""
    import torch

    there = torch.cuda.is_available()
    if asked == "cuda" and not there:
        raise RunError("training.device: cuda, but PyTorch sees no GPU here; set it to auto or cpu")
    return "cuda" if there and asked != "cpu" else "cpu"


def _origin(config, network):
    """What a model file says of where it comes from."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {
        "config": config.model_dump(mode="json"),
        "versions": {"python": platform.python_version(), **libraries},
        "machine": machine(config.model.engine, getattr(network, "device", "cpu")),
        "data": {name: sha256 for name, (_, sha256) in FILES.items() if name.startswith("train")},
    }


def _fail(run):
    with contextlib.suppress(OSError):
        run.write("status", "failed\n")
