"""Fetching the four files where they are missing: checked, into a temporary file, and only then moved into place."""

import hashlib
import http.client
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from .files import os_problem, read_bounded, write_atomically
from .idx import DataError
from .mnist import FILES

# The mirrors that torchvision uses (torchvision.datasets.MNIST.mirrors).
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
LIMIT = 16 << 20  # bytes; the largest of the files has 9.9 million
TIMEOUT = 30  # seconds without an answer


def download(folder: Path | str, mirrors: Sequence[str] = MIRRORS) -> list[str]:
    """Bring the four files into ``folder``; those that are there and right are left alone.

    Returns
    -------
    list of the names that were fetched

    Raises
    ------
    DataError
        The folder cannot be written, or no mirror gave the right bytes. Nothing wrong is ever left in the folder.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = [name for name, (_, sha256) in FILES.items() if _sha256(folder / name) != sha256]
        for name in tqdm(missing, desc="MNIST", unit="file", leave=False, disable=None):  # None: only on a terminal
            _fetch(name, folder, mirrors)
    except (OSError, ValueError) as error:
        raise DataError(f"{str(folder)!r}: cannot be written ({os_problem(error)}); name another folder") from None
    return missing


def _fetch(name, folder, mirrors):
    problems = []
    for mirror in mirrors:
        try:
            content = _get(mirror.rstrip("/") + "/" + name)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problems.append(f"{mirror} failed ({getattr(error, 'reason', None) or error})")
            continue
        if hashlib.sha256(content).hexdigest() == FILES[name][1]:
            return write_atomically(folder / name, content)
        problems.append(f"{mirror} sent {len(content):,} bytes with a wrong SHA-256")
    raise DataError(f"{name}: no mirror gave it: {'; '.join(problems)}; try again later, or copy it to {folder}")


def _get(url):
    with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
        return answer.read(LIMIT)


def _sha256(path):
    try:
        return hashlib.sha256(read_bounded(path, LIMIT, DataError)).hexdigest()
    except (FileNotFoundError, DataError):  # whatever is there is not the file, and is replaced
        return None
