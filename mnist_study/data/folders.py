"""Any folder of IDX files as digits: other people's data, of which nothing is known beforehand."""

import re
from pathlib import Path

import numpy as np

from .digits import Digits
from .files import os_problem, read_bounded
from .idx import DataError, dimensions, unzipped

LIMIT = 1 << 30  # bytes of a file, packed and unpacked
IMAGES = re.compile(r"(?P<split>.*?)[-_.]?images[-_.]idx3[-_.]ubyte(\.gz)?$")


def load_folder(folder: Path | str) -> dict[str, Digits]:
    """All pairs of image and label files in a folder, named as MNIST names them.

    Parameters
    ----------
    folder : with files such as ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``, gzipped or not

    Returns
    -------
    dict from split ("train", "t10k", …) to Digits, in the order of their names

    Raises
    ------
    DataError
        There is no such pair, or a file is no IDX file of bytes, is damaged, too large, or does not fit its partner.
    """
    folder, splits = Path(folder), {}
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (OSError, ValueError) as error:
        raise DataError(f"{folder}: cannot be read ({os_problem(error)}); name a folder of IDX files") from None
    for name in names:
        if found := IMAGES.match(name):
            partner = name.replace("images", "labels").replace("idx3", "idx1")
            if partner not in names:
                raise DataError(f"{folder / name}: has no {partner} beside it; put its labels there")
            images, labels = _read(folder / name, 3), _read(folder / partner, 1)
            if len(images) != len(labels):
                raise DataError(f"{folder / partner}: has {len(labels):,} labels for {len(images):,} images")
            splits[found["split"] or "all"] = Digits(images, labels.astype(np.int64))
    if not splits:
        raise DataError(f"{folder}: holds no file named as MNIST's, such as train-images-idx3-ubyte.gz; name another")
    return splits


def _read(path: Path, count: int) -> np.ndarray:
    """The bytes of an IDX file with so many dimensions, whatever their sizes."""
    content = read_bounded(path, LIMIT, DataError)
    if content[:2] == b"\x1f\x8b":
        try:
            content = unzipped(content, LIMIT + 1)
        except ValueError as error:
            raise DataError(f"{path}: {error}; fetch it again") from None
    start = 4 + 4 * count
    if content[:4] != bytes([0, 0, 8, count]) or len(content) < start:
        raise DataError(f"{path}: is no IDX file of bytes with {count} dimensions; is it the right file?")
    shape = dimensions(content, count)
    size = start + int(np.prod(shape, dtype=object))
    if len(content) != size:
        raise DataError(f"{path}: has {len(content):,} bytes, and its header promises {size:,}; fetch it again")
    if 0 in shape:
        raise DataError(f"{path}: holds nothing; is it the right file?")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
