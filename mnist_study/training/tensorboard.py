"""The curves of a run for TensorBoard, and pictures of what its network mistakes on the validation digits."""

import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from mnist_study import plots
from mnist_study.analysis import confusion
from mnist_study.data import MNIST, Digits
from mnist_study.models import BaseNetwork

from .engines import Engine
from .history import Epoch, History
from .listeners import Listener

COLUMNS = ("learning_rate", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
PAIRS = 3  # of digits most often confused, whose pictures are shown


class TensorBoard(Listener):
    """Scalars after each measured epoch; at the end a confusion matrix and misread digits, both of ``validation``.

    Event files cannot be cut, so a run that goes on writes its earlier epochs anew. Events are written at once and in
    this thread (TensorBoard's own writer has one of its own, which a full disk kills with a traceback).
    """

    def __init__(self, folder: Path | str, validation: Digits) -> None:
        self.folder, self.validation = Path(folder), validation

    def before_training(self, history: History, epochs: int, steps: int) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.path = self.folder / f"events.out.tfevents.{int(time.time()):010}"
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        for epoch in history.epochs:
            self._write_scalars(epoch)

    def after_epoch(self, epoch: Epoch, engine: Engine) -> None:
        self._write_scalars(epoch)

    def show_mistakes(self, network: BaseNetwork, epoch: int) -> None:
        """Pictures of what ``network`` makes of the validation digits, at ``epoch``."""
        predictions = network.predict(self.validation.images)
        classes = (network.task or MNIST).classes
        confusions = confusion(self.validation.labels, predictions, classes)
        pairs = [pair[:2] for pair in confusions.most_confused(PAIRS)]
        title = "Validation digits that were read wrongly"
        drawings = {
            "confusion": plots.confusion_matrix(confusions, title),
            "misread": plots.confused_digits(self.validation, predictions, pairs, title, columns=8, classes=classes),
        }
        for name, drawing in drawings.items():
            image = Summary.Image(**drawing.on_page(), colorspace=3, encoded_image_string=drawing.png())
            self._write_summary(epoch, [Summary.Value(tag=f"validation/{name}", image=image)])

    def _write_scalars(self, epoch: Epoch) -> None:
        values = {column.replace("_", "/", 1): getattr(epoch, column) for column in COLUMNS}
        self._write_summary(epoch.epoch, [Summary.Value(tag=tag, simple_value=v) for tag, v in values.items()])

    def _write_summary(self, step: int, values: Iterable[Summary.Value]) -> None:
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def _write(self, event: Event) -> None:
        with self.path.open("ab") as file:
            RecordWriter(file).write(event.SerializeToString())


def write_setting(folder: Path, setting: Mapping[str, str]) -> None:
    """What makes a run one of a sweep, for TensorBoard's HParams tab: ``setting``, name -> value; anew each time."""
    started = plugin_data_pb2.SessionStartInfo(start_time_secs=time.time())
    for name, value in setting.items():
        started.hparams[name].string_value = value
    ended = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=time.time())
    with (folder / "events.out.tfevents.setting").open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
        for name, info in (("session_start_info", started), ("session_end_info", ended)):
            content = plugin_data_pb2.HParamsPluginData(**{name: info}).SerializeToString()
            plugin = SummaryMetadata.PluginData(plugin_name="hparams", content=content)
            value = Summary.Value(tag=f"_hparams_/{name}", metadata=SummaryMetadata(plugin_data=plugin))
            writer.write(Event(wall_time=time.time(), summary=Summary(value=[value])).SerializeToString())
