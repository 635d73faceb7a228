"""Tries the installed package, run by ``.ci/wheel`` in an empty folder: ``wheel.py DATA``, with MNIST's four files."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import mnist_study as ms
from mnist_study.data import FILES
from mnist_study.data.mnist import CACHE_FOLDER

DATA = Path(sys.argv[1])
SITE = Path(sysconfig.get_path("purelib"))
COMMAND = Path(sys.executable).with_name("mnist-study")


def run(*arguments):
    """Exit status, and what was said on stdout and stderr together, which is never a traceback."""
    ended = subprocess.run([COMMAND, *arguments], capture_output=True, text=True)
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said, said
    return ended.returncode, said


def refused(*arguments):
    code, said = run(*arguments)
    assert code == 1, (arguments, code, said)
    assert len(said.splitlines()) == 1, said
    return said


def main():
    assert Path(ms.__file__).is_relative_to(SITE), f"{ms.__file__} is not the installed package"
    assert not any(Path().iterdir()), "the folder is not empty"

    # somebody else's folder of that name is nobody's data
    (SITE / "data").mkdir()
    for name in FILES:
        (SITE / "data" / name).write_bytes(b"not MNIST")
    said = refused("train", "softmax")
    assert str(SITE) not in said, said
    assert f"mnist-study data {CACHE_FOLDER}" in said, said

    CACHE_FOLDER.mkdir(parents=True)
    for name in FILES:
        shutil.copy(DATA / name, CACHE_FOLDER)
    assert run("data")[0] == 0
    mnist = ms.load_mnist()
    assert len(mnist.train) == 48_000
    predictions = ms.load_model("cnn_fast").predict(mnist.test.images[:1000])
    assert (predictions == mnist.test.labels[:1000]).mean() > 0.98

    code, said = run("train", "mlp", "--set", "training.epochs=1", "--set", "data.train_size=5000")
    assert code == 0, said
    code, said = run("evaluate", "mlp")
    assert code == 0, said
    code, said = run("export-page", "page", "--models", "softmax")
    assert code == 0, said
    assert [(path.name, path.stat().st_size > 5_000) for path in Path("page").iterdir()] == [("weights.js", True)]
    assert sorted(path.name for path in Path().iterdir()) == ["page", "runs"], "more was written than was asked for"

    before = {path: path.stat().st_mtime_ns for path in (SITE / "mnist_study").rglob("*") if path.is_file()}
    refused("ship", "softmax")
    after = {path: path.stat().st_mtime_ns for path in (SITE / "mnist_study").rglob("*") if path.is_file()}
    assert {p: t for p, t in after.items() if p.suffix != ".pyc"} == {
        p: t for p, t in before.items() if p.suffix != ".pyc"
    }
    print("the wheel works in an empty folder")


main()
