"""The training loop: one for every engine, told what to do by arguments, watched by listeners."""

from math import isfinite, nan
from time import perf_counter

import numpy as np

from mnist_study.models import cross_entropy

from .history import Epoch, History
from .schedules import SCHEDULES

SAMPLE = 12_000  # training digits at most that are measured after each epoch: as many as there are for validation
CHUNK = 2_000  # digits that are evaluated at a time


def fit(
    engine,
    train,
    validation=None,
    *,
    epochs,
    batch_size,
    learning_rate,
    schedule="constant",
    seed=0,
    shuffle=True,
    measure_every=1,
    listeners=(),
):
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
    schedule : name in ``SCHEDULES``
    seed : int; the order of epoch e is drawn from ``default_rng([seed, e])``
    shuffle : draw a new order for each epoch
    measure_every : epochs between two rows of the history; the last epoch always has one
    listeners : Listeners, told of every step and epoch; one of them may end the training

    Returns
    -------
    History

    Raises
    ------
    FloatingPointError
        A loss is infinite or NaN.
    ValueError
        There is nothing to train on.
    """
    if not len(train):
        raise ValueError("there is not one digit to train on")
    images, labels = engine.place(train.images), engine.place(train.labels)
    every = -(-len(train) // SAMPLE)
    sample = images[::every], labels[::every]
    held_out = None if validation is None else (engine.place(validation.images), engine.place(validation.labels))
    steps = -(-len(train) // batch_size)  # per epoch, the last one possibly short
    rate_at, last = SCHEDULES[schedule], max(epochs * steps - 1, 1)
    history, seconds = History(), 0.0
    for listener in listeners:
        listener.before_training(epochs, steps)
    try:
        for number in range(1, epochs + 1):
            started = perf_counter()
            for index, batch in enumerate(_batches(len(train), batch_size, shuffle, seed, number)):
                rate = learning_rate * rate_at(((number - 1) * steps + index) / last)
                loss = engine.step(images[batch], labels[batch], rate)
                _check(loss, f"epoch {number}, step {index + 1} of {steps}")
                history.batch_losses.append(loss)
                for listener in listeners:
                    listener.after_step(loss)
            seconds += perf_counter() - started
            if number % measure_every and number < epochs:
                continue
            measured = (*evaluate(engine, *sample), *(evaluate(engine, *held_out) if held_out else (nan, nan)))
            _check(measured[0], f"epoch {number}, after its last step")
            history.epochs.append(Epoch(number, rate, *measured, seconds))
            seconds = 0.0
            reasons = [listener.after_epoch(history.epochs[-1], engine) for listener in listeners]
            history.stopped_by = next(filter(None, reasons), None)
            if history.stopped_by:
                break
    finally:
        for listener in listeners:
            listener.after_training(engine)
    return history


def _check(loss, place):
    if not isfinite(loss):
        raise FloatingPointError(f"loss {loss} in {place}: try a lower learning rate")


def evaluate(engine, images, labels):
    """Mean cross-entropy and accuracy of the engine on placed ``images`` and ``labels``."""
    chunks = [slice(start, start + CHUNK) for start in range(0, len(labels), CHUNK)]
    logits = np.concatenate([engine.logits(images[chunk]) for chunk in chunks])
    return cross_entropy(logits, labels), float(np.mean(logits.argmax(axis=1) == labels))


def _batches(size, batch_size, shuffle, seed, epoch):
    """What to index the training set with, batch after batch; slices, which copy nothing, where order is not wanted."""
    if batch_size >= size or not shuffle:
        return [slice(start, start + batch_size) for start in range(0, size, batch_size)]
    order = np.random.default_rng([seed, epoch]).permutation(size)
    return [order[start : start + batch_size] for start in range(0, size, batch_size)]
