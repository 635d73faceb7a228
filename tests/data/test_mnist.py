import hashlib
import re
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from idx_files import as_nobody, images, labels, raw_idx, write

import mnist_study as ms
from mnist_study.cli import main
from mnist_study.data import FILES, DataError, split_indices
from mnist_study.data import mnist as module

COUNTS = {  # published with the database
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


@pytest.fixture
def folder(tmp_path, root):
    """A data folder of one's own, to damage."""
    for name in FILES:
        shutil.copy(root / "data" / name, tmp_path / name)
    return tmp_path


def test_the_splits_have_their_sizes_types_and_counts(mnist):
    for digits, size in ((mnist.train, 48_000), (mnist.validation, 12_000), (mnist.test, 10_000)):
        assert len(digits) == size
        assert digits.images.shape == (size, 28, 28)
        assert digits.images.dtype == np.uint8
        assert digits.labels.shape == (size,)
        assert digits.labels.dtype == np.int64
    both = np.bincount(mnist.train.labels) + np.bincount(mnist.validation.labels)
    assert both.tolist() == COUNTS["train"]
    assert np.bincount(mnist.test.labels).tolist() == COUNTS["test"]


def test_the_split_is_disjoint_stratified_and_the_same_for_ever(mnist):
    labels = np.repeat(np.arange(10), COUNTS["train"])
    training, validation = split_indices(labels)
    assert sorted([*training, *validation]) == list(range(60_000))
    shares = np.bincount(mnist.validation.labels) / COUNTS["train"]
    assert np.abs(shares - 0.2).max() < 1 / min(COUNTS["train"])

    digest = hashlib.sha256()
    for digits in (mnist.train, mnist.validation):
        digest.update(digits.labels.astype("<i8").tobytes() + digits.images.tobytes())
    assert digest.hexdigest() == "44bcd5c2b32e5ec2eeb7a0af6272942da9fb94c0e704ff75bb94f6b33b60504b"
    indices = np.concatenate([training, validation]).astype("<i8").tobytes()
    assert hashlib.sha256(indices).hexdigest() == "f68c948fd543d7573fdd81d8bf1f7e3e015a558374896c66e183dfc31b3c7b8c"


def test_digits_are_selected_by_slice_and_by_mask(mnist):
    sevens = mnist.test[mnist.test.labels == 7]
    assert len(sevens) == 1028
    assert set(sevens.labels) == {7}
    assert np.array_equal(mnist.test[3:5].images, mnist.test.images[3:5])


def test_sha256sums_and_the_code_name_the_same_files(root):
    lines = (root / "data" / "SHA256SUMS").read_text().splitlines()
    assert dict(reversed(line.split()) for line in lines) == {name: sha256 for name, (_, sha256) in FILES.items()}


def test_the_test_files_are_read_only_when_asked_for(folder, mnist):
    for name in FILES:
        if name.startswith("t10k"):
            (folder / name).unlink()
    without = ms.load_mnist(folder)
    assert np.array_equal(without.train.images, mnist.train.images)
    with pytest.raises(DataError, match="t10k-images.* does not exist"):
        _ = without.test


def test_a_folder_is_found_by_argument_then_variable_then_repository_then_cache(
    folder, root, tmp_path_factory, monkeypatch
):
    elsewhere, cache = tmp_path_factory.mktemp("elsewhere"), tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(module, "CACHE_FOLDER", cache)
    monkeypatch.delenv("MNIST_STUDY_DATA", raising=False)
    assert ms.load_mnist().folder == root / "data"
    monkeypatch.setenv("MNIST_STUDY_DATA", str(folder))
    assert ms.load_mnist().folder == folder
    with pytest.raises(DataError, match=re.escape(f"mnist-study data {elsewhere}")):
        ms.load_mnist(elsewhere)
    monkeypatch.setenv("MNIST_STUDY_DATA", str(elsewhere))
    with pytest.raises(DataError, match="does not exist"):
        ms.load_mnist()
    monkeypatch.delenv("MNIST_STUDY_DATA")
    monkeypatch.setattr(module, "REPOSITORY", elsewhere)
    with pytest.raises(DataError, match=re.escape(f"does not exist; fetch it with: mnist-study data {cache}")):
        ms.load_mnist()
    for name in FILES:
        shutil.copy(folder / name, cache / name)
    assert ms.load_mnist().folder == cache


def test_a_data_folder_beside_an_installed_package_is_somebody_elses(tmp_path, monkeypatch):
    """site-packages/data is neither read nor written: the folder counts beside this project's own pyproject.toml."""
    (tmp_path / "data").mkdir()
    for name in FILES:
        (tmp_path / "data" / name).write_bytes(b"somebody else's")
    monkeypatch.delenv("MNIST_STUDY_DATA", raising=False)
    monkeypatch.setattr(module, "REPOSITORY", tmp_path)
    assert module.usual_folder() == module.CACHE_FOLDER
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mnist-study-of-mine"\n')
    assert module.usual_folder() == module.CACHE_FOLDER
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mnist-study"\n')
    assert module.usual_folder() == tmp_path / "data"
    (tmp_path / "data" / next(iter(FILES))).unlink()
    assert module.usual_folder() == tmp_path / "data"  # to be filled, unless the cache is


def test_a_locked_place_is_passed_over_or_named_in_one_line(tmp_path, monkeypatch, capsys):
    locked = tmp_path / "locked"
    (locked / "data").mkdir(parents=True)
    for folder in (tmp_path.parent.parent, tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    monkeypatch.delenv("MNIST_STUDY_DATA", raising=False)
    monkeypatch.setattr(module, "REPOSITORY", locked)
    monkeypatch.setattr(module, "CACHE_FOLDER", locked / "cache")
    locked.chmod(0)
    try:
        with as_nobody(), pytest.raises(DataError, match=r"cannot be read \(Permission denied\)"):
            ms.load_mnist()
        with as_nobody():
            assert main(["data"]) == 1
    finally:
        locked.chmod(0o755)
    assert capsys.readouterr().err.count("\n") == 1


def test_images_and_labels_whose_counts_differ_are_refused(folder):
    write(folder / "train-labels-idx1-ubyte.gz", raw_idx(labels(59_999)))
    with pytest.raises(DataError, match="train-labels.* has dimensions 59999, not 60000"):
        ms.load_mnist(folder, verify=False)
    write(folder / "train-images-idx3-ubyte.gz", raw_idx(images((7, 28, 28))))
    with pytest.raises(DataError, match="train-images.* has dimensions 7 x 28 x 28, not 60000 x 28 x 28"):
        ms.load_mnist(folder, verify=False)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_folder_with_one_damaged_file_is_refused_whole(folder, root, data):
    name = data.draw(st.sampled_from(sorted(FILES)))
    content = bytearray((root / "data" / name).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[place:]
    (folder / name).write_bytes(bytes(content))
    try:
        with pytest.raises(DataError, match=rf"{name}: has a wrong SHA-256 checksum; fetch it again"):
            _ = ms.load_mnist(folder).test
    finally:
        shutil.copy(root / "data" / name, folder / name)
