"""Listeners: what happens beside the training loop, told of every step and epoch."""

import math
import os

from tqdm.auto import tqdm

from .engines import Engine
from .engines.engine import State
from .history import Epoch, History, Stop


class Listener:
    """Is called at every step and epoch, and does nothing. A listener that returns a ``Stop`` ends the training."""

    def before_training(self, history: History, epochs: int, steps: int) -> Stop | None:
        """``history`` is what the training writes to, not empty where an earlier one goes on; ``steps`` per epoch.

        Return a Stop if that earlier training should have ended already.
        """
        return None

    def after_step(self, loss: float) -> Stop | None:
        """``loss`` of the batch, in nats, before its update."""
        return None

    def after_epoch(self, epoch: Epoch, engine: Engine) -> Stop | None:
        """``epoch`` is the new row of the history."""
        return None

    def after_training(self, engine: Engine) -> None:
        """However the training ended, an exception included."""


class Progress(Listener):
    """A tqdm bar that counts steps and shows the latest figures, in a notebook or on a terminal; ``TQDM_DISABLE=1``
    silences it."""

    def __init__(self, description: str = "training") -> None:
        self.description = description

    def before_training(self, history: History, epochs: int, steps: int) -> None:
        in_notebook = any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__)
        # None: silent unless on a terminal; tqdm's own notebook bar asks neither for that nor for the variable
        silent = bool(os.environ.get("TQDM_DISABLE")) or (False if in_notebook else None)
        self.bar = tqdm(
            total=epochs * steps,
            initial=len(history.batch_losses),
            desc=self.description,
            unit="step",
            leave=False,
            mininterval=0.5,
            disable=silent,
        )

    def after_step(self, loss: float) -> None:
        self.bar.update()

    def after_epoch(self, epoch: Epoch, engine: Engine) -> None:
        self.bar.set_postfix(epoch=epoch.epoch, validation=f"{epoch.validation_accuracy:.2%}", refresh=False)

    def after_training(self, engine: Engine) -> None:
        self.bar.close()


class EarlyStopping(Listener):
    """Ends the training after ``patience`` epochs without a better loss, and brings the best weights back.

    Parameters
    ----------
    patience : epochs without improvement before stopping
    min_delta : by how much the loss must fall below the best one to count as improved; a smaller fall is still the best
    watch : column of the history, a loss
    restore : end with the weights of the best epoch; else with the last ones
    """

    def __init__(
        self, patience: int, min_delta: float = 0.0, watch: str = "validation_loss", restore: bool = True
    ) -> None:
        self.patience, self.min_delta, self.watch, self.restore = patience, min_delta, watch, restore

    def before_training(self, history: History, epochs: int, steps: int) -> Stop | None:
        self.best, self.best_epoch, self.waited = math.inf, 0, 0
        self.best_state: State | None = None
        for epoch in history.epochs:
            self._look(epoch)
        return self._verdict()

    def after_epoch(self, epoch: Epoch, engine: Engine) -> Stop | None:
        self._look(epoch)
        if self.restore and self.best_epoch == epoch.epoch:
            self.best_state = engine.state()
        return self._verdict()

    def _verdict(self) -> Stop | None:
        return Stop(f"no better {self.watch} for {self.waited} epochs") if self.waited >= self.patience else None

    def _look(self, epoch: Epoch) -> None:
        value = getattr(epoch, self.watch)
        if math.isnan(value):
            raise ValueError(
                f"early stopping watches the {self.watch}, which is not measured: give fit a validation split"
            )
        self.waited = 0 if value < self.best - self.min_delta else self.waited + 1
        if value < self.best:
            self.best, self.best_epoch = value, epoch.epoch

    def after_training(self, engine: Engine) -> None:
        if self.best_state is not None:
            engine.load_state(self.best_state)


class Interruption(Listener):
    """Ends the training after the batch at hand once somebody has called ``request``: a signal handler, say."""

    def __init__(self) -> None:
        self.stop: Stop | None = None

    def request(self, by: str) -> None:
        """``by`` whom, in the message."""
        self.stop = Stop(f"interrupted by {by}", resumable=True)

    def after_step(self, loss: float) -> Stop | None:
        return self.stop
