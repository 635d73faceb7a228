"""The training loop for many small networks at once, each with the order of digits that its own seed draws."""

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from mnist_study.data import Digits
from mnist_study.data.files import chosen
from mnist_study.models import cross_entropy
from mnist_study.models.classifier import CHUNK

from .engines.engine import Placed
from .history import Epoch, History
from .loop import SAMPLE, batches_of, check_counts, check_digits, check_loss
from .schedules import SCHEDULES

if TYPE_CHECKING:
    from .engines import StackedEngine


def fit_stacked(
    engine: "StackedEngine",
    train: Digits,
    validation: Digits,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    schedule: str = "constant",
    seeds: Sequence[int],
) -> list[History]:
    """``fit`` for every network of a stack; within rounding, what it comes to for each of them alone.

    Parameters
    ----------
    engine : StackedEngine
    train, validation, epochs, batch_size, learning_rate, schedule : as for ``fit``
    seeds : one for each network; the order of epoch e is drawn from ``default_rng([seed, e])``

    Returns
    -------
    list of History, one for each network; the seconds of an epoch are shared out evenly

    Raises
    ------
    FloatingPointError
        A loss of a network is infinite or NaN.
    ValueError
        As for ``fit``, or there is not one seed for each network.
    """
    check_counts(epochs=epochs, batch_size=batch_size)
    check_digits(engine, train, validation)
    if len(seeds) != len(engine.networks):
        raise ValueError(f"{len(engine.networks)} networks need as many seeds, not {len(seeds)}")
    images, labels = engine.place_images(train.images), engine.place_labels(train.labels)
    every = -(-len(train) // SAMPLE)
    sample = images[::every], train.labels[::every]
    held_out = engine.place_images(validation.images), validation.labels
    steps = -(-len(train) // batch_size)
    rate_at, last = chosen(schedule, SCHEDULES, "schedule"), max(epochs * steps - 1, 1)
    histories, whole = [History() for _ in seeds], np.arange(len(train))
    for number in range(1, epochs + 1):
        started = perf_counter()
        orders = [[whole[batch] for batch in batches_of(len(train), batch_size, True, seed, number)] for seed in seeds]
        for index, batches in enumerate(zip(*orders, strict=True)):
            drawn = np.stack(batches)  # (networks, batch)
            rate = learning_rate * rate_at(((number - 1) * steps + index) / last)
            losses = engine.step(images[drawn], labels[drawn], rate)
            for history, loss, seed in zip(histories, losses.tolist(), seeds, strict=True):
                check_loss(loss, f"seed {seed}, epoch {number}, step {index + 1} of {steps}")
                history.batch_losses.append(loss)
        seconds = (perf_counter() - started) / len(seeds)
        measured = zip(_evaluate(engine, *sample), _evaluate(engine, *held_out), strict=True)
        for history, (seen, unseen) in zip(histories, measured, strict=True):
            history.epochs.append(Epoch(number, rate, *seen, *unseen, seconds))
    return histories


def _evaluate(engine: "StackedEngine", images: Placed, labels: np.ndarray) -> list[tuple[float, float]]:
    """Mean cross-entropy and accuracy of every network."""
    chunks = [slice(start, start + CHUNK) for start in range(0, len(labels), CHUNK)]
    logits = np.concatenate([engine.logits(images[chunk]) for chunk in chunks], axis=1)
    return [(cross_entropy(each, labels), float(np.mean(each.argmax(axis=1) == labels))) for each in logits]
