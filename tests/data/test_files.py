"""Files of strangers: what is no regular file, too large, or packed with more than it shows, is refused in one line."""

import io
import os
import socket
import zipfile

import numpy as np
import pytest
from idx_files import as_nobody

from mnist_study.data import DataError, StudyError, read_idx
from mnist_study.data.files import PARTS, open_zip, read_bounded, unpack_npz

ODD = "is a device or a pipe, not a regular file; copy what it gives into a file first"


def refused(path, limit=100, refusal=StudyError):
    with pytest.raises(refusal) as caught:
        read_bounded(path, limit, refusal)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def test_a_file_and_a_link_to_one_are_read_up_to_the_limit_and_no_further(tmp_path):
    path, link = tmp_path / "file", tmp_path / "link"
    path.write_bytes(b"x" * 100)
    link.symlink_to(path)
    assert read_bounded(path, 100) == read_bounded(link, 100) == b"x" * 100
    assert "has 100 bytes, more than 99" in refused(path, 99)
    assert "has 100 bytes, more than 99" in refused(link, 99, DataError)


def test_devices_and_pipes_are_refused_and_not_waited_for(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to("/dev/zero")
    for path in (pipe, link, "/dev/zero", "/dev/null"):
        assert ODD in refused(path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert "cannot be read (No such device or address)" in refused(tmp_path / "socket")


def test_what_is_no_file_and_what_cannot_be_opened_is_one_line(tmp_path):
    assert "cannot be read (Is a directory); check the path" in refused(tmp_path)
    (tmp_path / "round").symlink_to(tmp_path / "round")
    assert "cannot be read (Too many levels of symbolic links)" in refused(tmp_path / "round")
    for name in ("zero\0byte", "\udcff\ud800"):
        assert "cannot be read (no possible path" in refused(name)
    with pytest.raises(FileNotFoundError):
        read_bounded(tmp_path / "none", 100)


def test_a_file_without_permission_is_one_line(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")
    for folder in (tmp_path.parent.parent, tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    path.chmod(0)
    with as_nobody():
        assert "cannot be read (Permission denied); check the path and its permissions" in refused(path)


def test_the_digits_are_read_from_regular_files_only(tmp_path):
    pipe, large = tmp_path / "pipe.gz", tmp_path / "large.gz"
    os.mkfifo(pipe)
    with large.open("wb") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    for path, message in ((pipe, ODD), (large, "more than 1,048,768; is it the right file")):
        with pytest.raises(DataError, match=message):
            read_idx(path, (88,))


def packed(parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(parts):
            archive.writestr(f"{number}.npy", bytes(1000))
    return content.getvalue()


def test_a_zip_file_of_too_many_parts_or_too_many_bytes_is_not_unpacked():
    assert len(open_zip(packed(5), 5000).infolist()) == 5
    with pytest.raises(StudyError, match="it unpacks to more than 4,999 bytes"):
        open_zip(packed(5), 4999)
    with pytest.raises(StudyError, match="it has more than 1,000 parts"):
        open_zip(packed(PARTS + 1), 10**9)
    with pytest.raises(StudyError, match="it is not a zip file, or not a whole one"):
        open_zip(packed(5)[:-30], 5000)


def test_a_bundle_with_anything_else_than_arrays_is_refused_without_numpys_advice():
    pickled, large, stray = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez(pickled, a=np.array([{}], dtype=object))
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }".ljust(20_000) + b"\n"
    with zipfile.ZipFile(large, "w") as archive:  # a header so long that NumPy says how to trust the file
        archive.writestr("a.npy", b"\x93NUMPY\x02\x00" + len(header).to_bytes(4, "little") + header + bytes(8))
    with zipfile.ZipFile(stray, "w") as archive:
        archive.writestr("a.txt", "no array")
    for content in (pickled, large, stray):
        with pytest.raises(StudyError) as caught:
            unpack_npz(content.getvalue(), 10**6)
        assert str(caught.value) == "a part of it is damaged, or no plain array"
