"""What a training left behind: one row per measured epoch, and the loss of every batch."""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

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


@dataclass(frozen=True)
class Stop:
    """Why a training ended before its last epoch, and whether it is to be gone on with.

    Parameters
    ----------
    message : for people, "no better validation_loss for 5 epochs"
    resumable : it was interrupted, and not done
    """

    message: str
    resumable: bool = False


@dataclass
class History:
    epochs: list[Epoch] = field(default_factory=list)
    batch_losses: list[float] = field(default_factory=list)  # mean loss of each batch, just before its update
    stop: Stop | None = None
    unmeasured_seconds: float = 0.0  # of training since the last row

    def __getitem__(self, column: str) -> np.ndarray:
        """``history["validation_loss"]``: one column as an array, an entry per measured epoch."""
        return np.array([getattr(epoch, column) for epoch in self.epochs])

    @property
    def stopped_by(self) -> str | None:
        """Why the training ended before its last epoch, in words."""
        return self.stop.message if self.stop else None

    @property
    def seconds(self) -> float:
        return float(self["seconds"].sum() + self.unmeasured_seconds)

    def best(self, by: str = "validation_loss") -> Epoch | None:
        """The row with the lowest loss or the highest accuracy in column ``by``, the first of equals; or the "last"."""
        if by == "last" or not self.epochs:
            return self.epochs[-1] if self.epochs else None
        return (max if by.endswith("accuracy") else min)(self.epochs, key=lambda epoch: getattr(epoch, by))

    def to_csv(self) -> str:
        """A header and a line per row; numbers are written so that they are read back to the bit."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [column.name for column in fields(Epoch)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(epoch) for epoch in self.epochs)
        return text.getvalue()

    @classmethod
    def from_csv(cls, text: str) -> "History":
        """What ``to_csv`` wrote; the losses of the batches are not in it.

        Raises
        ------
        ValueError
            It is no such table, or is cut off; the message says in which line.
        """
        rows = csv.DictReader(io.StringIO(text))
        try:
            return cls([_epoch(row) for row in rows])
        except csv.Error as error:
            raise ValueError(f"after line {rows.line_num}: {error}") from None
        except (KeyError, TypeError, ValueError):
            columns = len(fields(Epoch))
            raise ValueError(f"line {rows.line_num} is no row of {columns} numbers, or is cut off") from None


def _epoch(row: Mapping[str, str]) -> Epoch:
    """From a row as CSV has it, name -> text; None where the line ends too early."""
    numbers = {column.name: float(row[column.name]) for column in fields(Epoch) if column.name != "epoch"}
    return Epoch(epoch=int(row["epoch"]), **numbers)
