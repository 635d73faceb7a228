"""Figures in a folder: chapter 1's look at anybody's digits, and chapter 13's at anybody's network."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from mnist_study.analysis import Examination, calibration, confidence, confusion, mistakes, risk_coverage
from mnist_study.data import (
    Digits,
    StudyError,
    Task,
    class_means,
    count_duplicates,
    is_rejected,
    label_counts,
    pixel_statistics,
    task_of,
)
from mnist_study.data import ink_geometry as measure_ink
from mnist_study.images import CHANGES

from . import digits as figures
from . import errors, style
from .examinations import change_curves, shares
from .failures import captioned_digits

SUREST = 30  # mistakes that are shown
MOST_CLASSES = 100  # that are drawn one by one


def statistics(splits: Mapping[str, Digits]) -> dict[str, Any]:
    """What chapter 1 measures, of each split.

    Parameters
    ----------
    splits : dict from name to Digits, images uint8 ``(N, H, W)``

    Returns
    -------
    dict, as JSON can hold it, from split to its numbers; ``repeated`` counts images that are in an earlier place, too,
    of any split
    """
    task = _task(splits)
    found: dict[str, Any] = {name: _measure(digits, task) for name, digits in splits.items()}
    shapes = {digits.images.shape[1:] for digits in splits.values()}
    if len(shapes) == 1:
        found["repeated"] = count_duplicates(np.concatenate([digits.images for digits in splits.values()]))
    return found


def inspection(splits: Mapping[str, Digits]) -> Iterator[tuple[str, style.Drawing]]:
    """Chapter 1's figures: for each its name and itself. Figures of the digits are of the largest split."""
    task, (name, first) = _task(splits), _largest(splits)
    inked = first.images[first.images.any(axis=(1, 2))]
    counts = {split: label_counts(digits.labels, task) for split, digits in splits.items()}
    yield "label_counts", figures.label_counts(counts, "How often each class comes", task.classes)
    yield "pixel_values", figures.pixel_values(first.images, f"{name}: grey values")
    if len(inked):
        yield "ink_geometry", figures.ink_geometry(measure_ink(inked), f"{name}: where the ink is", task)
    if len(task.classes) <= MOST_CLASSES:
        there = np.unique(first.labels)
        yield "samples", figures.samples(first, f"{name}: the first of each class", 15)
        means, spreads = class_means(first.images, np.searchsorted(there, first.labels), _of(task, there))
        names = [task.classes[label] for label in there]
        yield "means_and_spreads", figures.means_and_spreads(means, spreads, f"{name}: on average", names)


def examination(
    name: str, found: Examination, probabilities: np.ndarray, test: Digits
) -> Iterator[tuple[str, style.Drawing]]:
    """Figures of one network's examination: for each its name and itself.

    ``probabilities`` are the network's, float ``(N, 10)``, of the test digits.
    """
    yield "changes", change_curves({name: found.changes}, CHANGES, f"{name}: how far a digit may be changed")
    misread = {kind: {name: 100 * (1 - each.fraction)} for kind, each in found.corruptions.items()}
    yield "corruptions", shares(misread, f"{name}: MNIST-C's fifteen corruptions", "misread [%]")
    told = {
        score: {kind: 100 * each for kind, each in rejection.auroc.items()}
        for score, rejection in found.rejection.items()
    }
    yield "strangers", shares(told, f"{name}: which score tells strangers from digits", "AUROC [%]", low=50)
    sure = confidence(probabilities, test.labels)
    yield "reliability", errors.reliability({name: calibration(sure)}, f"{name}: {calibration(sure)}")
    yield "risk", errors.risk_against_coverage({name: risk_coverage(sure)}, f"{name}: errors left when it may refuse")
    answers = confusion(test.labels, probabilities.argmax(axis=1))
    yield "confusion", errors.confusion_matrix(answers, f"{name}: {found.test}")
    surest = mistakes(test.labels, probabilities)
    if len(surest):
        first = surest.index[:SUREST]
        captions = [
            f"{label} read {answer}\n{probability:.1%}"
            for label, answer, probability in zip(surest.label, surest.answer, surest.probability, strict=True)
        ]
        images, marked = test.images[first], is_rejected(first)
        title = f"{name}: its surest mistakes; framed: people reject the label"
        yield "mistakes", captioned_digits(images, captions[:SUREST], title, 10, marked)


def _measure(digits: Digits, task: Task) -> dict[str, Any]:
    inked = digits.images.any(axis=(1, 2))
    ink = measure_ink(digits.images[inked]) if inked.any() else None
    quartiles = (
        {measure: np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist() for measure, values in vars(ink).items()}
        if ink
        else {}
    )
    return {
        "digits": len(digits),
        "shape": list(digits.images.shape[1:]),
        "labels": label_counts(digits.labels, task).tolist(),
        "pixels": asdict(pixel_statistics(digits.images)),
        "blank": int((~inked).sum()),
        "ink": quartiles,
    }


def _largest(splits: Mapping[str, Digits]) -> tuple[str, Digits]:
    return max(splits.items(), key=lambda split: len(split[1]))


def _task(splits: Mapping[str, Digits]) -> Task:
    """Classes 0 to the largest label, images of the largest split's shape."""
    largest = max(int(digits.labels.max()) for digits in splits.values())
    classes = [str(label) for label in range(max(largest + 1, 2))]
    shape = _largest(splits)[1].images.shape[1:]
    try:
        return task_of({"name": "folder", "shape": shape, "classes": classes})
    except ValueError:
        raise StudyError(f"images of {' x '.join(map(str, shape))} pixels are too large to be looked at here") from None


def _of(task: Task, labels: np.ndarray) -> Task:
    """The same with those classes only."""
    return Task(task.name, task.shape, tuple(task.classes[label] for label in labels), task.load)
