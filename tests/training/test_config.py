import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_study.models.specs import JAXMLP, ConvNetSpec, FullyConnectedSpec, NumPyMLP
from mnist_study.training import Config, ConfigError, config, config_names, dump_config, load_config, parse_config

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


def test_a_config_is_read_as_it_is_written():
    read = parse_config(GOOD)
    assert read.model.channels == (8, 16)
    assert read.training.learning_rate == 0.001  # YAML 1.1 would have read text
    assert read.training.optimizer == config.AdamW(weight_decay=0.01)
    assert read.training.schedule.at == (0.5,)
    assert read.seed == 0
    with pytest.raises(ValueError, match="frozen"):
        read.seed = 1


def test_yaml_1_2_takes_no_for_a_word():
    assert parse_config(GOOD.replace("mine", "no")).name == "no"


@pytest.mark.parametrize("name", config_names())
def test_every_config_of_the_package_is_good_and_has_its_own_name(name):
    assert load_config(name).name == name


def test_keys_are_set_on_top_of_a_file_however_deep(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    changes = ["seed=123", "training.epochs=5", "training.optimizer.beta_1=0.5", "data.augmentation.shift=2.0"]
    read = load_config(path, [*changes, "training.schedule=one_cycle", "training.early_stopping.patience=3"])
    assert (read.seed, read.training.epochs, read.training.optimizer.beta_1) == (123, 5, 0.5)
    assert read.data.augmentation.shift == 2
    assert read.training.schedule.name == "one_cycle"
    assert read.training.early_stopping.patience == 3


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
        "model: must be one of numpy_mlp, jax_mlp, fully_connected, conv_net; did you mean 'conv_net'?",
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
    ("data.augmentation={share: 2}", "data.augmentation.share: should be less than or equal to 1, not 2"),
    ("model.pool=8", "model: no pixel is left of the maps after kernel 3 and pool 8"),
    ("training.batch_size=1", "batch norm needs two digits a batch"),
    ("training.batch_size=47999", "batch norm needs two digits a batch"),
    ("model.hidden=[4096, 4096, 4096, 4096]", "hidden layers of 53,583,872 weights are more than 50,000,000"),
    ("logging.tensorboard=no", "logging.tensorboard: should be a valid boolean, not 'no'"),
    ("seed=-1", "seed: should be greater than or equal to 0, not -1"),
    ("name=../x", "name: String should match pattern"),
    ("training.epochs", "--set training.epochs: write it as key=value"),
    ("training.epochs=[", "--set training.epochs: line 1: is not valid YAML"),
]
BROKEN = [
    ("", "is empty; a config has name, seed, model"),
    ("- 1\n- 2", "holds no keys (list)"),
    ("a: 1\na: 2", 'line 2: is not valid YAML (found duplicate key "a"'),
    ("a:\n\t- 1", "line 2: is not valid YAML (found character '\\t'"),
    ("a: !!python/object/apply:os.system [touch executed]", "uses the tag "),
    ("a: !mine {b: 1}", "uses the tag !mine; only plain values are read"),
    ("seed: !!int ''", "uses the tag "),
    ("seed: !!bool maybe", "uses the tag "),
    ("a: &b 1\nc: *b", "uses an alias (*b); write the value out"),
    ("a: b: c", "line 1: is not valid YAML (mapping values are not allowed here)"),
    ("[" * 5000, "is not valid YAML"),
    ("? [1, 2]\n: 3", "holds what no config can"),
    (GOOD.replace("mine", "!!binary aGk="), "uses the tag "),
    (GOOD.replace("model: {kind: conv_net, channels: [8, 16]}", ""), "model: is missing"),
    (GOOD.replace("  epochs: 3\n", ""), "training.epochs: is missing"),
    (b"\xff\xfe\x00", "is no text (byte 0 is not UTF-8)"),
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "is no text"),
    ("#" * 200_000, "has 200,000 bytes, more than any config"),
]


@pytest.mark.parametrize(("change", "told"), BAD, ids=[change for change, _ in BAD])
def test_a_bad_change_is_one_line_with_key_path_and_near_match(tmp_path, change, told):
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD)
    with pytest.raises(ConfigError) as refused:
        load_config(path, [change])
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "mine.yaml: " in str(refused.value) or str(refused.value).startswith("--set ")


@pytest.mark.slow
@pytest.mark.parametrize(("content", "told"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_one_line_and_nothing_in_it_is_executed(tmp_path, monkeypatch, content, told):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert told in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "executed").exists()


def test_there_are_at_least_forty_of_them():
    assert len(BAD) + len(BROKEN) >= 40


def test_a_config_that_is_not_there_is_told_with_a_near_match_and_so_is_a_folder(tmp_path):
    with pytest.raises(ConfigError, match="cnn_fats: cannot be read .*did you mean 'cnn_fast'.*configs by name: cnn"):
        load_config("cnn_fats")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config("a\0b")


def sections(kind, **fields):
    return st.builds(kind, **fields)


def numbers(low, high, **options):
    return st.floats(low, high, allow_nan=False, **options)


HIDDEN = st.lists(st.integers(1, 1000), max_size=4).map(tuple)
RATE = numbers(0, 1, exclude_max=True)
POSITIVE = numbers(0, 1e6, exclude_min=True)
SMALL = st.lists(st.integers(1, 100), max_size=3).map(tuple)
MODELS = st.one_of(
    sections(NumPyMLP, hidden=HIDDEN, dropout=RATE),
    sections(JAXMLP, hidden=HIDDEN, dropout=RATE, activation=st.sampled_from(["relu", "tanh", "gelu"])),
    sections(FullyConnectedSpec, hidden=HIDDEN, dropout=RATE, batch_norm=st.booleans()),
    sections(ConvNetSpec, hidden=SMALL, dropout=RATE, batch_norm=st.booleans(), pool=st.integers(1, 3)),
)
OPTIMIZERS = st.one_of(
    st.just(config.SGD()),
    sections(config.Momentum, momentum=RATE, nesterov=st.booleans()),
    sections(config.Adam, beta_1=RATE, beta_2=RATE, epsilon=POSITIVE),
    sections(config.AdamW, beta_1=RATE, beta_2=RATE, weight_decay=numbers(0, 10)),
)
SCHEDULES = st.one_of(
    st.just(config.Constant()),
    sections(config.Step, factor=numbers(0, 1, exclude_min=True), at=st.lists(numbers(0, 1), max_size=4).map(tuple)),
    sections(config.Exponential, end=numbers(0, 1, exclude_min=True)),
    sections(config.Cosine, end=numbers(0, 1)),
    sections(config.OneCycle, warm_up=numbers(0, 1, exclude_min=True, exclude_max=True), start=numbers(0, 1)),
)
TRAINING = sections(
    config.TrainingSection,
    epochs=st.integers(1, 1000),
    batch_size=st.sampled_from([2, 64, 128, 48_000]),
    learning_rate=POSITIVE,
    optimizer=OPTIMIZERS,
    schedule=SCHEDULES,
    early_stopping=st.none() | sections(config.EarlyStop, patience=st.integers(1, 99), min_delta=numbers(0, 1)),
    label_smoothing=RATE,
    ema=RATE,
    l1=numbers(0, 1),
    best=st.sampled_from(["validation_loss", "validation_accuracy", "last"]),
)
DATA = sections(
    config.DataSection,
    normalisation=st.sampled_from(["standard", "unit"]),
    train_size=st.none() | st.integers(1, 24_000).map(lambda half: 2 * half),
    drawn=st.sampled_from([0, 16_000]),
    augmentation=st.none()
    | sections(config.Augmentation, shift=numbers(0, 14), stretch=numbers(0, 4), prepared=st.booleans()),
)
CONFIGS = sections(
    Config,
    name=st.from_regex(config.NAME.replace("$", r"\Z"), fullmatch=True)
    | st.sampled_from(["no", "null", "True", "nan"]),
    seed=st.integers(0, 2**32 - 1),
    model=MODELS,
    data=DATA,
    training=TRAINING,
)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(CONFIGS)
def test_what_is_dumped_is_read_back_equal(generated):
    assert parse_config(dump_config(generated)) == generated


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["training.device=cuda"], "mlp.yaml: config: training.device chooses for PyTorch"),
        (
            ["model={kind: conv_net}", "data.train_size=128", "data.drawn=1"],
            "config: batch norm needs two digits a batch",
        ),
    ],
)
def test_what_is_wrong_with_the_config_as_a_whole_is_one_line_too(changes, told):
    with pytest.raises(ConfigError, match=told):
        load_config("mlp", changes)
