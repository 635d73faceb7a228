"""Listeners: what happens beside the training loop, told of every step and epoch."""

import math
import os

from tqdm.auto import tqdm

INTERRUPTED = "interrupted"  # how the reason begins when a training has not come to its end


class Listener:
    """Hears everything, does nothing."""

    def before_training(self, history, epochs, steps):
        """``history`` is what the training writes to, not empty where an earlier one goes on; ``steps`` per epoch.

        Return a string if that earlier training should have ended already, and say why.
        """

    def after_step(self, loss):
        """``loss`` of the batch, before its update; return a string to end the training and say why."""

    def after_epoch(self, epoch, engine):
        """``epoch`` is the new row of the history; return a string to end the training and say why."""

    def after_training(self, engine):
        """However the training ended, an exception included."""


class Progress(Listener):
    """A tqdm bar that counts steps and shows the latest figures, in a notebook or on a terminal; ``TQDM_DISABLE=1``
    silences it."""

    def __init__(self, description="training"):
        self.description = description

    def before_training(self, history, epochs, steps):
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

    def after_step(self, loss):
        self.bar.update()

    def after_epoch(self, epoch, engine):
        self.bar.set_postfix(epoch=epoch.epoch, validation=f"{epoch.validation_accuracy:.2%}", refresh=False)

    def after_training(self, engine):
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

    def __init__(self, patience, min_delta=0.0, watch="validation_loss", restore=True):
        self.patience, self.min_delta, self.watch, self.restore = patience, min_delta, watch, restore

    def before_training(self, history, epochs, steps):
        self.best, self.best_epoch, self.best_state, self.waited = math.inf, 0, None, 0
        for epoch in history.epochs:
            self._look(epoch)
        return self._verdict()

    def after_epoch(self, epoch, engine):
        self._look(epoch)
        if self.restore and self.best_epoch == epoch.epoch:
            self.best_state = engine.state()
        return self._verdict()

    def _verdict(self):
        return f"no better {self.watch} for {self.waited} epochs" if self.waited >= self.patience else None

    def _look(self, epoch):
        value = getattr(epoch, self.watch)
        if math.isnan(value):
            raise ValueError(
                f"early stopping watches the {self.watch}, which is not measured: give fit a validation split"
            )
        self.waited = 0 if value < self.best - self.min_delta else self.waited + 1
        if value < self.best:
            self.best, self.best_epoch = value, epoch.epoch

    def after_training(self, engine):
        if self.best_state is not None:
            engine.load_state(self.best_state)


class Interruption(Listener):
    """Ends the training after the batch at hand once somebody has called ``request``: a signal handler, say."""

    def __init__(self):
        self.reason = None

    def request(self, by):
        self.reason = f"{INTERRUPTED} by {by}"

    def after_step(self, loss):
        return self.reason
