"""Reading one IDX file, the format of MNIST, and trusting nothing in it.

An IDX file is two zero bytes, a type code (8: unsigned byte), the number of dimensions, each dimension as a big-endian
32-bit integer, then the values. Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
"""

import gzip
import hashlib
import io
import shlex
import struct
import zlib
from pathlib import Path

import numpy as np

from .files import StudyError, read_bounded

SLACK = 1 << 20  # bytes; a compressed file is no larger than twice its contents and that


class DataError(StudyError):
    """A data file that cannot be trusted: one line that names the file, what is wrong and what to do."""


def read_idx(
    path: Path | str, shape: tuple[int, ...], sha256: str | None = None, classes: int | None = None
) -> np.ndarray:
    """Read a gzipped IDX file of unsigned bytes that must have exactly ``shape``.

    Parameters
    ----------
    path : path of the ``.gz`` file
    shape : ``(N, rows, columns)`` for images, ``(N,)`` for labels
    sha256 : hexadecimal digest that the compressed file must have; None trusts any
    classes : how many there are, where labels are read: a label beyond is refused; None takes any

    Returns
    -------
    uint8 array of ``shape``, read-only

    Raises
    ------
    DataError
        Anything else than the file asked for; no more than the expected size is decompressed.
    """
    path = Path(path)
    header = struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape)
    size = len(header) + int(np.prod(shape))
    try:
        compressed = read_bounded(path, 2 * size + SLACK, DataError)
    except FileNotFoundError:
        raise _refusal(path, "does not exist", "fetch it") from None
    if sha256 and hashlib.sha256(compressed).hexdigest() != sha256:
        raise _refusal(path, "has a wrong SHA-256 checksum")
    try:
        content = unzipped(compressed, size + 1)
    except ValueError as error:
        raise _refusal(path, error) from None

    if len(content) < len(header):
        raise _refusal(path, f"is truncated: {len(content):,} bytes read, {size:,} expected")
    if content[:4] != header[:4]:
        raise _refusal(path, f"starts with {content[:4].hex(' ')}, not with the IDX magic {header[:4].hex(' ')}")
    if content[: len(header)] != header:
        raise _refusal(path, f"has dimensions {_times(dimensions(content, len(shape)))}, not {_times(shape)}")
    if len(content) != size:
        problem = "is truncated" if len(content) < size else "has trailing bytes"
        raise _refusal(path, f"{problem}: {len(content):,} bytes read, {size:,} expected")
    values = np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape)
    if len(shape) == 1 and classes and values.max(initial=0) >= classes:
        raise _refusal(path, f"has a label {values.max()} at index {values.argmax()}; labels are 0 to {classes - 1}")
    return values


def unzipped(compressed: bytes, most: int) -> bytes:
    """What a gzip file holds, of that at most so many bytes; raises ValueError where it is none, or cut short."""
    try:
        return gzip.GzipFile(fileobj=io.BytesIO(compressed)).read(most)
    except (OSError, EOFError, zlib.error):  # gzip.BadGzipFile is an OSError
        raise ValueError("is not a whole gzip file") from None


def dimensions(content: bytes, count: int) -> tuple[int, ...]:
    """The sizes that stand behind the four bytes of an IDX file's magic."""
    return tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, 4 + 4 * count, 4))


def _refusal(path, problem, remedy="fetch it again"):
    return DataError(f"{path}: {problem}; {remedy} with: mnist-study data {shlex.quote(str(path.parent))}")


def _times(dimensions):
    return " x ".join(map(str, dimensions))
