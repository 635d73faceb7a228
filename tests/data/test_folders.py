import gzip

import numpy as np
import pytest
from idx_files import images, labels, raw_idx, write

from mnist_study.data import DataError, load_folder


def fill(folder, split="train", count=7, shape=(28, 28), suffix=".gz"):
    for kind, array in (("images-idx3", images((count, *shape))), ("labels-idx1", labels(count))):
        path = folder / f"{split}-{kind}-ubyte{suffix}"
        path.write_bytes(gzip.compress(raw_idx(array)) if suffix else raw_idx(array))


def test_every_pair_of_files_is_a_split_packed_or_not_whatever_its_shape(tmp_path):
    fill(tmp_path, "train")
    fill(tmp_path, "t10k", 3, (5, 9), "")
    (tmp_path / "notes.txt").write_text("nothing")
    splits = load_folder(tmp_path)
    assert list(splits) == ["t10k", "train"]
    assert splits["t10k"].images.shape == (3, 5, 9)
    assert np.array_equal(splits["train"].images, images())
    assert splits["train"].labels.dtype == np.int64


def test_mnists_own_folder_is_read(root, mnist):
    splits = load_folder(root / "data")
    assert np.array_equal(splits["t10k"].images, mnist.test.images)
    assert len(splits["train"]) == 60_000


def spoilt(folder, name, change):
    fill(folder)
    path = folder / name
    write(path, change(gzip.decompress(path.read_bytes())))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: None, "holds no file named as MNIST's"),
        (lambda folder: folder.rmdir(), "cannot be read .No such file or directory"),
        (lambda folder: (fill(folder), (folder / "train-labels-idx1-ubyte.gz").unlink()), "has no train-labels-idx1"),
        (lambda folder: spoilt(folder, "train-images-idx3-ubyte.gz", lambda raw: raw[:-1]), "its header promises"),
        (lambda folder: spoilt(folder, "train-images-idx3-ubyte.gz", lambda raw: b"PNG!" + raw), "is no IDX file"),
        (lambda folder: spoilt(folder, "train-labels-idx1-ubyte.gz", lambda raw: raw_idx(labels(6))), "6 labels for 7"),
        (lambda folder: spoilt(folder, "train-labels-idx1-ubyte.gz", lambda raw: raw_idx(labels(0))), "holds nothing"),
        (
            lambda folder: (
                fill(folder),
                (folder / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(raw_idx(images()))[:-9]),
            ),
            "is not a whole gzip file",
        ),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_one_line(tmp_path, spoil, message):
    folder = tmp_path / "digits"
    folder.mkdir()
    spoil(folder)
    with pytest.raises(DataError, match=message):
        load_folder(folder)


def test_dimensions_that_promise_more_than_there_is_are_refused_before_memory_is(tmp_path):
    fill(tmp_path)
    write(tmp_path / "train-images-idx3-ubyte.gz", bytes([0, 0, 8, 3]) + b"\xff" * 12)
    with pytest.raises(DataError, match="its header promises 79,228,162,4"):
        load_folder(tmp_path)
