"""What is read, as a value: nothing else in the package knows by heart how large an image is or how many classes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from .digits import Digits, Splits
from .files import StudyError, chosen

LARGEST = 4096  # pixels along a side, and classes, of a task that a file may describe


class TaskError(StudyError):
    """A task that is not known here, in one line."""


@dataclass(frozen=True)
class Task:
    """What a network reads, and where its digits come from.

    Parameters
    ----------
    name : a word; configs, model files and records carry it
    shape : rows and columns of an image, in pixels
    classes : their names, in the order of the labels 0, 1, …
    load : gives the digits, from wherever they are
    checksums : what the training digits are made of, name -> digest
    parts : equal shares of the width, each of which shows one letter of the class's name, and nothing of another; 1 if
        the image cannot be divided so
    redraw : makes other training digits of the splits, as many, for tasks whose images are put together from others'
    """

    name: str
    shape: tuple[int, int]
    classes: tuple[str, ...]
    load: Callable[[], Splits] = field(compare=False, repr=False)
    checksums: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    parts: int = field(default=1, compare=False)
    redraw: Callable[[Any, np.random.Generator], Digits] | None = field(default=None, compare=False, repr=False)

    @property
    def places(self) -> tuple[tuple[str, ...], ...]:
        """The letters of each place of its names (see ``places_of``)."""
        return places_of(self.classes)

    @property
    def part(self) -> "Task":
        """What one of its parts shows: a letter in a share of the width. Its digits are to be found in the whole."""
        rows, columns = self.shape
        return Task(self.name, (rows, columns // self.parts), self.places[0], self.load)

    @property
    def pixels(self) -> int:
        """Of one image."""
        return self.shape[0] * self.shape[1]

    def describe(self) -> dict:
        """What a file keeps of the task, as JSON can hold it."""
        return {"name": self.name, "shape": list(self.shape), "classes": list(self.classes)}


def places_of(classes: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The letters of each place of a name, where the classes are all their combinations in order: tens and ones.

    One place, with the whole names in it, where they are not.
    """
    letters = [tuple(dict.fromkeys(place)) for place in zip(*classes, strict=False)]
    return tuple(letters) if classes == tuple(map("".join, product(*letters))) else (classes,)


def place_names(places: int) -> tuple[str, ...]:
    """What so many places of a name are called, from the first on."""
    return ("digit",) if places == 1 else ("tens", "ones") if places == 2 else tuple(map(str, range(1, places + 1)))


TASKS: dict[str, Task] = {}  # by name; a task is entered by the module that defines it, or by its user


def find_task(name: str) -> Task:
    """The task of that name.

    Raises
    ------
    TaskError
        There is none.
    """
    return chosen(name, TASKS, "task", TaskError)


def task_of(description: Mapping) -> Task:
    """The task that ``describe`` described; one that nobody knows here can be read, but its digits cannot be loaded.

    Raises
    ------
    ValueError, KeyError, TypeError
        It is no description.
    """
    name, shape, classes = description["name"], tuple(description["shape"]), tuple(description["classes"])
    sides = len(shape) == 2 and all(isinstance(side, int) and 1 <= side <= LARGEST for side in shape)
    if not sides or not 2 <= len(classes) <= LARGEST or not all(isinstance(text, str) for text in (name, *classes)):
        raise ValueError("a task has a name, two sides of an image in pixels, and names of at least two classes")
    known = TASKS.get(name)
    if known and (known.shape, known.classes) == (shape, classes):
        return known

    def load() -> Splits:
        raise TaskError(f"the digits of task {name!r} cannot be loaded here; known are {', '.join(TASKS)}")

    return Task(name, shape, classes, load)
