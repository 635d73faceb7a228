import gzip
import hashlib
import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from idx_files import SHAPE, as_nobody, images, labels, raw_idx, write

from mnist_study.data import DataError, read_idx

ADVICE = r"fetch it( again)? with: mnist-study data [^\n]+|check the path and its permissions"
ONE_LINE = re.compile(rf"[^\n]+: [^\n]+; ({ADVICE})")


def refused(path, shape, sha256=None):
    """The one line with which the file is refused, without the path it starts with."""
    with pytest.raises(DataError) as caught:
        read_idx(path, shape, sha256, classes=10)
    message = str(caught.value)
    assert ONE_LINE.fullmatch(message)
    assert str(path) in message
    return message


def test_a_good_file_is_read_as_it_was_written(tmp_path):
    path = write(tmp_path / "images.gz", raw_idx(images()))
    assert np.array_equal(read_idx(path, SHAPE), images())
    path = write(tmp_path / "labels.gz", raw_idx(labels()))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert np.array_equal(read_idx(path, (SHAPE[0],), digest), labels())


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is truncated: 0 bytes read"),
        (b"\xff" + raw_idx(images())[1:], "starts with ff 00 08 03, not with the IDX magic 00 00 08 03"),
        (b"\x00\x00\x09\x03" + raw_idx(images())[4:], "starts with 00 00 09 03, not with the IDX magic 00 00 08 03"),
        (raw_idx(labels(99)), "starts with 00 00 08 01"),
        (raw_idx(images((6, 28, 28))), "has dimensions 6 x 28 x 28, not 7 x 28 x 28"),
        (raw_idx(images((7, 28, 27))), "has dimensions 7 x 28 x 27"),
        (raw_idx(images())[:9], "is truncated: 9 bytes read, 5,504 expected"),
        (raw_idx(images())[:-1], "is truncated: 5,503 bytes read, 5,504 expected"),
        (raw_idx(images()) + b"\x00", "has trailing bytes"),
    ],
)
def test_a_wrong_image_file_is_refused_by_name(tmp_path, raw, problem):
    path = write(tmp_path / "images.gz", raw)
    message = refused(path, SHAPE)
    assert problem in message
    assert f"mnist-study data {tmp_path}" in message


def test_a_label_out_of_range_is_refused_with_its_place(tmp_path):
    wrong = labels()
    wrong[4] = 10
    assert "has a label 10 at index 4" in refused(write(tmp_path / "labels.gz", raw_idx(wrong)), (SHAPE[0],))


def test_a_wrong_checksum_is_refused_before_anything_is_decompressed(tmp_path):
    path = write(tmp_path / "images.gz", b"not an IDX file at all")
    assert "has a wrong SHA-256 checksum" in refused(path, SHAPE, "0" * 64)


def test_what_is_no_gzip_file_and_what_is_half_of_one_are_refused(tmp_path):
    path = tmp_path / "images.gz"
    path.write_bytes(raw_idx(images()))
    assert "is not a whole gzip file" in refused(path, SHAPE)
    path.write_bytes(gzip.compress(raw_idx(images()))[:-200])
    assert "is not a whole gzip file" in refused(path, SHAPE)


def test_a_missing_file_and_a_folder_in_its_place_are_refused(tmp_path):
    assert "does not exist; fetch it with: " in refused(tmp_path / "images.gz", SHAPE)
    (tmp_path / "folder.gz").mkdir()
    assert "cannot be read" in refused(tmp_path / "folder.gz", SHAPE)


def test_a_gzip_bomb_is_read_no_further_than_one_byte_too_many(tmp_path):
    raw = raw_idx(images())
    path = write(tmp_path / "images.gz", raw + bytes(300_000_000))
    assert path.stat().st_size < 500_000
    tracemalloc.start()
    message = refused(path, SHAPE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert f"{len(raw) + 1:,} bytes read" in message
    assert peak < 2_000_000


def test_a_folder_without_permission_is_one_line(tmp_path):
    path = write(tmp_path / "images.gz", raw_idx(images()))
    for folder in (tmp_path.parent.parent, tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    tmp_path.chmod(0)
    try:
        with as_nobody():
            message = refused(path, SHAPE)
    finally:
        tmp_path.chmod(0o755)
    assert "cannot be read (Permission denied); check the path and its permissions" in message


def test_paths_that_cannot_be_are_one_line_and_advice_can_be_pasted(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert "Not a directory" in refused(tmp_path / "file" / "images.gz", SHAPE)
    for name in ("zero\0byte", "\udcff"):
        with pytest.raises(DataError, match=r"cannot be read \(no possible path|does not exist"):
            read_idx(tmp_path / name, SHAPE)
    assert f"mnist-study data '{tmp_path}/my data'" in refused(tmp_path / "my data" / "images.gz", SHAPE)


MUTATIONS = settings(
    max_examples=1000, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.slow
@MUTATIONS
@given(data=st.data())
def test_mutated_contents_are_refused_or_harmless(tmp_path, data):
    """Any header that differs, any length that differs and any bad label must be refused; a pixel may be any byte."""
    original = data.draw(st.sampled_from([images(), labels()]))
    header = 4 + 4 * original.ndim
    raw = bytearray(raw_idx(original))
    kind = data.draw(st.sampled_from(["flip", "cut", "grow", "insert"]))
    place = data.draw(st.integers(0, len(raw) - 1) | st.integers(0, header - 1))
    if kind == "flip":
        raw[place] ^= data.draw(st.integers(1, 255))
    elif kind == "cut":
        del raw[place:]
    elif kind == "grow":
        raw += data.draw(st.binary(min_size=1, max_size=9))
    else:
        raw[place:place] = data.draw(st.binary(min_size=1, max_size=9))
    path = write(tmp_path / "mutated.gz", bytes(raw))

    harmless = len(raw) == len(raw_idx(original)) and raw[:header] == raw_idx(original)[:header]
    if harmless and (original.ndim > 1 or max(raw[header:]) < 10):
        assert read_idx(path, original.shape).tobytes() == bytes(raw[header:])
    else:
        refused(path, original.shape)


@pytest.mark.slow
@MUTATIONS
@given(data=st.data())
def test_mutated_files_never_give_a_wrong_array(tmp_path, data):
    """gzip's own checksum guards the contents: a damaged file is refused, or gives exactly the original."""
    original = data.draw(st.sampled_from([images(), labels()]))
    compressed = bytearray(gzip.compress(raw_idx(original), mtime=0))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(compressed) - 1))
        compressed[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del compressed[data.draw(st.integers(0, len(compressed))) :]
    path = tmp_path / "mutated.gz"
    path.write_bytes(bytes(compressed))
    try:
        array = read_idx(path, original.shape)
    except DataError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert np.array_equal(array, original)
