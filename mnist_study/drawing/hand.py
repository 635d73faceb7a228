"""Your own test set: digits of your hand, labelled by you, kept as strokes; and how well a network reads them.

Two formats hold the same digits. ``.json`` is for people: ``{"format", "version", "classes", "digits": [{"label",
"pen", "strokes"}]}``. ``.npz`` is for programs: ``classes``, ``images``, ``labels``, ``pens``, and the strokes as one
array of points, cut by how many points a stroke and how many strokes a digit has. Labels are places in ``classes``,
which also tell drawings of one digit from those of two; version 1 had none and held single digits. Strokes are the
truth: images are drawn from them anew.
"""

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mnist_study.analysis import Accuracy, accuracy
from mnist_study.data import MNIST, Digits, StudyError, Task
from mnist_study.data.files import os_problem, read_bounded, unpack_npz, write_atomically
from mnist_study.images import rasterise
from mnist_study.images.strokes import CANVAS, PEN, PENS, check_strokes
from mnist_study.models import Classifier, answers

from .tasks import digits_of, first_stage, noun

Parts = Iterable[tuple[Sequence[ArrayLike], int, float]]  # strokes, label, pen
Kept = tuple[tuple[str, ...], Parts]  # what a file keeps: names of classes, drawings
FORMAT, VERSION = "mnist-study digits", 2
LARGEST = 8 << 20  # bytes of a file, packed and unpacked
MOST_DIGITS = 10_000  # of a file
MOST_POINTS = 5000  # of one digit; a hand makes some hundred, and memory for an image grows with them
FARTHEST = 10_000  # units from the pad's corner; the pad has 280, or twice as many across


@dataclass(frozen=True, eq=False)
class Drawn:
    """One drawing of a hand: strokes ``(n, 2)`` in units of the pad, label, pen in pixels, image."""

    strokes: list[np.ndarray]
    label: int
    pen: float
    image: np.ndarray


class OwnDigits:
    """A test set that grows by one drawing at a time.

    ``add`` and ``undo``, ``len``; ``digits`` and ``accuracy`` look at it; ``save`` and ``load`` keep it in a file whose
    name ends in ``.npz`` or ``.json``. Labels are places in the ``classes`` of the task; of ``TWO_DIGIT``, a drawing
    shows both digits.
    """

    def __init__(self, drawings: Iterable[Drawn] = (), task: Task = MNIST) -> None:
        self.drawings, self.task = list(drawings), task

    def __len__(self) -> int:
        return len(self.drawings)

    def add(self, strokes: Sequence[ArrayLike], label: int, pen: float = PEN) -> None:
        """Keep one drawing, to a thousandth of a unit.

        Parameters
        ----------
        strokes : list of arrays ``(n, 2)``, x to the right, y down, in units of the pad, 280 high
        label : the class that was meant, int, its place in the classes of the task
        pen : its width, in pixels of the image, 0.5 to 8

        Raises
        ------
        ValueError
            Nothing is drawn, a coordinate is no number of a pad, there are more than 5000 points, or the label or the
            pen is none.
        """
        self.drawings.append(_drawn(strokes, label, pen, self.task))

    def undo(self) -> None:
        """Take the last drawing out again; nothing happens where there is none."""
        del self.drawings[-1:]

    def extend(self, others: "OwnDigits") -> None:
        """Take over the drawings of other OwnDigits, behind these.

        Raises
        ------
        ValueError
            Their classes are others.
        """
        if others.task.classes != self.task.classes:
            raise ValueError(f"drawings of {others.task.name} cannot be added to those of {self.task.name}")
        self.drawings += others.drawings

    @property
    def digits(self) -> Digits:
        """Digits: images uint8 ``(N, *task.shape)``, each digit prepared as MNIST's, and labels int64 ``(N,)``."""
        images = np.array([drawn.image for drawn in self.drawings], np.uint8).reshape(-1, *self.task.shape)
        return Digits(images, np.array([drawn.label for drawn in self.drawings], np.int64))

    def accuracy(self, model: Classifier) -> Accuracy:
        """How many of these digits a network reads rightly: an Accuracy, which has ``wilson()``.

        Raises
        ------
        ValueError
            There is no digit yet.
        StudyError
            The network gives no probabilities of so many classes.
        """
        if not self.drawings:
            raise ValueError(f"no {noun(self.task)} of your hand yet; draw one, say which it is, and save it")
        digits = self.digits
        shares = answers(model, digits.images, len(self.task.classes))
        return accuracy(digits.labels, shares.argmax(axis=1))

    def save(self, path: Path | str) -> None:
        """Write a ``.npz`` or ``.json`` file, whole or not at all.

        Raises
        ------
        StudyError
            The file cannot be written, or its name says neither format.
        """
        content = self.encode(_suffix(path))
        try:
            write_atomically(path, content)
        except (OSError, ValueError) as error:
            raise StudyError(f"{path}: cannot be written ({os_problem(error)}); name another file or folder") from None

    def encode(self, suffix: str) -> bytes:
        """The bytes of a file that ends in ``suffix``, ".npz" or ".json"."""
        return FORMATS[suffix][0](self)

    @classmethod
    def load(cls, path: Path | str, task: Task = MNIST) -> "OwnDigits":
        """Read what ``save`` wrote of drawings of that task; nothing in the file is executed.

        Raises
        ------
        StudyError
            The file cannot be read, is not one of these, or holds drawings of another task; says what is wrong.
        """
        _suffix(path)
        try:
            content = read_bounded(path, LARGEST)
        except FileNotFoundError as error:
            raise StudyError(f"{path}: cannot be read ({os_problem(error)}); check the path") from None
        return cls.decode(path, content, task)

    @classmethod
    def decode(cls, name: Path | str, content: bytes | memoryview, task: Task = MNIST) -> "OwnDigits":
        """The digits in the bytes of a file; ``name`` says its format, and where a fault is.

        Raises
        ------
        StudyError
            As for ``load``.
        """
        suffix = _suffix(name)
        if len(content) > LARGEST:
            raise StudyError(f"{name}: {_TOO_LARGE}")
        try:
            classes, parts = FORMATS[suffix][1](bytes(content))
            if classes == task.classes:
                return cls(_numbered(parts, task), task)
        except Exception as error:  # a hostile file makes the readers raise almost anything
            fault = f"{error} is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
            fault = fault if len(fault) < 200 else f"{fault[:200]} …"
            raise StudyError(f"{name}: is no set of digits of this study ({fault}); export one from the pad") from None
        theirs, ours = (f"{names[0]:.20} to {names[-1]:.20}" for names in (classes, task.classes))
        raise StudyError(
            f"{name}: holds drawings of {theirs}, and {ours} are wanted here; load it where those are drawn"
        )


_TOO_LARGE = f"is larger than {LARGEST:,} bytes, no set of digits of one hand is; export one from the pad"


def _suffix(path: Path | str) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise StudyError(f"{path}: ends in none of {', '.join(FORMATS)}; give it a name that does")
    return suffix


def _drawn(strokes: Sequence[ArrayLike], label: int, pen: float, task: Task) -> Drawn:
    label, pen = _check_label(label, task), check_pen(pen)
    lines = check_strokes(strokes)
    if not lines:
        raise ValueError("nothing is drawn")
    if sum(map(len, lines)) > MOST_POINTS:
        raise ValueError(f"the drawing has more than {MOST_POINTS} points; draw it with less to and fro")
    if max(np.abs(line).max() for line in lines) > FARTHEST:
        raise ValueError(f"a coordinate is farther than {FARTHEST} units from the pad, which has {CANVAS}")
    lines = [line.round(3) for line in lines]
    image = rasterise(lines, pen, stage=first_stage(task), digits=digits_of(task))
    return Drawn(lines, label, pen, image)


def _check_label(label: int, task: Task) -> int:
    try:
        number = -1 if isinstance(label, bool | np.bool_) else index(label)
    except TypeError:
        number = -1
    if not 0 <= number < len(task.classes):
        raise ValueError(f"the label {label!r:.40} is no {noun(task)}, 0 to {len(task.classes) - 1}")
    return number


def check_pen(pen: float) -> float:
    """A pen's width as a float; ValueError where it is none that a pad has."""
    if isinstance(pen, bool) or not isinstance(pen, int | float | np.number) or not PENS[0] <= pen <= PENS[1]:
        raise ValueError(f"the pen {pen!r:.40} is no width between {PENS[0]} and {PENS[1]} pixels")
    return float(pen)


def _to_json(own: OwnDigits) -> bytes:
    """One digit a line, so that people and programs that compare files can read it."""
    lines = [
        json.dumps({"label": d.label, "pen": d.pen, "strokes": [line.tolist() for line in d.strokes]})
        for d in own.drawings
    ]
    head = {"format": FORMAT, "version": VERSION, "canvas": CANVAS, "classes": own.task.classes}
    return "\n".join([f'{json.dumps(head)[:-1]}, "digits": [', ",\n".join(lines), "]}", ""]).encode()


def _from_json(content: bytes) -> Kept:
    table = json.loads(content)
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise ValueError(f'"format" is not "{FORMAT}"')
    classes = _check_classes(table["version"], table)
    if not isinstance(table["digits"], list):
        raise ValueError('"digits" is no list')
    _check_count(len(table["digits"]))
    return classes, ((digit["strokes"], digit["label"], digit["pen"]) for digit in table["digits"])


def _to_npz(own: OwnDigits) -> bytes:
    drawings, digits, file = own.drawings, own.digits, io.BytesIO()
    lines = [line for drawn in drawings for line in drawn.strokes]
    np.savez_compressed(
        file,
        version=np.int64(VERSION),
        classes=np.array(own.task.classes),
        images=digits.images,
        labels=digits.labels,
        pens=np.array([drawn.pen for drawn in drawings], np.float64),
        points=np.concatenate(lines) if lines else np.zeros((0, 2)),
        points_per_stroke=np.array([len(line) for line in lines], np.int64),
        strokes_per_digit=np.array([len(drawn.strokes) for drawn in drawings], np.int64),
    )
    return file.getvalue()


def _from_npz(content: bytes) -> Kept:
    table = unpack_npz(content, LARGEST)
    classes = _check_classes(table["version"].item(), table)
    counts = {table[name].shape for name in ("labels", "pens", "strokes_per_digit")}
    if len(counts) != 1 or any(table[name].dtype.kind not in "iuf" for name in ("labels", "pens", "points")):
        raise ValueError("its labels, pens and strokes are not numbers, one for each digit")
    _check_count(len(table["labels"]))
    labels, pens = table["labels"].tolist(), table["pens"].tolist()
    lines = _cut(table["points"], table["points_per_stroke"])
    drawings = _cut(np.arange(len(lines)), table["strokes_per_digit"])
    own = [[lines[number] for number in drawing] for drawing in drawings]
    return classes, zip(own, labels, pens, strict=True)


def _cut(values: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    """Consecutive parts of ``values`` ``(N, …)``, as long as ``lengths`` says."""
    if lengths.ndim != 1 or lengths.dtype.kind not in "iu" or (lengths < 1).any() or lengths.sum() != len(values):
        raise ValueError("its strokes are not as long together as its points")
    return np.split(values, np.cumsum(lengths)[:-1]) if len(lengths) else []


def _check_classes(version: object, table: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of what a file of that version holds."""
    if version == 1:
        return MNIST.classes
    if version != VERSION:
        raise ValueError(f"its version is {version!r:.40}; this program reads versions 1 and {VERSION}")
    classes = table["classes"]
    classes = classes.tolist() if isinstance(classes, np.ndarray) else classes
    if not isinstance(classes, list) or not classes or not all(isinstance(name, str) for name in classes):
        raise ValueError('"classes" is no list of names')
    return tuple(classes)


def _check_count(count: int) -> None:
    if count > MOST_DIGITS:
        raise ValueError(f"it has {count:,} digits, more than {MOST_DIGITS:,}")


def _numbered(parts: Parts, task: Task) -> list[Drawn]:
    """Drawings from strokes, label and pen; a fault says in which digit it is."""
    drawings = []
    for number, (strokes, label, pen) in enumerate(parts, 1):
        try:
            drawings.append(_drawn(strokes, label, pen, task))
        except ValueError as error:
            raise ValueError(f"digit {number}: {error}") from None
    return drawings


FORMATS: dict[str, tuple[Callable[[OwnDigits], bytes], Callable[[bytes], Kept]]] = {
    ".npz": (_to_npz, _from_npz),
    ".json": (_to_json, _from_json),
}
