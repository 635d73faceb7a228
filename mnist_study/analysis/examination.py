"""All that the study measures of one network, in one value: on the test digits, and as far from them as digits go."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mnist_study.data import MNIST, Digits
from mnist_study.data.files import StudyError, read_bounded, unpack_npz
from mnist_study.images import (
    CHANGES,
    MNIST_C,
    STRANGERS,
    change,
    mnist_c,
    optical_digits,
    strangers,
    typeface_digits,
    unseen_styles,
)
from mnist_study.models import answers, ask, softmax
from mnist_study.models.store import SHIPPED

from .accuracy import Accuracy, accuracy
from .calibration import calibration, risk_coverage, temperature
from .confidence import confidence
from .rejection import SCORES, Refusal, auroc, features, threshold, usual_features

RECORDS = Path(str(files("mnist_study"))) / "examinations"
LIMIT = 1 << 24  # bytes of a record
DIGITS = 1000  # test digits that are corrupted and changed, and pictures of each kind of stranger
FEWEST = 100  # that say anything


class Reader(Protocol):
    """Anybody's network: pictures uint8 ``(N, 28, 28)`` to probabilities ``(N, 10)``."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class Rejection:
    """How well a network tells pictures that are no digits from digits, by one score."""

    auroc: Mapping[str, float]  # by kind of stranger: how often a stranger is stranger than a validation digit
    refused: Mapping[str, float]  # share of each kind that is refused, where 1 % of the validation digits are
    test_refused: float  # share of the test digits that are refused

    @property
    def mean(self) -> float:
        """AUROC over all kinds."""
        return float(np.mean(list(self.auroc.values())))


@dataclass(frozen=True)
class Examination:
    """What became of one network; every count of errors is out of the number beside it."""

    test: Accuracy
    calibration_error: float  # expected, on the test digits, 0 to 1
    temperature: float  # that fits the validation digits best; above 1 the network is too sure
    tempered_error: float  # as calibration_error, after the temperature
    refused_for_no_error: float  # share of the test digits
    other_hands: Accuracy  # scikit-learn's digits, prepared
    unseen_styles: Accuracy  # drawn by a program in styles held out of all training
    typefaces: Accuracy  # that imitate handwriting, held out of all training
    corruptions: Mapping[str, Accuracy]  # MNIST-C's fifteen
    changes: Mapping[str, tuple[Accuracy, ...]]  # by the amounts of images.CHANGES
    changed_calibration: Mapping[str, float]  # expected error at the largest amount of each change
    rejection: Mapping[str, Rejection]  # by score

    @property
    def corruption_error(self) -> float:
        """Mean share of errors over the fifteen corruptions, as the paper of MNIST-C has it."""
        return float(np.mean([1 - each.fraction for each in self.corruptions.values()]))

    @property
    def worst_corruption(self) -> tuple[str, Accuracy]:
        """The one that it reads least of."""
        return min(self.corruptions.items(), key=lambda item: item[1].fraction)

    @property
    def best_score(self) -> str:
        """The score that tells strangers from digits best."""
        return max(self.rejection, key=lambda name: self.rejection[name].mean)

    def to_json(self) -> dict[str, Any]:
        """As JSON can hold it; ``from_json`` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Examination":
        """The value that ``to_json`` was asked for.

        Raises
        ------
        KeyError, TypeError
            It is none.
        """
        return cls(
            test=_accuracy(content["test"]),
            calibration_error=content["calibration_error"],
            temperature=content["temperature"],
            tempered_error=content["tempered_error"],
            refused_for_no_error=content["refused_for_no_error"],
            other_hands=_accuracy(content["other_hands"]),
            unseen_styles=_accuracy(content["unseen_styles"]),
            typefaces=_accuracy(content["typefaces"]),
            corruptions={name: _accuracy(each) for name, each in content["corruptions"].items()},
            changes={name: tuple(map(_accuracy, each)) for name, each in content["changes"].items()},
            changed_calibration=dict(content["changed_calibration"]),
            rejection={name: Rejection(**each) for name, each in content["rejection"].items()},
        )


def _accuracy(content: Mapping[str, int]) -> Accuracy:
    return Accuracy(content["errors"], content["total"])


def analyse(
    model: Reader,
    digits: int = DIGITS,
    seed: int = 0,
    progress: Callable[[Iterable[Any], int], Iterable[Any]] | None = None,
) -> Examination:
    """Measure a network of single digits as chapter 13 does: damaged, changed, by other hands, and what is no digit.

    ``plots.report.examination`` draws what comes out, with the network's confusions and surest mistakes.

    Parameters
    ----------
    model : a network of the study, or any object whose ``predict_proba`` takes uint8 ``(N, 28, 28)``, ink bright on
        dark, to probabilities ``(N, 10)``
    digits : test digits that are corrupted and changed, and pictures of each kind of stranger
    seed : of the corruptions' random numbers
    progress : wraps the steps, given how many there are, to show how far it is

    Raises
    ------
    StudyError
        It answers something else, or ``digits`` are too few or more than there are.
    """
    mnist = MNIST.load()
    check_digits(digits, mnist.test)
    check_reader(model, mnist.validation.images[:2])
    some = mnist.test[:digits]
    pictures: dict[tuple[str, float | None], Callable[[np.random.Generator], np.ndarray]] = {
        **{(name, None): partial(mnist_c, some.images, name) for name in MNIST_C},
        **{
            (name, amount): partial(change, some.images, name, amount)
            for name, rule in CHANGES.items()
            for amount in rule.amounts
        },
    }
    read_as = {}
    for key in progress(pictures, len(pictures)) if progress else pictures:
        shares = _answers(model, pictures[key](np.random.default_rng(seed)))
        read_as[key] = confidence(shares, some.labels)
    read = {key: Accuracy(int((~found.correct).sum()), len(some)) for key, found in read_as.items()}
    most = {name: read_as[name, rule.amounts[-1]] for name, rule in CHANGES.items()}
    validation, test = (_logits(model, each.images) for each in (mnist.validation, mnist.test))
    sure = confidence(softmax(test), mnist.test.labels)
    warmth = temperature(validation, mnist.validation.labels)
    tempered = confidence(softmax(test / warmth), mnist.test.labels)
    return Examination(
        test=accuracy(mnist.test.labels, test.argmax(axis=1)),
        calibration_error=calibration(sure, resamples=0).error,
        temperature=warmth,
        tempered_error=calibration(tempered, resamples=0).error,
        refused_for_no_error=risk_coverage(sure).refused_for_no_error,
        other_hands=_read(model, optical_digits()),
        unseen_styles=_read(model, unseen_styles(digits)),
        typefaces=_read(model, typeface_digits()),
        corruptions={name: read[name, None] for name in MNIST_C},
        changes={name: tuple(read[name, amount] for amount in rule.amounts) for name, rule in CHANGES.items()},
        changed_calibration={name: calibration(found, resamples=0).error for name, found in most.items()},
        rejection=_rejection(model, digits, seed, {"validation": validation, "test": test}),
    )


def examined(name: str) -> Examination:
    """What ``mnist-study analyse NAME --record`` measured of a network that ships.

    Raises
    ------
    StudyError
        It was not measured, or of other weights than ship today.
    """
    try:
        content = json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))
    except OSError:
        raise StudyError(f"{name}: there is no record; make one with: mnist-study analyse {name} --record") from None
    if content["weights"] != weights_digest(name):
        raise StudyError(f"{name}: was measured with other weights; do it again: mnist-study analyse {name} --record")
    return Examination.from_json(content)


def refusal_of(name: str) -> Refusal:
    """How a network that ships refuses pictures, as ``mnist-study analyse NAME --record`` left it.

    Raises
    ------
    StudyError
        There is no record.
    """
    path = RECORDS / f"{name}.npz"
    try:
        return Refusal.from_arrays(unpack_npz(read_bounded(path, LIMIT, StudyError), LIMIT))
    except (OSError, StudyError, KeyError):
        raise StudyError(f"{path}: there is no record; make one with: mnist-study analyse {name} --record") from None


def record(name: str, found: Examination) -> str:
    """The text of a record: what was measured of the network that ships under this name, and with which weights."""
    return json.dumps({"name": name, "weights": weights_digest(name), **found.to_json()}, indent=1) + "\n"


def weights_digest(name: str) -> str:
    """SHA-256 of the file of a network that ships."""
    return hashlib.sha256((SHIPPED / f"{name}.safetensors").read_bytes()).hexdigest()


def check_digits(digits: int, test: Digits) -> None:
    """Refuse to measure on too few test digits, or on more than there are, in one line.

    Raises
    ------
    StudyError
    """
    if not FEWEST <= digits <= len(test):
        raise StudyError(f"{digits} digits: between {FEWEST} and {len(test)}, please")


def check_reader(model: Reader, images: np.ndarray) -> None:
    """Refuse what is no reader of single digits, in one line.

    Raises
    ------
    StudyError
    """
    task = getattr(model, "task", None) or MNIST
    if (task.shape, task.classes) != (MNIST.shape, MNIST.classes):
        raise StudyError(f"this network reads {task.name}; what is measured here is how single digits are read")
    _answers(model, images)


def _answers(model: Any, images: np.ndarray) -> np.ndarray:
    return answers(model, images, len(MNIST.classes))


def _logits(model: Any, images: np.ndarray) -> np.ndarray:
    """Where a network has none, the logarithms of its probabilities are logits."""
    if hasattr(model, "logits"):
        return ask(model, "logits", images, len(MNIST.classes))
    return np.log(np.maximum(_answers(model, images), 1e-12))


def _read(model: Reader, digits: Digits) -> Accuracy:
    return accuracy(digits.labels, _answers(model, digits.images).argmax(axis=1))


def _rejection(model: Any, count: int, seed: int, logits: Mapping[str, np.ndarray]) -> dict[str, Rejection]:
    pictures = {kind: strangers(kind, count, np.random.default_rng(seed)) for kind in STRANGERS}
    strange = {kind: _logits(model, each) for kind, each in pictures.items()}
    results = {
        name: _rejecting(score(logits["validation"]), score(logits["test"]), {k: score(x) for k, x in strange.items()})
        for name, score in SCORES.items()
    }
    if hasattr(model, "activations"):
        distance, mnist = usual_features(model), MNIST.load()
        validation, test = (distance(features(model, each.images)) for each in (mnist.validation, mnist.test))
        found = {kind: distance(features(model, each)) for kind, each in pictures.items()}
        results["features"] = _rejecting(validation, test, found)
    return results


def _rejecting(validation: np.ndarray, test: np.ndarray, strange: Mapping[str, np.ndarray]) -> Rejection:
    limit = threshold(validation)
    return Rejection(
        {kind: auroc(validation, each) for kind, each in strange.items()},
        {kind: float(np.mean(each > limit)) for kind, each in strange.items()},
        float(np.mean(test > limit)),
    )
