import pickle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_study.models.specs import JAXMLP, ConvNetSpec, FullyConnectedSpec, NumPyMLP
from mnist_study.training import Config, ConfigError, check_batches, config, dump_config, load_config, parse_config

SECTIONS = config.OPTIMIZER_SECTIONS | config.SCHEDULE_SECTIONS


@pytest.mark.parametrize("name", SECTIONS)
def test_the_section_of_every_rule_can_be_sent_to_another_process(name):
    chosen = SECTIONS[name]()
    assert pickle.loads(pickle.dumps(chosen)) == chosen
    assert len(pickle.dumps(SECTIONS[name])) < 100  # a reference, not the class itself


def test_what_a_rule_takes_is_dumped_in_the_order_of_the_files_of_yesterday():
    assert SECTIONS["adamw"]().model_dump_json() == (
        '{"name":"adamw","beta_1":0.9,"beta_2":0.999,"epsilon":1e-8,"weight_decay":0.01}'
    )
    assert SECTIONS["step"]().model_dump_json() == '{"name":"step","factor":0.1,"at":[0.5,0.75]}'


@pytest.mark.parametrize("size", [48_001, 10_000_000])
def test_the_schema_knows_no_number_of_digits_and_the_digits_that_are_there_decide(size):
    chosen = load_config("mlp", [f"data.train_size={size}", f"training.batch_size={size}"])
    check_batches(chosen, size)
    with pytest.raises(
        ConfigError, match=f"mlp: data.train_size: should be less than or equal to {size - 1}, .*{size}$"
    ):
        check_batches(chosen, size - 1)


@pytest.mark.parametrize(
    ("changes", "digits_count"),
    [
        (["training.batch_size=47999"], 48_000),
        (["training.batch_size=100"], 5_001),
        (["data.train_size=128", "data.drawn=1", "training.batch_size=64"], 48_000),
        (["data.train_size=1"], 48_000),
    ],
)
def test_a_last_batch_of_one_digit_is_refused_where_there_is_batch_norm(changes, digits_count):
    with_batch_norm = load_config("fc", ["model.batch_norm=true", *changes])
    with pytest.raises(ConfigError, match="^fc: batch norm needs two digits a batch: change training.batch_size"):
        check_batches(with_batch_norm, digits_count)
    check_batches(load_config("fc", [*changes, "model.batch_norm=false"]), digits_count)


def test_a_last_batch_of_two_digits_is_enough_for_batch_norm():
    check_batches(load_config("fc", ["model.batch_norm=true", "training.batch_size=100"]), 5_002)


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
    st.just(SECTIONS["sgd"]()),
    sections(SECTIONS["momentum"], momentum=RATE, nesterov=st.booleans()),
    sections(SECTIONS["adam"], beta_1=RATE, beta_2=RATE, epsilon=POSITIVE),
    sections(SECTIONS["adamw"], beta_1=RATE, beta_2=RATE, weight_decay=numbers(0, 10)),
)
SCHEDULES = st.one_of(
    st.just(SECTIONS["constant"]()),
    sections(
        SECTIONS["step"], factor=numbers(0, 1, exclude_min=True), at=st.lists(numbers(0, 1), max_size=4).map(tuple)
    ),
    sections(SECTIONS["exponential"], end=numbers(0, 1, exclude_min=True)),
    sections(SECTIONS["cosine"], end=numbers(0, 1)),
    sections(SECTIONS["one_cycle"], warm_up=numbers(0, 1, exclude_min=True, exclude_max=True), start=numbers(0, 1)),
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
    lettered=st.sampled_from([0, 12_000]),
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
