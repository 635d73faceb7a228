import string
from dataclasses import replace

import pytest
from small import small_config

import mnist_study.training.identity as module
from mnist_study.data import MNIST, TASKS
from mnist_study.training import Config, load_config, parse_config
from mnist_study.training.config import DataSection, LoggingSection, TrainingSection
from mnist_study.training.identity import identity

SMALLEST = "name: a\nmodel: {kind: numpy_mlp}\ntraining: {epochs: 1, batch_size: 1, learning_rate: 1.0}\n"
# What a config says that says nothing: identities leave it out, so it must stay. New behaviour needs a new key.
DEFAULTS = {
    "": {
        "seed": 0,
        "data.normalisation": "standard",
        "data.train_size": None,
        "data.drawn": 0,
        "data.lettered": 0,
        "data.augmentation": None,
        "model.hidden": [256, 128],
        "model.dropout": 0.0,
        "training.optimizer": {"name": "adam", "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8},
        "training.schedule": {"name": "constant"},
        "training.early_stopping": None,
        "training.best": "validation_loss",
        "training.loss": "cross_entropy",
        "training.label_smoothing": 0.0,
        "training.l1": 0.0,
        "training.l2": 0.0,
        "training.ema": 0.0,
        "training.measure_every": 1,
        "training.device": "auto",
    },
    "training.optimizer=momentum": {"training.optimizer": {"name": "momentum", "momentum": 0.9, "nesterov": False}},
    "training.optimizer=adamw": {
        "training.optimizer": {"name": "adamw", "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01}
    },
    "training.schedule=step": {"training.schedule": {"name": "step", "factor": 0.1, "at": [0.5, 0.75]}},
    "training.schedule=exponential": {"training.schedule": {"name": "exponential", "end": 0.01}},
    "training.schedule=cosine": {"training.schedule": {"name": "cosine", "end": 0.0}},
    "training.schedule=one_cycle": {
        "training.schedule": {"name": "one_cycle", "warm_up": 0.3, "start": 1 / 25, "end": 1 / 250_000}
    },
    "training.early_stopping={}": {"training.early_stopping": {"patience": 5, "min_delta": 0.0}},
    "data.augmentation={}": {
        "data.augmentation": {
            **dict.fromkeys(["shift", "rotation", "scale", "stretch", "shear", "elastic", "stroke", "coarse"], 0.0),
            "prepared": False,
            "share": 1.0,
        }
    },
    "model={kind: jax_mlp}": {"model": {"kind": "jax_mlp", "hidden": [256, 128], "activation": "relu", "dropout": 0.0}},
    "model={kind: fully_connected}": {
        "model": {"kind": "fully_connected", "hidden": [256, 128], "dropout": 0.0, "batch_norm": False}
    },
    "model={kind: conv_net, batch_norm: false}": {
        "model": {
            "kind": "conv_net",
            "channels": [32, 64],
            "kernels": [3, 3],
            "padding": True,
            "batch_norm": False,
            "pool": 2,
            "pool_first": False,
            "hidden": [128],
            "dropout": 0.5,
        }
    },
}


def test_an_identity_is_of_what_is_learned_and_not_of_what_it_is_called_or_shown():
    config = small_config()
    assert len(identity(config)) == 12
    assert set(identity(config)) <= set(string.hexdigits.lower())
    assert identity(small_config("numpy_mlp", "name=other", "logging.progress=true")) == identity(config)


def test_trainings_that_differ_in_anything_have_identities_of_their_own():
    changes = ["seed=0", "seed=1", "training.epochs=5", "training.l2=1e-3", "data.augmentation=null"]
    changes += [f"training.optimizer={name}" for name in ("sgd", "momentum", "adamw")]  # adam is what fc has
    changes += [f"training.schedule={name}" for name in ("constant", "step", "exponential", "cosine")]
    changes += ["model={kind: numpy_mlp}", "model={kind: jax_mlp}", "model={kind: fully_connected}"]
    changes += ["data.augmentation={}", "training.early_stopping={}"]
    assert len({identity(small_config("numpy_mlp", change)) for change in changes}) == len(changes)


def test_another_teacher_of_the_same_name_makes_another_training(tmp_path):
    path = tmp_path / "own.safetensors"
    taught = small_config("fully_connected", f"training.teacher={{model: {path}}}")
    none = identity(taught)
    path.write_bytes(b"one")
    one = identity(taught)
    path.write_bytes(b"another")
    assert len({none, one, identity(taught), identity(small_config("fully_connected"))}) == 4
    by_name = {identity(small_config("fully_connected", f"training.teacher.model={name}")) for name in ("fc", "cnn")}
    assert len(by_name) == 2


def test_other_training_data_or_another_version_of_the_package_make_another_training(monkeypatch):
    before = identity(small_config())
    with monkeypatch.context() as other:
        other.setattr(module, "__version__", "0.0.0")
        assert identity(small_config()) != before
    checksums = {**MNIST.checksums, "train-labels-idx1-ubyte.gz": "0" * 64}
    monkeypatch.setitem(TASKS, "mnist", replace(MNIST, checksums=checksums))
    assert identity(small_config()) != before


@pytest.mark.parametrize("name", ["softmax", "mlp", "cnn_hand"])
def test_a_key_that_is_added_later_with_a_default_leaves_identities_as_they_are(name):
    class LaterTraining(TrainingSection):
        clip: float | None = None

    class LaterLogging(LoggingSection):
        colour: str = "blue"

    class LaterData(DataSection):
        mixed: bool = False

    class Later(Config):
        tool: str = "pen"
        data: LaterData = LaterData()
        training: LaterTraining
        logging: LaterLogging = LaterLogging()

    config = load_config(name)
    later = Later.model_validate_json(config.model_dump_json())
    assert "tool" in later.model_dump()
    assert identity(later) == identity(config)
    assert identity(later.model_copy(update={"tool": "brush"})) != identity(config)


@pytest.mark.parametrize("change", DEFAULTS)
def test_the_defaults_that_identities_leave_out_are_those_of_the_first_day(change):
    config = parse_config(SMALLEST, changes=[change] if change else []).model_dump(mode="json")
    for path, default in DEFAULTS[change].items():
        value = config
        for key in path.split("."):
            value = value[key]
        if isinstance(default, dict):
            value = {key: value[key] for key in default}  # others may have come since
        assert value == default, path
