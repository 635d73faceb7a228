"""The search for wrong training labels: every digit is judged by a network that has not seen it."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

from mnist_study.analysis import confident_joint, doubts
from mnist_study.data import Digits, find_task
from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import softmax
from mnist_study.models.records import record_from

from .config import Config
from .config_files import load_config
from .loop import CHUNK, fit
from .machine import machine
from .shipping import require_checkout
from .trainer import LIBRARIES, fit_options, make_engine

RECORD = Path(__file__).parents[1] / "doubts" / "train.json"
KEPT = 200  # of the most doubtful digits in the record


@dataclass(frozen=True)
class DoubtsRecord:
    """What the search found among the training digits, and how it was made."""

    command: str
    date: str  # YYYY-MM-DD
    config: Mapping
    folds: int
    versions: Mapping  # library -> version
    machine: Mapping  # see ``machine``
    data: Mapping  # training file -> SHA-256
    digits: int  # that were judged
    errors: int  # of them read wrongly by the network that had not seen them
    joint: tuple[tuple[int, ...], ...]  # see ``confident_joint``
    doubts: tuple[tuple[int, int, int, float, float], ...]  # as ``Doubts``: index, label, guess, for_label, for_guess

    @property
    def suspected(self) -> int:
        """Digits that are confidently of another class than their label."""
        joint = np.array(self.joint)
        return int(joint.sum() - np.trace(joint))


def out_of_fold(config: Config, digits: Digits, folds: int) -> np.ndarray:
    """Probabilities ``(N, classes)`` of each digit from the network that was trained on all folds but the digit's own.

    Parameters
    ----------
    config : Config of the networks
    digits : Digits, as of the config's task
    folds : how many, two or more; each has its share of every class

    Raises
    ------
    FloatingPointError
        A loss is infinite or NaN.
    """
    found = np.empty((len(digits), len(find_task(config.task).classes)), np.float32)
    cuts = StratifiedKFold(folds, shuffle=True, random_state=config.seed)
    for seen, unseen in cuts.split(digits.labels, digits.labels):
        engine = make_engine(config, digits[seen])
        fit(engine, digits[seen], **fit_options(config))
        images = engine.place_images(digits.images[unseen])
        starts = range(0, len(unseen), CHUNK)
        found[unseen] = softmax(np.concatenate([engine.logits(images[at : at + CHUNK]) for at in starts]))
    return found


def search_doubts(name: str, folds: int = 5, changes: Sequence[str] = ()) -> DoubtsRecord:
    """Judge every training digit of a config's task out of fold, and write the record that ships with the package.

    Parameters
    ----------
    name : of a config, or the path of a YAML file
    folds : two or more
    changes : of its keys, such as ``training.label_smoothing=0``

    Raises
    ------
    StudyError
        There are no two folds, this is no checkout of the project, or the record cannot be written.
    """
    if folds < 2:
        raise StudyError(f"--folds {folds}: at least two are needed, to train on one and judge the other")
    require_checkout(RECORD)
    config = load_config(name, [*changes, "logging.progress=false"])
    train = find_task(config.task).load().train
    probabilities = out_of_fold(config, train, folds)
    ranked, joint = doubts(train.labels, probabilities), confident_joint(train.labels, probabilities)
    places = (ranked.index, ranked.label, ranked.guess, ranked.for_label.round(4), ranked.for_guess.round(4))
    content = {
        "command": " ".join(["mnist-study doubts", name, f"--folds {folds}", *(f"--set {each}" for each in changes)]),
        "date": date.today().isoformat(),
        "config": config.model_dump(mode="json"),
        "folds": folds,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
        "machine": machine(config.model.engine),
        "data": dict(find_task(config.task).checksums),
        "digits": len(train),
        "errors": int((probabilities.argmax(axis=1) != train.labels).sum()),
        "joint": joint.tolist(),
        "doubts": list(zip(*(each[:KEPT].tolist() for each in places), strict=True)),
    }
    try:
        RECORD.parent.mkdir(exist_ok=True)
        write_atomically(RECORD, _lines(content))
    except OSError as error:
        raise StudyError(f"{RECORD}: cannot be written ({os_problem(error)})") from None
    return doubts_record()


def _lines(content: Mapping[str, object]) -> str:
    """JSON with a line for each key, and for each row of a table."""
    parts = []
    for key, value in content.items():
        rows = isinstance(value, list)
        inner = "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]" if rows else json.dumps(value)  # type: ignore[call-overload]
        parts.append(f' "{key}": {inner}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def doubts_record() -> DoubtsRecord:
    """What the search found, as it was committed.

    Raises
    ------
    StudyError
        There is no such record.
    """
    try:
        return record_from(DoubtsRecord, json.loads(RECORD.read_text()))
    except (OSError, ValueError, KeyError) as error:
        problem = os_problem(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        raise StudyError(f"{RECORD}: is no record ({problem}); make it with: mnist-study doubts") from None
