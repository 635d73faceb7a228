"""Whether the package runs from a checkout of the project, whose files are there to be changed."""

import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path

from .files import StudyError

REPOSITORY = Path(__file__).parents[2]  # if the package is not installed among others


def is_checkout(folder: Path) -> bool:
    """Whether ``folder`` is one of this project, as its ``pyproject.toml`` says."""
    try:
        described = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        return described["project"]["name"] == "mnist-study"
    except (OSError, ValueError, KeyError, TypeError):
        return False


def require_checkout(path: Path | Traversable) -> None:
    """Refuse to write ``path``, a file or folder of the package, in an installed copy, which an update would replace.

    Raises
    ------
    StudyError
    """
    if not is_checkout(REPOSITORY):
        raise StudyError(f"{path}: belongs to an installed package; do this in a checkout of the project")
