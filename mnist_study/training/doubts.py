"""The search for wrong training labels: every digit is judged by a network that has not seen it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedKFold

from mnist_study.analysis import confident_joint, doubts
from mnist_study.data import MNIST, Digits, find_task
from mnist_study.data.checkout import require_checkout
from mnist_study.data.files import StudyError, os_problem, write_atomically
from mnist_study.models import softmax
from mnist_study.models.classifier import CHUNK
from mnist_study.models.records import record_from

from .config import Config, check_batches
from .config_files import config_names, load_config
from .loop import fit
from .trainer import fit_options, make_engine, origin, training_digits

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
    config : Config of the networks; each is trained for all its epochs, on what the data section adds to its folds, too
    digits : Digits, as of the config's task
    folds : how many, two or more; each has its share of every class

    Raises
    ------
    StudyError
        There are too few or too many folds, or a batch is larger than what is left of the digits.
    FloatingPointError
        A loss is infinite or NaN.
    """
    rarest = int(np.unique(digits.labels, return_counts=True)[1].min())
    if not 2 <= folds <= rarest:
        raise StudyError(
            f"{folds} folds: at least 2 are needed, to train on one and judge the other, and at most {rarest:,}, "
            "the digits of the rarest class"
        )
    found = np.empty((len(digits), len(find_task(config.task).classes)), np.float32)
    cuts = [*StratifiedKFold(folds, shuffle=True, random_state=config.seed).split(digits.labels, digits.labels)]
    for seen, _ in cuts:
        check_batches(config, len(seen))
    for seen, unseen in cuts:
        engine = make_engine(config, digits[seen])
        fit(engine, training_digits(config.data, digits[seen]), **fit_options(config))
        images = engine.place_images(digits.images[unseen])
        starts = range(0, len(unseen), CHUNK)
        found[unseen] = softmax(np.concatenate([engine.logits(images[at : at + CHUNK]) for at in starts]))
    return found


def search_doubts(name: str, folds: int = 5, changes: Sequence[str] = (), record: bool = False) -> DoubtsRecord:
    """Judge the training digits of a config out of fold.

    Parameters
    ----------
    name : of a config, or the path of a YAML file
    folds : two or more
    changes : of its keys, such as ``training.label_smoothing=0``
    record : write what is found as the record that ships with the package, in the place of the one that is there

    Raises
    ------
    StudyError
        So many folds cannot be made, the training failed, or the record is not to be written: this is no checkout of
        the project, the config is not the package's or does not read all training digits of MNIST, or the disk is full.
    """
    config = load_config(name, [*changes, "logging.progress=false"])
    if record:
        require_checkout(RECORD)
        if name not in config_names() or config.task != MNIST.name or config.data.train_size is not None:
            raise StudyError(f"--record: keeps a search among all of MNIST by a config of the package; {name} is none")
    train = find_task(config.task).load().train[: config.data.train_size]
    folded = config.model_copy(update={"data": config.data.model_copy(update={"train_size": None})})
    try:
        probabilities = out_of_fold(folded, train, folds)
    except FloatingPointError as error:
        raise StudyError(f"{name}: {error}") from None
    ranked, joint = doubts(train.labels, probabilities), confident_joint(train.labels, probabilities)
    places = (ranked.index, ranked.label, ranked.guess, ranked.for_label.round(4), ranked.for_guess.round(4))
    content = {
        "command": " ".join(
            ["mnist-study doubts", name, f"--folds {folds}", *(f"--set {each}" for each in changes)]
            + ["--record"] * record
        ),
        "date": date.today().isoformat(),
        "folds": folds,
        **origin(config),
        "digits": len(train),
        "errors": int((probabilities.argmax(axis=1) != train.labels).sum()),
        "joint": joint.tolist(),
        "doubts": list(zip(*(each[:KEPT].tolist() for each in places), strict=True)),
    }
    if record:
        try:
            RECORD.parent.mkdir(exist_ok=True)
            write_atomically(RECORD, _lines(content))
        except OSError as error:
            raise StudyError(f"{RECORD}: cannot be written ({os_problem(error)})") from None
    return record_from(DoubtsRecord, content)


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
        raise StudyError(
            f"{RECORD}: is no record ({problem}); make it with: mnist-study doubts cnn_fast --record"
        ) from None
