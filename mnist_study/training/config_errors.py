"""What is wrong with a config, in words: one line with the key path, what would be right, and a near match."""

from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic_core import ErrorDetails

from mnist_study.data.files import did_you_mean
from mnist_study.models.specs import Section

LONGEST = 80  # characters of a value or a key that a line quotes

TEXTS = {  # pydantic's type of an error -> what the value should be
    "bool_type": "should be a valid boolean",
    "dict_type": "should be a mapping",
    "finite_number": "should be a finite number",
    "float_type": "should be a valid number",
    "greater_than": "should be greater than {gt:.15g}",
    "greater_than_equal": "should be greater than or equal to {ge:.15g}",
    "int_type": "should be a valid integer",
    "json_invalid": "holds what no config can ({error})",
    "less_than": "should be less than {lt:.15g}",
    "less_than_equal": "should be less than or equal to {le:.15g}",
    "model_type": "should be a mapping",
    "model_attributes_type": "should be a mapping",
    "string_pattern_mismatch": "String should match pattern '{pattern}'",
    "string_type": "should be a valid string",
    "too_long": "should have {max_length} entries at most, not {actual_length}",
    "too_short": "should have {min_length} entries at least, not {actual_length}",
    "tuple_type": "should be a list",
    "value_error": "{error}",
}


def explain(problems: Sequence[ErrorDetails], schema: type[Section]) -> str:
    """The first mistake as ``training.epohcs: unknown key; did you mean 'epochs'?``.

    Parameters
    ----------
    problems : list of dict, a ``ValidationError``'s ``errors()``
    schema : the Section that was validated

    Returns
    -------
    str, one line
    """
    problem = _most_telling(problems, schema)
    keys, types = _walk(problem["loc"], schema)
    return f"{quoted('.'.join(keys)) or 'config'}: {_complaint(problem, types, schema)}"


def _most_telling(problems: Sequence[ErrorDetails], schema: type[Section]) -> ErrorDetails:
    """The first mistake; where a number or a list of numbers may stand, the one that is deeper in the list."""
    first, _ = _walk(problems[0]["loc"], schema)
    same = [problem for problem in problems if _walk(problem["loc"], schema)[0][: len(first)] == first]
    return max(same, key=lambda problem: len(problem["loc"]))


def _complaint(problem: ErrorDetails, types: Sequence[Any], schema: type[Section]) -> str:
    kind, value, context = problem["type"], problem["input"], problem.get("ctx", {})
    given = "" if isinstance(value, dict | list) else f", not {quoted(repr(value))}"
    if kind == "extra_forbidden":
        *path, wrong = problem["loc"]
        known = [key for section in _sections(_walk(path, schema)[1]) for key in section.model_fields]
        return f"unknown key{did_you_mean(wrong, known) or '; known are ' + ', '.join(known)}"
    if kind == "missing":
        return "is missing"
    if kind == "union_tag_not_found":
        return f"is missing its key {context['discriminator']}"
    if kind == "union_tag_invalid":
        names = [_tag(section) for section in types]
        return f"must be one of {', '.join(names)}{given}{did_you_mean(context['tag'], names)}"
    if kind == "literal_error":
        names = [name for each in types if get_origin(each) is Literal for name in get_args(each)]
        return f"must be one of {', '.join(names)}{given}{did_you_mean(value, names)}"
    return (TEXTS[kind].format(**context) if kind in TEXTS else problem["msg"]) + given


def _walk(path: Sequence[int | str], schema: type[Section]) -> tuple[list[str], list[Any]]:
    """The keys that a path of pydantic's goes through, and the types that may stand at its end.

    A path names the keys and entries, and in between the member of a union that was tried, which is no key.
    """
    keys: list[str] = []
    types: list[Any] = [schema]
    for part in path:
        sections = _sections(types)
        if len(sections) > 1:
            types = [section for section in sections if _tag(section) == part]
        elif sections:
            keys.append(str(part))
            types = _members(sections[0].model_fields[part].annotation) if part in sections[0].model_fields else []
        elif isinstance(part, int):
            keys.append(str(part))
    return keys, types


def _sections(types: Sequence[Any]) -> list[type[Section]]:
    return [each for each in types if isinstance(each, type) and issubclass(each, Section)]


def _members(annotation: Any) -> list[Any]:
    """The types that may stand where ``annotation`` does: the members of a union, or the type alone."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [member for each in get_args(annotation) for member in _members(each)]
    return [annotation]


def _tag(section: type[Section]) -> str:
    """The name by which a union knows this member."""
    fields = section.model_fields
    return fields["kind" if "kind" in fields else "name"].default


def quoted(text: str) -> str:
    """``text`` as a line can show it: neither endless nor with control characters."""
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
