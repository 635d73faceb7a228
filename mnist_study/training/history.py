"""What a training left behind: one row per measured epoch, and the loss of every batch."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Epoch:
    """One row of the history; losses are mean cross-entropies in nats."""

    epoch: int  # from 1
    learning_rate: float  # of the last update
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float  # of training since the row before; measuring is not counted


@dataclass
class History:
    epochs: list = field(default_factory=list)
    batch_losses: list = field(default_factory=list)  # mean loss of each batch, just before its update
    stopped_by: str | None = None

    def __getitem__(self, column):
        """``history["validation_loss"]``: one column as an array, an entry per measured epoch."""
        return np.array([getattr(epoch, column) for epoch in self.epochs])

    @property
    def seconds(self):
        return float(self["seconds"].sum())
