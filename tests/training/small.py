"""A training of a second with everything in it: dropout, batch norm, schedule, running mean, early stopping."""

from mnist_study.training import Listener, Stop, load_config

MODELS = {
    "numpy_mlp": "{kind: numpy_mlp, hidden: [16], dropout: 0.2}",
    "jax_mlp": "{kind: jax_mlp, hidden: [16], dropout: 0.2}",
    "fully_connected": "{kind: fully_connected, hidden: [16], dropout: 0.2, batch_norm: true}",
    "conv_net": "{kind: conv_net, channels: [4, 4], hidden: [16], dropout: 0.2}",
}
CHANGES = (
    "name=small",
    "data.train_size=600",
    "data.augmentation={shift: 1.0, rotation: 5.0}",
    "training.epochs=4",
    "training.batch_size=100",
    "training.ema=0.9",
    "training.best=validation_loss",
    "training.early_stopping={patience: 3}",
    "logging={tensorboard: false, progress: false}",
)
STEPS = 6  # per epoch


def small_config(kind="numpy_mlp", *changes):
    return load_config("fc", [f"model={MODELS[kind]}", *CHANGES, *changes])


def small_arguments(kind="numpy_mlp", *changes):
    """The same for the command line."""
    return [word for change in (f"model={MODELS[kind]}", *CHANGES, *changes) for word in ("--set", change)]


class StopAfter(Listener):
    """Ends the training after so many steps, as a signal would."""

    def __init__(self, steps):
        self.left = steps

    def after_step(self, loss):
        self.left -= 1
        return None if self.left else Stop("interrupted by a test", resumable=True)
