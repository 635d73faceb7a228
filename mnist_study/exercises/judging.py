"""What an exercise is, and how an answer to it is judged."""

from __future__ import annotations

import ast
import copy
import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from inspect import getsource
from textwrap import dedent
from typing import Any

import numpy as np

from ..data import StudyError

Function = Callable[..., Any]
Cases = Callable[[np.random.Generator], Iterable[tuple[Any, ...]]]

_found: dict[str, Exercise] = {}
_tries: Counter[str] = Counter()  # wrong answers in this session, by exercise: each shows one hint more


@dataclass(eq=False)
class Exercise:
    """A solution, the inputs that an answer is tried on (none: the answer is a value), and the mistakes people make.

    Parameters
    ----------
    name : chapter and number, such as "03-2"
    solved : the solution; without ``cases`` it takes no arguments and returns the value that is asked for
    cases : from a generator to tuples of arguments
    tolerance : absolute and relative, of each number
    hints : shown one after another, from the first wrong answer on
    """

    name: str
    solved: Function
    cases: Cases | None
    tolerance: float
    hints: tuple[str, ...]
    mistakes: list[tuple[str, Function]] = field(default_factory=list)

    def __call__(self, *arguments: Any) -> Any:
        return self.solved(*arguments)

    def mistake(self, hint: str, wrong: Function) -> None:
        """Know a wrong solution by what it returns, and what to tell those who have made it."""
        self.mistakes.append((hint, wrong))

    @property
    def code(self) -> str:
        """The solution's source, without its decorator."""
        text = dedent(getsource(self.solved))
        function = ast.parse(text).body[0]
        return "\n".join(text.splitlines()[function.lineno - 1 :]) + "\n"

    def inputs(self) -> list[tuple[Any, ...]]:
        """The arguments that an answer is tried on, the same for everybody."""
        return [()] if self.cases is None else list(self.cases(np.random.default_rng(int(self.name.replace("-", "")))))

    @cached_property
    def wanted(self) -> list[Any]:
        """What the solution makes of each input."""
        return [self._run(self.solved, case) for case in self.inputs()]

    @cached_property
    def mistaken(self) -> list[tuple[str, list[Any]]]:
        """Each mistake's hint, and what it makes of each input."""
        return [(hint, [self._run(wrong, case) for case in self.inputs()]) for hint, wrong in self.mistakes]

    def judge(self, answer: Any) -> str | None:
        """What is wrong with an answer: None where it is right, "" where it is still blank."""
        if answer is ... or answer is None:
            return ""
        if not callable(answer):
            if self.cases is not None:
                return "This asks for a function: give its name, without brackets."
            value, answer = answer, lambda: value
        inputs, wanted, got = self.inputs(), self.wanted, []
        for number, case in enumerate(inputs, start=1):
            try:
                got.append(self._run(answer, case))
            except Exception as error:  # whatever the reader's code raises is the reader's to see
                return f"On input {number} of {len(inputs)} it raised {type(error).__name__}: {error}"
            if got[-1] is ... or got[-1] is None:
                return "" if number == 1 else f"On input {number} of {len(inputs)} it returned nothing."
        right = [self._same(*pair) for pair in zip(got, wanted, strict=True)]
        if all(right):
            return None
        for hint, mistaken in self.mistaken:
            if all(self._same(*pair) for pair in zip(got, mistaken, strict=True)):
                return hint
        at = right.index(False)
        shapes = _shapes(got[at]), _shapes(wanted[at])
        if shapes[0] != shapes[1]:
            return f"The result has the shape {shapes[0]}; wanted is {shapes[1]}."
        if self.cases is None:
            return "That is not the number."
        return f"{sum(right)} of {len(right)} inputs give the right result; the first that does not is input {at + 1}."

    @staticmethod
    def _run(function: Function, case: tuple[Any, ...]) -> Any:
        with np.errstate(all="ignore"):
            return function(*copy.deepcopy(case))  # an answer may write into its arguments

    def _same(self, got: Any, wanted: Any) -> bool:
        if isinstance(wanted, tuple | list):
            several = isinstance(got, tuple | list) or np.ndim(got) > 0
            both = several and len(got) == len(wanted)
            return both and all(self._same(*pair) for pair in zip(got, wanted, strict=True))
        try:
            mine, theirs = np.asarray(got, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
        except (TypeError, ValueError, RuntimeError):  # the last from a tensor that still wants its gradient
            return False
        return mine.shape == theirs.shape and np.allclose(mine, theirs, self.tolerance, self.tolerance, equal_nan=True)


def _shapes(value: Any) -> str:
    try:
        shape = np.shape(value)
    except ValueError:  # arrays of different shapes
        return f"({', '.join(map(_shapes, value))})"
    return str(tuple(shape)) if shape else "of one number"


@dataclass(frozen=True)
class Verdict:
    """What ``check`` says; true where the answer is right."""

    name: str
    fault: str | None  # None: right; "": still blank
    hints: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.fault is None

    def __repr__(self) -> str:
        if self.fault is None:
            return f"{self.name}: Right."
        if not self.fault:
            return f"{self.name}: Still blank. Put your answer in the place of the dots (a function has to return it)."
        hints = [f"Hint {number}: {hint}" for number, hint in enumerate(self.hints, start=1)]
        return "\n".join([f"{self.name}: Not yet. {self.fault}", *hints])


@dataclass(frozen=True)
class _Fold:
    code: str

    def __repr__(self) -> str:
        return self.code

    def _repr_html_(self) -> str:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        try:
            code = highlight(self.code, PythonLexer(), HtmlFormatter())
        except Exception:  # colours are no reason to show nothing
            code = f"<pre>{escape(self.code)}</pre>"
        return f'<details class="mnist-solution"><summary>A solution</summary>{code}</details>'


def exercise(
    name: str, cases: Cases | None = None, tolerance: float = 1e-6, hints: tuple[str, ...] = ()
) -> Callable[[Function], Exercise]:
    """Make an exercise of its solution; see ``Exercise``."""

    def made(solved: Function) -> Exercise:
        _found[name] = Exercise(name, solved, cases, tolerance, hints)
        return _found[name]

    return made


def exercises() -> dict[str, Exercise]:
    """All exercises by name, chapter by chapter."""
    package = importlib.import_module(__package__)
    for module in sorted(found.name for found in pkgutil.iter_modules(package.__path__)):
        if module.startswith("chapter_"):
            importlib.import_module(f"{__package__}.{module}")
    return dict(sorted(_found.items()))


def find_exercise(name: str) -> Exercise:
    """The exercise of that name; raises StudyError where there is none."""
    known = exercises()
    if name not in known:
        same = [one for one in known if one.split("-")[0] == str(name).split("-")[0]] or [min(known), "...", max(known)]
        raise StudyError(f"there is no exercise {name!r}; there are {', '.join(same)}")
    return known[name]


def check(name: str, answer: Any) -> Verdict:
    """Judge an answer: a value, or a function that is tried on hidden inputs.

    A wrong answer is told what it has overlooked, where it makes a mistake that people make; and with each further
    one comes a hint. Raises StudyError for a name that no exercise has.
    """
    asked = find_exercise(name)
    fault = asked.judge(answer)
    if fault:
        _tries[name] += 1
    return Verdict(name, fault, asked.hints[: _tries[name]])


def solution(name: str) -> _Fold:
    """A solution, folded: the code that ``check`` compares answers with."""
    return _Fold(find_exercise(name).code)
