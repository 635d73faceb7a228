"""Which configs a sweep trains: all combinations of some values, or values drawn at random from ranges."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import prod
from typing import Any

from .config import Config, ConfigError, over_seeds
from .config_files import load_config

RANGE = re.compile(r"(log|lin):(.*?)\.\.(.*)")
DIGITS = 3  # of a number that is drawn: enough to find it again, few enough to read
MOST = 100_000  # combinations
Changes = tuple[str, ...]  # KEY=VALUE, as ``load_config`` takes them


def grid(choices: Sequence[str]) -> list[Changes]:
    """Every combination of the values of ``choices``, each KEY=VALUE,VALUE,…; of none, the one without changes.

    Raises
    ------
    ConfigError
        A choice is none, names no value, or there are too many combinations.
    """
    from sklearn.model_selection import ParameterGrid

    values = {key: list(_split(text)) for key, text in _pairs(choices)}
    for key, each in values.items():
        if any(RANGE.fullmatch(value) for value in each):
            raise ConfigError(f"{key}: a grid has no ranges; list the values, or draw from the range with --random")
    if (count := prod(map(len, values.values()))) > MOST:
        raise ConfigError(f"--grid: {count:,} combinations are more than {MOST:,}")
    return [_changes(values, point) for point in ParameterGrid(values)]


def draws(count: int, ranges: Sequence[str], seed: int = 0) -> list[Changes]:
    """``count`` draws, each with a value for every one of ``ranges``: KEY=log:LOW..HIGH, KEY=lin:LOW..HIGH or a list.

    Raises
    ------
    ConfigError
        A range is none, or nothing is to be drawn.
    """
    from scipy.stats import loguniform, uniform
    from sklearn.model_selection import ParameterSampler

    if count < 1:
        raise ConfigError(f"--random {count}: at least one draw is needed")
    if not ranges:
        raise ConfigError("--random: name what is drawn, such as training.learning_rate=log:1e-4..3e-3")
    space: dict[str, Any] = {}
    for key, text in _pairs(ranges):
        if found := RANGE.fullmatch(text):
            low, high = (_number(key, text, part) for part in found.groups()[1:])
            logarithmic = found[1] == "log"
            if not low < high or (logarithmic and low <= 0):
                rule = "0 < LOW < HIGH" if logarithmic else "LOW < HIGH"
                raise ConfigError(f"{key}={text}: a range {found[1]}:LOW..HIGH needs {rule}")
            space[key] = loguniform(low, high) if logarithmic else uniform(low, high - low)
        elif ".." in text:
            raise ConfigError(f"{key}={text}: is no range; write log:1e-4..3e-3 or lin:0..0.5")
        else:
            space[key] = list(_split(text))
    names = tuple(space)
    return [_changes(names, point) for point in ParameterSampler(space, count, random_state=seed)]


def configs_of(name: str, changes: Sequence[Changes], always: Sequence[str], seeds: int) -> dict[Changes, list[Config]]:
    """For each of ``changes`` the config ``name`` with it and with ``always``, over the seeds 0, 1, …

    Raises
    ------
    ConfigError
        There is no such config or key, a value is out of its range, or ``seed`` is among the keys: one line.
    """
    if any(change.startswith("seed=") for change in (*always, *chain.from_iterable(changes))):
        raise ConfigError("seed: is not a setting of a sweep, whose seeds are 0, 1, …; say how many with --seeds N")
    return {each: over_seeds(load_config(name, [*always, *each]), seeds) for each in dict.fromkeys(changes)}


def _pairs(choices: Sequence[str]) -> Iterator[tuple[str, str]]:
    known = set()
    for choice in choices:
        key, equals, text = choice.partition("=")
        if not equals or not key.strip() or not text.strip():
            raise ConfigError(f"{choice}: write KEY=VALUES, such as training.learning_rate=1e-3,2e-3")
        if key in known:
            raise ConfigError(f"{key}: is named twice")
        known.add(key)
        yield key.strip(), text.strip()


def _split(text: str) -> Iterator[str]:
    """At the commas that stand in no brackets."""
    depth, start = 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _number(key: str, text: str, part: str) -> float:
    try:
        number = float(part)
    except ValueError:
        raise ConfigError(f"{key}={text}: {part!r} is no number; write log:1e-4..3e-3 or lin:0..0.5") from None
    if not abs(number) < 1e300:
        raise ConfigError(f"{key}={text}: {part} is no number to draw from")
    return number


def _changes(keys: Mapping[str, Any] | Sequence[str], point: Mapping[str, Any]) -> Changes:
    """A point of the grid as KEY=VALUE, in the order in which the keys were named."""
    return tuple(
        f"{key}={point[key] if isinstance(point[key], str) else f'{float(point[key]):.{DIGITS}g}'}" for key in keys
    )
