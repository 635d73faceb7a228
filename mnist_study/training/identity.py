"""What a training is of, in twelve characters: runs of one identity are the same training, whatever they are called."""

import hashlib
import json
from pathlib import Path
from typing import Any

from mnist_study import __version__
from mnist_study.data import find_task
from mnist_study.models import model_names
from mnist_study.models.specs import Section
from mnist_study.models.store import SHIPPED

from .config import Config

LABELS = ("name", "logging")  # of a config: they change nothing that is learned
TAGS = ("kind", "name")  # of a section: which member of a union it is


def identity(config: Config) -> str:
    """Digest of all that decides what a training comes to: the config, the data, the teacher, the package's version.

    Of the config, neither its name nor its logging counts, and only what differs from the defaults: a key that is added
    later, with a default that changes nothing, leaves all identities as they are. A default itself must stay as it is.

    Parameters
    ----------
    config : Config

    Returns
    -------
    str, twelve hexadecimal digits
    """
    stated = {key: value for key, value in _stated(config).items() if key not in LABELS}
    content = {"config": stated, "data": dict(find_task(config.task).checksums), "version": __version__}
    if config.training.teacher:
        content["teacher"] = _weights(config.training.teacher.model)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _weights(name: str) -> str:
    """Digest of a network's file, of one that ships or of anybody's; empty where there is no such file here."""
    path = SHIPPED / f"{name}.safetensors" if name in model_names() else Path(name)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return ""


def _stated(section: Section) -> dict[str, Any]:
    """What a section says beside its defaults, and what it is: a dict that JSON can hold."""
    defaults = type(section).model_fields
    return {
        key: _stated(value) if isinstance(value, Section) else value
        for key, value in section
        if key in TAGS or value != defaults[key].default
    }
