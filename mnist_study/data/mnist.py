"""MNIST as the study uses it: 48 000 digits to train on, 12 000 to choose by, 10 000 for the last look."""

import os
from functools import cached_property
from pathlib import Path

import numpy as np
import platformdirs

from .checkout import REPOSITORY, is_checkout
from .digits import Digits
from .idx import read_idx
from .tasks import TASKS, Task

# The canonical files: name -> shape and SHA-256 of the compressed bytes (data/SHA256SUMS, held equal by a test).
FILES = {
    "train-images-idx3-ubyte.gz": (
        (60_000, 28, 28),
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "train-labels-idx1-ubyte.gz": ((60_000,), "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    "t10k-images-idx3-ubyte.gz": (
        (10_000, 28, 28),
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "t10k-labels-idx1-ubyte.gz": ((10_000,), "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
}
FOLDER_VARIABLE = "MNIST_STUDY_DATA"
CACHE_FOLDER = Path(platformdirs.user_cache_dir("mnist-study"))
VALIDATION_EVERY = 5  # one digit in five of the training files is kept for validation
SPLIT_SEED = 1998  # the year of LeCun et al., "Gradient-based learning applied to document recognition"


class Mnist:
    """The three splits. ``.test`` is read from disk only when somebody asks for it, and nothing is chosen on it."""

    def __init__(self, folder: Path | str, verify: bool = True) -> None:
        self.folder = Path(folder)
        self._verify = verify
        digits = self._read("train")
        training, validation = split_indices(digits.labels)
        self.train, self.validation = digits[training], digits[validation]

    @cached_property
    def test(self) -> Digits:
        return self._read("t10k")

    def _read(self, prefix: str) -> Digits:
        images, labels = (
            read_idx(self.folder / name, shape, sha256 if self._verify else None, len(MNIST.classes))
            for name, (shape, sha256) in FILES.items()
            if name.startswith(prefix)
        )
        return Digits(images, labels.astype(np.int64))


def load_mnist(folder: Path | str | None = None, verify: bool = True) -> Mnist:
    """Load MNIST from the first of: ``folder``, ``$MNIST_STUDY_DATA``, the repository's ``data/``, the user's cache.

    Parameters
    ----------
    folder : folder with the four ``.gz`` files
    verify : compare each file's SHA-256 with the canonical one before believing it

    Returns
    -------
    Mnist with ``.train`` (48 000 digits), ``.validation`` (12 000) and ``.test`` (10 000)

    Raises
    ------
    DataError
        A file is missing, unreadable or not MNIST's.
    """
    return Mnist(folder or usual_folder(), verify)


MNIST = TASKS["mnist"] = Task(
    name="mnist",
    shape=(28, 28),
    classes=tuple("0123456789"),
    load=load_mnist,
    checksums={name: sha256 for name, (_, sha256) in FILES.items() if name.startswith("train")},
)


def usual_folder() -> Path:
    """Where ``load_mnist()`` looks when no folder is named: the first place that holds the training files.

    Where none does, the repository's ``data/`` if the package runs from its repository, else the user's cache. A
    folder ``data`` beside a package that was installed is somebody else's.
    """
    if os.environ.get(FOLDER_VARIABLE):
        return Path(os.environ[FOLDER_VARIABLE])
    folders = [REPOSITORY / "data", CACHE_FOLDER] if is_checkout(REPOSITORY) else [CACHE_FOLDER]
    training = [name for name in FILES if name.startswith("train")]
    holding = [folder for folder in folders if all(os.path.exists(folder / name) for name in training)]
    return (holding or folders)[0]


def split_indices(
    labels: np.ndarray, every: int = VALIDATION_EVERY, seed: int = SPLIT_SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Draw training and validation digits: stratified, the same on every machine.

    The digits are sorted by class and, within a class, by a pseudo-random key; every
    ``every``-th goes to validation. So each class gives its exact share (± 1), and no
    library's random stream, which may change, is involved.

    Parameters
    ----------
    labels : int ``(N,)``

    Returns
    -------
    two sorted int64 arrays of indices: training, validation
    """
    key = pseudo_random(np.arange(len(labels), dtype=np.uint64), seed)
    order = np.lexsort((key, labels))
    validation = np.zeros(len(labels), dtype=bool)
    validation[order[::every]] = True
    return np.flatnonzero(~validation), np.flatnonzero(validation)


def pseudo_random(index: np.ndarray, seed: int) -> np.ndarray:
    """Pseudo-random uint64 for each index: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), in wrapping arithmetic."""
    key = (index + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))
