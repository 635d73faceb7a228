"""The training loop: one for every engine, told what to do by arguments, watched by listeners."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite, nan
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from mnist_study.data import Digits
from mnist_study.data.files import chosen
from mnist_study.models import cross_entropy
from mnist_study.models.classifier import CHUNK

from .engines import Engine
from .engines.engine import Placed
from .history import Epoch, History, Stop
from .listeners import Listener
from .schedules import SCHEDULES

if TYPE_CHECKING:
    from .engines import StackedEngine

SAMPLE = 12_000  # training digits at most that are measured after each epoch: as many as there are for validation


@np.errstate(over="ignore", invalid="ignore")  # a loss that is not finite is an error, with a better message
def fit(
    engine: Engine,
    train: Digits,
    validation: Digits | None = None,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    schedule: str | Callable[[float], float] = "constant",
    seed: int = 0,
    shuffle: bool = True,
    augment: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None,
    redraw: Callable[[np.random.Generator], Digits] | None = None,
    measure_every: int = 1,
    listeners: Sequence[Listener] = (),
    history: History | None = None,
) -> History:
    """Train ``engine`` on ``train`` and measure it on ``validation`` after each epoch.

    Training loss and accuracy are those of the network as it stands after the epoch, without dropout, on every n-th
    training digit, 12 000 at most: measured just as on validation, so that the difference is the generalisation gap.

    Parameters
    ----------
    engine : Engine (see ``engines``)
    train, validation : Digits; without validation its columns are NaN
    epochs : passes over ``train``
    batch_size : digits per update; all of them, or more, is full-batch training, which needs no order
    learning_rate : per update, at the schedule's peak
    schedule : name in ``SCHEDULES``, or a function from progress (0 to 1) to a share of the learning rate
    seed : int; the order of epoch e is drawn from ``default_rng([seed, e])``, the augmentation of its step s from
        ``default_rng([seed, e, s])``
    shuffle : draw a new order for each epoch
    augment : function from raw images and a generator to raw images, applied to each batch
    redraw : function from a generator to the training digits of an epoch, as many as there are in ``train``; those of
        epoch e are drawn from ``default_rng([seed, e, 0, 1])``
    measure_every : epochs between two rows of the history; the last epoch always has one
    listeners : Listeners, told of every step and epoch; one of them may end the training
    history : what an interrupted training left behind, with the engine in the state of that moment: fit goes on there

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        A loss is infinite or NaN.
    ValueError
        There is nothing to train or to measure on, a label is none of the network's classes, there is no schedule of
        that name, or a count is below 1.
    """
    check_counts(epochs=epochs, batch_size=batch_size, measure_every=measure_every)
    check_digits(engine, train, validation)
    rate_at = chosen(schedule, SCHEDULES, "schedule") if isinstance(schedule, str) else schedule
    placed = None if redraw else place(engine, train)
    every = -(-len(train) // SAMPLE)
    held_out = None if validation is None else (engine.place_images(validation.images), validation.labels)
    steps = -(-len(train) // batch_size)  # per epoch, the last one possibly short
    last = max(epochs * steps - 1, 1)
    history = history or History()
    done = len(history.batch_losses)
    history.stop = _first([listener.before_training(history, epochs, steps) for listener in listeners])
    if history.stop:
        epochs = 0
    try:
        for number in range(done // steps + 1, epochs + 1):
            batches = batches_of(len(train), batch_size, shuffle, seed, number)
            if redraw:
                train = redraw(np.random.default_rng([seed, number, 0, 1]))
            images, labels = placed or place(engine, train)
            for index in range(max(done - (number - 1) * steps, 0), steps):
                started = perf_counter()
                batch = batches[index]
                rate = learning_rate * rate_at(((number - 1) * steps + index) / last)
                if augment:
                    rng = np.random.default_rng([seed, number, index])
                    shown = engine.place_images(augment(train.images[batch], rng))
                else:
                    shown = images[batch]
                loss = engine.step(shown, labels[batch], rate)
                check_loss(loss, f"epoch {number}, step {index + 1} of {steps}")
                history.batch_losses.append(loss)
                history.unmeasured_seconds += perf_counter() - started
                history.stop = _first([listener.after_step(loss) for listener in listeners])
                if history.stop and index + 1 < steps:
                    return history
            if number % measure_every == 0 or number == epochs:
                sample = images[::every], train.labels[::every]
                measured = (*evaluate(engine, *sample), *(evaluate(engine, *held_out) if held_out else (nan, nan)))
                check_loss(measured[0], f"epoch {number}, after its last step")
                history.epochs.append(Epoch(number, rate, *measured, history.unmeasured_seconds))
                history.unmeasured_seconds = 0.0
                stops = [listener.after_epoch(history.epochs[-1], engine) for listener in listeners]
                history.stop = _first(stops) or history.stop
            if history.stop:
                break
    finally:
        for listener in listeners:
            listener.after_training(engine)
    return history


def check_counts(**counts: int) -> None:
    """Refuse what is to be counted from 1 and is not, as a ValueError."""
    if min(counts.values()) < 1:
        given = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise ValueError(f"{given}: each should be at least 1")


def check_digits(engine: "Engine | StackedEngine", train: Digits, validation: Digits | None) -> None:
    """Refuse digits that the network of ``engine`` cannot be trained or measured on, as a ValueError."""
    classes = None
    for use, digits in (("train", train), ("measure", validation)):
        if digits is None:
            continue
        images, labels = digits.images, np.asarray(digits.labels)
        if not len(labels):
            raise ValueError(f"there is not one digit to {use} on")
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            given = f"type {labels.dtype} and shape {labels.shape}"
            raise ValueError(f"labels to {use} on of {given}: give one whole number for each image")
        if len(images) != len(labels):
            raise ValueError(f"{len(images)} images to {use} on, but {len(labels)} labels: give one for each image")
        classes = classes or engine.logits(engine.place_images(images[:CHUNK])).shape[-1]
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(
                f"labels to {use} on go from {labels.min()} to {labels.max()}: "
                f"those of a network of {classes} classes go from 0 to {classes - 1}"
            )


def place(engine: Engine, digits: Digits) -> tuple[Placed, Placed]:
    """Images and labels where the engine computes."""
    return engine.place_images(digits.images), engine.place_labels(digits.labels)


def _first(stops: Iterable[Stop | None]) -> Stop | None:
    """The first that a listener gave."""
    return next(filter(None, stops), None)


def check_loss(loss: float, where: str) -> None:
    if not isfinite(loss):
        raise FloatingPointError(f"loss {loss} in {where}: try a lower learning rate")


def evaluate(engine: Engine, images: Placed, labels: np.ndarray) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of the engine on placed ``images`` and ``labels``."""
    chunks = [slice(start, start + CHUNK) for start in range(0, len(labels), CHUNK)]
    logits = np.concatenate([engine.logits(images[chunk]) for chunk in chunks])
    return cross_entropy(logits, labels), float(np.mean(logits.argmax(axis=1) == labels))


def batches_of(size: int, batch_size: int, shuffle: bool, seed: int, epoch: int) -> list[slice] | list[np.ndarray]:
    """What to index the training set with, batch after batch; slices, which copy nothing, where order is not wanted."""
    if batch_size >= size or not shuffle:
        return [slice(start, start + batch_size) for start in range(0, size, batch_size)]
    order = np.random.default_rng([seed, epoch]).permutation(size)
    return [order[start : start + batch_size] for start in range(0, size, batch_size)]
