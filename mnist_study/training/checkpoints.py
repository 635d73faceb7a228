"""What a run keeps while it trains, so that it can be gone on with from any moment, to the bit."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import safetensors.numpy

from mnist_study.data.files import read_bounded, write_atomically
from mnist_study.models import BaseNetwork
from mnist_study.models.store import LIMIT as MODEL_LIMIT
from mnist_study.models.store import model_bytes, parse_safetensors

from .config import Config
from .engines import Engine
from .engines.engine import State
from .history import Epoch, History
from .listeners import Listener
from .runs import HISTORY, Run, RunError

BEST_WEIGHTS = "best."  # before their names in ``last``
LIMIT = 8 * MODEL_LIMIT  # bytes of ``last``: weights, their mean, the best ones, what the optimiser remembers, losses


class Checkpoints(Listener):
    """After each measured epoch, and where the training stops: everything into ``last.safetensors``; the weights of the
    best epoch into ``best.safetensors``; the table of epochs into ``history.csv``.

    ``last`` holds the best weights as well, so that one file, replaced in one move, is always consistent in itself.

    Parameters
    ----------
    run : Run
    network : the one that is trained; it knows its spec
    by : which epoch is the best: "validation_loss", "validation_accuracy", "last"
    about : dict for the metadata of ``best.safetensors``, with the config among it
    """

    def __init__(self, run: Run, network: BaseNetwork, by: str, about: dict[str, Any]) -> None:
        self.run, self.network, self.by, self.about = run, network, by, about
        self.best: State | None = None

    def before_training(self, history: History, epochs: int, steps: int) -> None:
        self.history, self.saved = history, len(history.batch_losses)
        self.run.write(HISTORY, history.to_csv())
        if self.best and (epoch := history.best(self.by)):
            self._write_best(epoch)

    def after_epoch(self, epoch: Epoch, engine: Engine) -> None:
        if self.history.best(self.by) is epoch:
            self.best = engine.get_weights()
            self._write_best(epoch)
        self._write_last(engine)

    def after_training(self, engine: Engine) -> None:
        advanced = len(self.history.batch_losses) > self.saved
        # the last update may have broken the network without any loss having shown it yet
        if self.history.stop and advanced and all(map(_finite, engine.get_weights().values())):
            self._write_last(engine)

    def _write_best(self, epoch: Epoch) -> None:
        content = model_bytes(self.network, self.best, metrics=asdict(epoch), **self.about)
        write_atomically(self.run.best_path, content)

    def _write_last(self, engine: Engine) -> None:
        tensors = {**engine.state(), "batch_losses": np.array(self.history.batch_losses)}
        tensors |= {BEST_WEIGHTS + name: values for name, values in (self.best or {}).items()}
        about = {
            "epochs": json.dumps([asdict(epoch) for epoch in self.history.epochs]),
            "unmeasured_seconds": json.dumps(self.history.unmeasured_seconds),
            "config": self._config,
        }
        write_atomically(self.run.last_path, safetensors.numpy.save(tensors, about))
        self.run.write(HISTORY, self.history.to_csv())
        self.saved = len(self.history.batch_losses)

    @property
    def _config(self) -> str:
        return json.dumps(self.about["config"])

    def load(self, engine: Engine) -> History:
        """Bring ``engine`` to the moment of ``last.safetensors``; returns the History up to there.

        Raises
        ------
        RunError
            The file is damaged, or belongs to another network.
        """
        path = self.run.last_path
        try:
            tensors, about = parse_safetensors(read_bounded(path, LIMIT, RunError))
            made_under, now = (Config.model_validate_json(text) for text in (about["config"], self._config))
            if made_under != now:
                raise ValueError("it was made under another config than config.yaml is now")
            history = History(
                [Epoch(**row) for row in json.loads(about["epochs"])],
                tensors.pop("batch_losses").tolist(),
                unmeasured_seconds=json.loads(about["unmeasured_seconds"]),
            )
            best = {
                name.removeprefix(BEST_WEIGHTS): tensors.pop(name)
                for name in list(tensors)
                if name.startswith(BEST_WEIGHTS)
            }
            engine.load_state(tensors)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, safetensors.SafetensorError) as error:
            problem = str(error).split("\n")[0]  # a RuntimeError is PyTorch's, of a generator of another device
            raise RunError(
                f"{path}: no checkpoint of this run ({problem}); start it again from its config.yaml"
            ) from None
        self.best = best or None
        return history


def _finite(values: np.ndarray) -> bool:
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())
