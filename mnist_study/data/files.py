"""Files that last: refusals that are one line, and writes that are whole or not there."""

import io
import os
import tempfile
import zipfile
from difflib import get_close_matches
from pathlib import Path

import numpy as np

WRITING = ".writing-"  # in the name of a file that is being written: a write that is killed leaves it behind


class StudyError(Exception):
    """A mistake of the user's or of the machine's, in one line: what is wrong, where, and what to do."""

    def __init__(self, message):
        super().__init__(" ".join(str(message).split()))


def os_problem(error):
    """Why a path could not be used: the system's words, or that it is no path at all (a NUL byte, a lone surrogate)."""
    return getattr(error, "strerror", None) or f"no possible path, {type(error).__name__}"


def did_you_mean(wrong, known):
    """``; did you mean 'epochs'?`` where one of the names ``known`` is near to ``wrong``, else nothing."""
    near = get_close_matches(str(wrong), [str(name) for name in known], 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def unpack_npz(content, limit):
    """The arrays in the bytes of a ``.npz`` file, by name; nothing is executed.

    Raises
    ------
    ValueError
        They would unpack to more than ``limit`` bytes, or one of them is a pickle.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > limit:
            raise ValueError(f"it unpacks to more than {limit:,} bytes")
    with np.load(io.BytesIO(content), allow_pickle=False) as bundle:
        return {name: bundle[name] for name in bundle.files}


def write_atomically(path, content):
    """Write bytes or text so that a reader, or a machine that loses its power, sees the file before or after, whole.

    Raises
    ------
    OSError
        The disk is full or the folder is read-only; whatever was at ``path`` is still there.
    """
    path, content = Path(path), content.encode() if isinstance(content, str) else content
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}{WRITING}", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
