import json

import pytest

from mnist_study.training import ConfigError, load_config, parse_config

GOOD = """
name: mine
model: {kind: conv_net, channels: [8, 16]}
training:
  epochs: 3
  batch_size: 64
  learning_rate: 1e-3
  optimizer: adamw
  schedule: {name: step, at: [0.5]}
"""


BAD = [
    # a change of the good config, and what the line must say
    ("training.epohcs=3", "training.epohcs: unknown key; did you mean 'epochs'?"),
    ("training.batchsize=3", "training.batchsize: unknown key; did you mean 'batch_size'?"),
    ("training.optimizer.beta1=0.9", "training.optimizer.beta1: unknown key; did you mean 'beta_1'?"),
    ("model.chanels=[1]", "model.chanels: unknown key; did you mean 'channels'?"),
    ("modl=3", "modl: unknown key; did you mean 'model'?"),
    ("data.augmentation.rotatoin=4.0", "data.augmentation.rotatoin: unknown key; did you mean 'rotation'?"),
    ("training.zzz=4", "training.zzz: unknown key; known are epochs, batch_size"),
    (
        "model.kind=convnet",
        "model: must be one of numpy_mlp, numpy_conv_net, jax_mlp, fully_connected, conv_net; did you mean 'conv_net'?",
    ),
    ("training.optimizer=adm", "training.optimizer: must be one of sgd, momentum, adam, adamw; did you mean 'adam'?"),
    ("training.schedule=onecycle", "did you mean 'one_cycle'?"),
    ("training.best=validation_los", "not 'validation_los'; did you mean 'validation_loss'?"),
    ("training.optimizer={beta_1: 0.9}", "training.optimizer: is missing its key 'name'"),
    ("training.epochs=true", "training.epochs: should be a valid integer, not True"),
    ("training.epochs=1.5", "training.epochs: should be a valid integer, not 1.5"),
    ("training.epochs=-1", "training.epochs: should be greater than or equal to 1, not -1"),
    ("training.epochs='5'", "training.epochs: should be a valid integer, not '5'"),
    ("training.epochs=null", "training.epochs: should be a valid integer, not None"),
    ("training.learning_rate=.nan", "training.learning_rate: should be a finite number, not nan"),
    ("training.learning_rate=.inf", "training.learning_rate: should be a finite number, not inf"),
    ("training.learning_rate=0", "training.learning_rate: should be greater than 0, not 0"),
    ("training.learning_rate=2001-01-01", "training.learning_rate: should be a valid number, not 'date 2001-01-01'"),
    ("training.label_smoothing=1.0", "training.label_smoothing: should be less than 1, not 1"),
    ("training.early_stopping=5", "training.early_stopping: should be a mapping, not 5"),
    ("training=[1]", "training: should be a mapping"),
    ("model.channels=[1,-2]", "model.channels.1: should be greater than or equal to 1, not -2"),
    ("model.channels=5", "model.channels: should be a list, not 5"),
    ("model.kernels=[3]", "model: kernels has 1 entries, channels 2"),
    ("model.pool=[2]", "model: pool has 1 entries, channels 2"),
    ("model.pool=[2, 0]", "model.pool.1: should be greater than or equal to 1, not 0"),
    ("data.drawn=-1", "data.drawn: should be greater than or equal to 0, not -1"),
    ("data.lettered=x", "data.lettered: should be a valid integer, not 'x'"),
    ("data.augmentation={share: 2}", "data.augmentation.share: should be less than or equal to 1, not 2"),
    ("model.pool=8", "model: no pixel is left of the maps after kernel 3 and pool 8"),
    ("training.batch_size=1", "batch norm needs two digits a batch"),
    ("training.optimizer={name: momentum, momentum: 2}", "training.optimizer.momentum: should be less than 1, not 2"),
    (
        "training.optimizer={name: momentum, nesterov: 3}",
        "training.optimizer.nesterov: should be a valid boolean, not 3",
    ),
    (
        "training.optimizer={name: momentum, momentum: 0.9, nesterov: 3}",
        "training.optimizer.nesterov: should be a valid boolean, not 3",
    ),
    ("training.optimizer=3", "training.optimizer: should be a mapping, not 3"),
    ("training.schedule={name: step, at: [2]}", "training.schedule.at.0: should be less than or equal to 1, not 2"),
    ("data.train_size=10000001", "data.train_size: should be less than or equal to 10000000, not 10000001"),
    ("model.channels=[]", "model.channels: should have 1 entries at least, not 0"),
    ("model.hidden=[1,1,1,1,1,1,1,1,1]", "model.hidden: should have 8 entries at most, not 9"),
    ('name="\\ud800"', "holds what no config can"),
    ("model.hidden=[4096, 4096, 4096, 4096]", "hidden layers of 53,583,872 weights are more than 50,000,000"),
    ("logging.tensorboard=no", "logging.tensorboard: should be a valid boolean, not 'no'"),
    ("seed=-1", "seed: should be greater than or equal to 0, not -1"),
    ("name=../x", "name: String should match pattern"),
    ("training.epochs", "--set training.epochs: write it as key=value"),
    ("training.epochs=[", "--set training.epochs: line 1: is not valid YAML"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[change for change, _ in BAD])
def test_a_bad_change_is_one_line_with_key_path_and_near_match(tmp_path, change, message):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    with pytest.raises(ConfigError) as refused:
        load_config(path, [change])
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "mine.yaml: " in str(refused.value) or str(refused.value).startswith("--set ")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["training.device=cuda"], "mlp.yaml: config: training.device chooses for PyTorch"),
        (["model={kind: conv_net}", "training.batch_size=1"], "config: batch norm needs two digits a batch"),
        (
            ["data.redraw=true"],
            "data.redraw: the images of mnist are not made of others', those of two_digit",
        ),
        (["task=two_digit", "data.redraw=true", "data.train_size=9"], "config: data.redraw: draws from all training"),
        (["model={kind: conv_net, shared: true}"], "shared: the images of mnist are not made of parts"),
        (
            ["task=two_digit_loose", "data.augmentation={prepared: true}"],
            "prepared: makes images as mnist",
        ),
        (["training.label_smoothing=0.1", "training.loss=mean_squared_error"], "training: label_smoothing needs loss"),
    ],
)
def test_what_is_wrong_with_the_config_as_a_whole_is_one_line_too(changes, message):
    with pytest.raises(ConfigError, match=message):
        load_config("mlp", changes)


KEYS = [
    "name",
    "model",
    "model.channels",
    "model.pool",
    "model.padding",
    "data.train_size",
    "data.augmentation",
    "training.learning_rate",
    "training.optimizer",
    "training.optimizer.beta_1",
    "training.schedule.at",
    "training.best",
    "logging",
]


@pytest.mark.parametrize(
    "value", [-1, 1.5, 10**30, float("nan"), "x", True, None, [], [[]], [-1], [9] * 9, {}, {"x": 1}]
)
def test_every_line_is_in_the_words_of_the_study_and_not_of_its_validator(value):
    for key in KEYS:
        line = refusal(GOOD, f"{key}={json.dumps(value).replace('NaN', '.nan')}")
        assert line is None or line.startswith("config: " + key.split(".")[0])
        assert not {"Input", "Tuple", "List", "Value", "dictionary", "object", "instance"} & set((line or "").split())


def refusal(text, change):
    """The line with which a change is refused, None where it is not."""
    try:
        parse_config(text, changes=[change])
    except ConfigError as error:
        return str(error)


@pytest.mark.parametrize(
    ("line", "quoted"),
    [
        (r'"\e[2Jgone": 1', r"'\x1b[2Jgone': unknown key"),
        ("k" * 1000 + ": 1", "k" * 80 + "…: unknown key"),
        ("seed: " + "x" * 1000, "seed: should be a valid integer, not '" + "x" * 79 + "…"),
    ],
)
def test_what_a_line_quotes_is_neither_endless_nor_does_it_move_the_cursor(line, quoted):
    with pytest.raises(ConfigError) as refused:
        parse_config(GOOD + line)
    assert str(refused.value).startswith(f"config: {quoted}")
    assert len(str(refused.value)) < 200
