"""Records of trainings, as values: what was measured stays as it was measured."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


@dataclass(frozen=True)
class ModelRecord:
    """How a shipped model came to be."""

    name: str
    command: str  # that trains it again
    date: str  # of shipping, YYYY-MM-DD
    seed: int  # of the run that ships
    metrics: Mapping  # of that run, the test digits among them
    seeds: tuple[Mapping, ...]  # of each run: seed, and its metrics
    config: Mapping  # of the run that ships
    versions: Mapping  # library -> version
    machine: Mapping  # see ``training.machine``
    data: Mapping  # training file -> SHA-256
    history: tuple[str, ...]  # lines of CSV, a header and one for each measured epoch


def record_from(kind: type[Record], content: Mapping[str, Any]) -> Record:
    """A frozen record from what JSON holds.

    Parameters
    ----------
    kind : ``ModelRecord``, or another dataclass
    content : dict with a key for each of its fields; further keys are left out

    Raises
    ------
    KeyError
        A field is missing.
    """
    return kind(**{field.name: read_only(content[field.name]) for field in fields(kind)})


def read_only(value: object) -> object:
    """The same, down to the last list and dict, as what nobody can change: tuples and read-only mappings."""
    if isinstance(value, dict):
        return MappingProxyType({key: read_only(inner) for key, inner in value.items()})
    return tuple(map(read_only, value)) if isinstance(value, list) else value
