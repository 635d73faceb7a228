"""The judge of the claims is judged: it sees a claim that fails, goes on behind it, and really moves seeds."""

import importlib.util
import json
import subprocess
import sys

import nbformat
import pytest

NEW = nbformat.v4.new_code_cell
TRAINS = """\
import numpy as np
from mnist_study.data import Digits
from mnist_study.models import mlp
from mnist_study.training import NumPyEngine, fit
digits = Digits(np.random.default_rng(0).integers(0, 256, (64, 28, 28)).astype(np.uint8), np.arange(64) % 10)
network = mlp((784, 8, 10), np.random.default_rng(5))
history = fit(NumPyEngine(network), digits, epochs=1, batch_size=16, learning_rate=1e-3)
assert history.batch_losses[-1] < 0
assert float(network.parameters[0]) > 9
"""


def run(root, path, offset):
    command = [sys.executable, root / "tests" / "elsewhere" / "elsewhere.py", "--here", path, str(offset)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_claims_are_counted_one_by_one(root, tmp_path):
    path = tmp_path / "01.ipynb"
    kept = NEW("print('one')", metadata={"tags": ["nbval-check-output"]}, execution_count=1)
    kept.outputs = [nbformat.v4.new_output("stream", name="stdout", text="two\n")]
    cells = [NEW("x = 2\nassert x > 1 and x < 9\nassert x > 3\nassert x == 2"), kept, NEW("1 / 0"), NEW("assert x")]
    nbformat.write(nbformat.v4.new_notebook(cells=[*cells, NEW("for i in range(3):\n    assert i != 1")]), path)
    result = run(root, path, 0)
    held = {words: held for words, (held, _) in result["claims"].items()}
    assert held == {
        "cell 0: x > 1 and x < 9": True,
        "cell 0: x > 3": False,
        "cell 0: x == 2": True,
        "cell 1 prints what is kept": False,
        "cell 2 runs: ZeroDivisionError division by zero": False,
        "cell 3: x": True,
        "cell 4: i != 1": False,
    }
    assert result["claims"]["cell 0: x > 3"][1] == [2.0, 3.0]
    assert result["trainings"] == 0


@pytest.mark.slow
def test_a_roll_moves_first_weights_and_order_and_no_roll_moves_nothing(root, tmp_path):
    path = tmp_path / "01.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[NEW(TRAINS)]), path)
    still, again, moved = (run(root, path, offset) for offset in (0, 0, 1000))
    assert still["trainings"] == moved["trainings"] == 1
    assert still["claims"] == again["claims"]
    for one, other in zip(still["claims"].values(), moved["claims"].values(), strict=True):
        assert one[1][0] != other[1][0]


def test_every_environment_is_named_and_there_are_five_rolls(root):
    spec = importlib.util.spec_from_file_location("elsewhere", root / "tests" / "elsewhere" / "elsewhere.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    offsets = [offset for _, offset in module.ENVIRONMENTS.values() if offset]
    assert len(set(offsets)) >= 5
