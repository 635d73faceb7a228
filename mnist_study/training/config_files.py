"""Configs as YAML files: read as plain data, within bounds, checked to the last key; and written."""

import io
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, Event

from mnist_study.data.files import did_you_mean, os_problem, read_bounded

from .config import Config, ConfigError
from .config_errors import explain, quoted

CONFIGS = Path(__file__).parents[1] / "configs"
LIMIT = 50_000  # bytes of a config
DEEPEST = 20  # lists and mappings inside each other
MOST_VALUES = 2_000  # keys, values and ends of lists and mappings; the largest of the package has a tenth


def config_names() -> list[str]:
    """The configs that come with the package."""
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def load_config(source: Path | str, changes: Iterable[str] = ()) -> Config:
    """Read a config and check it.

    Parameters
    ----------
    source : a name in ``config_names()``, or the path of a YAML file
    changes : ``"training.epochs=5"``, …: keys to set on top of the file, each value written as in YAML

    Raises
    ------
    ConfigError
        The first mistake, in one line: file, key path, and a near match where there is one.
    """
    names = config_names()
    path = CONFIGS / f"{source}.yaml" if str(source) in names else Path(source)
    try:
        content = read_bounded(path, LIMIT, ConfigError)
    except FileNotFoundError as error:
        hint = f"{did_you_mean(source, names).rstrip('?')}; configs by name: {', '.join(names)}"
        raise ConfigError(f"{source}: cannot be read ({os_problem(error)}){hint}") from None
    return parse_config(content, str(path), changes)


def parse_config(text: str | bytes, where: str = "config", changes: Iterable[str] = ()) -> Config:
    """``load_config`` of the content itself; ``where`` is what mistakes are said to be in."""
    values = read_yaml(text, where)
    if not isinstance(values, dict):
        kind = "is empty" if values is None else f"holds no keys ({type(values).__name__})"
        raise ConfigError(f"{where}: {kind}; a config has {', '.join(Config.model_fields)}")
    for change in changes:
        _set(values, change, where)
    _spell_out(values.get("training"))
    try:
        content = json.dumps(values, default=lambda odd: f"{type(odd).__name__} {odd}")
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: holds what no config can ({error})") from None
    try:
        return Config.model_validate_json(content)
    except ValidationError as error:
        raise ConfigError(f"{where}: {explain(error.errors(), Config)}") from None


def dump_config(config: Config) -> str:
    """The YAML text that ``parse_config`` reads back as an equal config."""
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment] # declared by its first value, None
    yaml.dump(config.model_dump(mode="json"), text)
    return text.getvalue()


def read_yaml(text: str | bytes, where: Path | str) -> object:
    """YAML 1.2 to plain values, of a bounded size and depth; tags, aliases and duplicate keys are refused.

    Parameters
    ----------
    text : str or UTF-8 bytes
    where : what mistakes are said to be in

    Raises
    ------
    ConfigError
        One line; nothing was constructed.
    """
    if len(text) > LIMIT:
        raise ConfigError(f"{where}: has {len(text):,} characters, more than {LIMIT:,}; is it the right file?")
    try:
        if isinstance(text, bytes):
            text = text.decode()
        _check_events(YAML(typ="safe", pure=True).parse(text), where)
        return YAML(typ="safe", pure=True).load(text)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: is no text (byte {error.start} is not UTF-8)") from None
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or str(error) or type(error).__name__
        raise ConfigError(f"{where}: {line}is not valid YAML ({str(problem).strip().splitlines()[0]})") from None


def _check_events(events: Iterable[Event], where: Path | str) -> None:
    """Refuse what no config needs while YAML is read event by event, before anything is built of it."""
    depth = 0
    for number, event in enumerate(events):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        line = f"line {event.start_mark.line + 1}"
        if depth > DEEPEST:
            raise ConfigError(f"{where}: {line}: is nested more than {DEEPEST} deep; no config is")
        if number > MOST_VALUES:
            raise ConfigError(f"{where}: {line}: has more than {MOST_VALUES:,} values; no config has")
        if isinstance(event, AliasEvent):
            raise ConfigError(f"{where}: uses an alias (*{event.anchor}); write the value out")
        if tag := getattr(event, "tag", None):
            raise ConfigError(f"{where}: uses the tag {tag}; only plain values are read")


def _set(values: dict[str, Any], change: str, where: str) -> None:
    """Set one key of ``values``, given as ``training.epochs=5``, and the sections on the way to it."""
    key, equals, text = change.partition("=")
    if not equals or not re.fullmatch(r"\w+(\.\w+)*", key):
        raise ConfigError(f"--set {quoted(change)}: write it as key=value, such as training.epochs=5")
    *sections, last = key.split(".")
    for section in sections:
        inner = values.setdefault(section, {})
        if inner is None or isinstance(inner, str):  # nothing yet, or a name standing for {name: …}
            inner = values[section] = {"name": inner} if inner else {}
        if not isinstance(inner, dict):
            raise ConfigError(f"{where}: {quoted(key)}: {quoted(section)} holds {quoted(repr(inner))} and has no keys")
        values = inner
    values[last] = read_yaml(text, f"--set {quoted(key)}")


def _spell_out(training: object) -> None:
    """``optimizer: adam`` is short for ``optimizer: {name: adam}``, ``schedule`` likewise."""
    for key in ("optimizer", "schedule"):
        if isinstance(training, dict) and isinstance(training.get(key), str):
            training[key] = {"name": training[key]}
