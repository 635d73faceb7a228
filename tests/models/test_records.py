import dataclasses

import pytest

from mnist_study.models import model_names, model_record
from mnist_study.models.records import ModelRecord, read_only, record_from
from mnist_study.training import sweep_names, sweep_record


def assert_frozen(record):
    for field in dataclasses.fields(record):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, field.name, None)
        assert_read_only(getattr(record, field.name))


def assert_read_only(value):
    if hasattr(value, "keys"):
        with pytest.raises(TypeError):
            value["new"] = 1
        for inner in value.values():
            assert_read_only(inner)
    assert not isinstance(value, list)
    if isinstance(value, tuple):
        for inner in value:
            assert_read_only(inner)


@pytest.mark.parametrize("name", model_names())
def test_the_record_of_a_model_cannot_be_changed(name):
    record = model_record(name)
    assert record.name == name
    assert_frozen(record)


@pytest.mark.parametrize("name", sweep_names())
def test_the_record_of_a_sweep_cannot_be_changed(name):
    sweep = sweep_record(name)
    assert_frozen(sweep)
    for run in sweep.runs:
        assert_frozen(run)


def test_what_is_read_only_is_equal_to_what_it_was_made_from_and_does_not_follow_it():
    content = {"a": {"b": 1}, "c": [1, {"d": [2]}]}
    frozen = read_only(content)
    assert frozen["a"] == {"b": 1}
    assert frozen["c"] == (1, {"d": (2,)})
    content["a"]["b"] = 9
    assert frozen["a"]["b"] == 1


def test_a_record_leaves_out_keys_of_a_later_day_and_misses_its_own():
    content = {field.name: field.name for field in dataclasses.fields(ModelRecord)}
    assert record_from(ModelRecord, {**content, "later": 1}).command == "command"
    del content["machine"]
    with pytest.raises(KeyError, match="machine"):
        record_from(ModelRecord, content)
