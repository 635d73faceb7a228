import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import mnist_study as ms
from mnist_study.cli import main
from mnist_study.data import FILES, DataError, download


class Mirror(BaseHTTPRequestHandler):
    """Serves the real files under /good/; every other folder misbehaves in the way that it is named for."""

    def do_GET(self):
        _, manner, name = self.path.split("/")
        content = (self.server.data / name).read_bytes()
        if manner == "missing":
            return self.send_error(404)
        if manner == "round":
            self.send_response(302)
            self.send_header("Location", self.path)
            return self.end_headers()
        if manner == "lies":
            content = content[:-1] + bytes([content[-1] ^ 1])
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if manner == "cut":
            content = content[: len(content) // 2]
        if manner == "endless":
            content = bytes(40 << 20)
        try:
            self.wfile.write(content)
        except ConnectionError:
            assert manner == "endless"  # nobody has to read to the end of that
        return None

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def mirror(root):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.data = root / "data"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_missing_files_are_fetched_and_then_left_alone(mirror, tmp_path, mnist):
    assert download(tmp_path / "new", [f"{mirror}/good/"]) == list(FILES)
    assert np.array_equal(ms.load_mnist(tmp_path / "new").test.images, mnist.test.images)
    assert download(tmp_path / "new", ["http://127.0.0.1:1/"]) == []


@pytest.mark.parametrize("manner", ["cut", "lies", "missing", "endless"])
def test_a_bad_mirror_leaves_nothing_behind_and_is_named(mirror, tmp_path, manner):
    with pytest.raises(DataError, match=f"no mirror gave it: {mirror}/{manner}") as caught:
        download(tmp_path, [f"{mirror}/{manner}"])
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_the_next_mirror_is_asked_when_one_fails(mirror, tmp_path):
    unreachable = "http://127.0.0.1:1"
    assert len(download(tmp_path, [unreachable, f"{mirror}/cut", f"{mirror}/lies", f"{mirror}/good"])) == 4


def test_a_wrong_file_is_replaced_and_kept_when_no_mirror_has_better(mirror, tmp_path):
    damaged = tmp_path / "train-labels-idx1-ubyte.gz"
    damaged.write_bytes(b"damaged")
    with pytest.raises(DataError):
        download(tmp_path, [f"{mirror}/lies"])
    assert damaged.read_bytes() == b"damaged"
    download(tmp_path, [f"{mirror}/good"])
    assert ms.load_mnist(tmp_path).train


def test_the_command_fetches_checks_and_fails_in_one_line(mirror, tmp_path, capsys):
    assert main(["data", str(tmp_path), "--mirror", f"{mirror}/good"]) == 0
    out = capsys.readouterr().out
    assert out.count("fetched, SHA-256 right") == 4
    assert main(["data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("there, SHA-256 right") == 4

    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert main(["data", str(blocked), "--mirror", f"{mirror}/good"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"mnist-study: '{blocked}': cannot be written")
    assert error.count("\n") == 1
    for manner in ("lies", "round"):
        assert main(["data", str(tmp_path / "new"), "--mirror", f"{mirror}/{manner}"]) == 1
        error = capsys.readouterr().err
        assert "no mirror gave it" in error
        assert error.count("\n") == 1
    assert main(["data", "zero\0byte"]) == 1
    assert "no possible path" in capsys.readouterr().err
