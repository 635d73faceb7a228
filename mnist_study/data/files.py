"""Files: refusals that are one line, reads that are bounded, and writes that are whole or not there."""

import contextlib
import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

Thing = TypeVar("Thing")
PARTS = 1000  # of an archive; a network has a few dozen arrays
WRITING = ".writing-"  # in the name of a file that is being written: a write that is killed leaves it behind


class StudyError(Exception):
    """A mistake of the user's or of the machine's, in one line: what is wrong, where, and what to do."""

    def __init__(self, message: object) -> None:
        super().__init__(" ".join(str(message).split()))


def os_problem(error: OSError | ValueError) -> str:
    """Why a path could not be used: the system's words, or that it is no path at all (a NUL byte, a lone surrogate)."""
    return getattr(error, "strerror", None) or f"no possible path, {type(error).__name__}"


def did_you_mean(wrong: object, known: Iterable[object]) -> str:
    """``; did you mean 'epochs'?`` where one of the names ``known`` is near to ``wrong``, else nothing."""
    near = get_close_matches(str(wrong), [str(name) for name in known], 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def chosen(name: str, table: Mapping[str, Thing], what: str, refusal: type[Exception] = ValueError) -> Thing:
    """What a table has under a name; ``what`` its names are for is told where it has none such.

    Raises
    ------
    refusal
        Offers the nearest name, and all there are.
    """
    if name not in table:
        raise refusal(f"no {what} {name!r}{did_you_mean(name, table)}; there are {', '.join(table)}")
    return table[name]


def read_bounded(path: Path | str, limit: int, refusal: type[StudyError] = StudyError) -> bytes:
    """The bytes of a regular file of at most ``limit`` bytes, or of a link to one; never waits for a pipe.

    Parameters
    ----------
    path : of a file that may be a stranger's
    limit : bytes
    refusal : the class of StudyError to raise

    Raises
    ------
    FileNotFoundError
        There is no such file: the caller knows what to offer instead.
    StudyError
        It is a folder, a device or a pipe, it is larger, or it cannot be read: one line that says what to do.
    """
    try:
        with open(path, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise refusal(
                    f"{path}: is a device or a pipe, not a regular file; copy what it gives into a file first"
                )
            if status.st_size > limit:
                raise refusal(f"{path}: has {status.st_size:,} bytes, more than {limit:,}; is it the right file?")
            return file.read(status.st_size)  # no more, even if it grows
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        message = f"{path}: cannot be read ({os_problem(error)}); check the path and its permissions"
        raise refusal(message) from None


def open_zip(content: bytes, limit: int) -> zipfile.ZipFile:
    """The archive in the bytes of a zip file, after a look at its directory: what reads it unpacks no more than that.

    Raises
    ------
    StudyError
        It is none, has more than 1000 parts, or they would unpack to more than ``limit`` bytes.
    """
    if content.count(b"PK\x01\x02") > PARTS:  # before zipfile makes an object of each
        raise StudyError(f"it has more than {PARTS:,} parts")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except Exception:  # zipfile.BadZipFile, and whatever odd fields of a directory lead to
        raise StudyError("it is not a zip file, or not a whole one") from None
    if sum(entry.file_size for entry in archive.infolist()) > limit:
        raise StudyError(f"it unpacks to more than {limit:,} bytes")
    return archive


def unpack_npz(content: bytes, limit: int) -> dict[str, np.ndarray]:
    """The arrays in the bytes of a ``.npz`` file, by name; nothing is executed.

    Raises
    ------
    StudyError
        As ``open_zip``; or a part is no array of numbers or text (a pickle, say). NumPy's own words are not passed on:
        of a pickle it says how to load it all the same.
    """
    open_zip(content, limit)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as bundle:
            arrays = {name: bundle[name] for name in bundle.files}
        plain = all(isinstance(values, np.ndarray) for values in arrays.values())
    except Exception:  # a hostile file makes NumPy raise almost anything
        plain = False
    if not plain:
        raise StudyError("a part of it is damaged, or no plain array")
    return arrays


def pack_npz(arrays: Mapping[str, ArrayLike]) -> bytes:
    """The bytes of a ``.npz`` file that holds these arrays by name."""
    content = io.BytesIO()
    np.savez(content, **dict(arrays))  # type: ignore[arg-type]
    return content.getvalue()


def check_folder(folder: Path | str) -> None:
    """Make a folder of ``--out``, if it is not there, and write into it, before there is work that would be lost.

    Raises
    ------
    StudyError
        The system does not allow it.
    """
    with writing(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()


@contextlib.contextmanager
def writing(folder: Path | str) -> Iterator[None]:
    """What the system refuses while files go into a folder of ``--out``, as a StudyError in one line."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder}: cannot be written ({os_problem(error)}); name another with --out") from None


def write_atomically(path: Path | str, content: bytes | str) -> None:
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
