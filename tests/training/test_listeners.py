import sys

import numpy as np

from mnist_study.models import mlp
from mnist_study.training import NumPyEngine, Progress, fit


def train(mnist):
    engine = NumPyEngine(mlp((784, 4, 10), np.random.default_rng(0), mean=33.0, std=78.0))
    fit(engine, mnist.train[:64], epochs=2, batch_size=8, learning_rate=1e-3, listeners=[Progress("learning")])


def test_progress_shows_a_bar_on_a_terminal_and_is_silent_elsewhere_and_when_asked(mnist, capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    train(mnist)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    train(mnist)
    assert "learning" in capsys.readouterr().err
    monkeypatch.setenv("TQDM_DISABLE", "1")
    train(mnist)
    assert capsys.readouterr().err == ""
