import os
from pathlib import Path

import pytest

from mnist_study.training import ConfigError, config_names, load_config, parse_config
from mnist_study.training.config import OPTIMIZER_SECTIONS

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
    assert read.training.optimizer == OPTIMIZER_SECTIONS["adamw"](weight_decay=0.01)
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


BROKEN = [
    ("", "is empty; a config has name, task, seed, model"),
    ("- 1\n- 2", "holds no keys (list)"),
    ("a: 1\na: 2", 'line 2: is not valid YAML (found duplicate key "a"'),
    ("a:\n\t- 1", "line 2: is not valid YAML (found character '\\t'"),
    ("a: !!python/object/apply:os.system [touch executed]", "uses the tag "),
    ("a: !mine {b: 1}", "uses the tag !mine; only plain values are read"),
    ("seed: !!int ''", "uses the tag "),
    ("seed: !!bool maybe", "uses the tag "),
    ("a: &b 1\nc: *b", "uses an alias (*b); write the value out"),
    ("a: b: c", "line 1: is not valid YAML (mapping values are not allowed here)"),
    ("[" * 10_000, "line 1: is nested more than 20 deep; no config is"),
    ("? [1, 2]\n: 3", "holds what no config can"),
    (GOOD.replace("mine", "!!binary aGk="), "uses the tag "),
    (GOOD.replace("model: {kind: conv_net, channels: [8, 16]}", ""), "model: is missing"),
    (GOOD.replace("  epochs: 3\n", ""), "training.epochs: is missing"),
    (b"\xff\xfe\x00", "is no text (byte 0 is not UTF-8)"),
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "is no text"),
    ("[" * 25_000 + "]" * 25_000, "line 1: is nested more than 20 deep"),
    ("{a: " * 10_000, "line 1: is nested more than 20 deep"),
    ("- " * 25_000, "line 1: is nested more than 20 deep"),
    ("a: [" + "[1]," * 12_000 + "]", "line 1: has more than 2,000 values; no config has"),
    ("#" * 200_000, "has 200,000 bytes, more than 50,000; is it the right file?"),
]


@pytest.mark.parametrize(("content", "message"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_one_line_and_nothing_in_it_is_executed(tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    assert message in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("source", ["/dev/zero", "link.yaml", "fifo"])
def test_a_device_or_a_pipe_is_refused_and_neither_read_nor_waited_for(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("fifo")
    Path("link.yaml").symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match=f"^{source}: is a device or a pipe, not a regular file"):
        load_config(source)


def test_a_config_that_is_not_there_is_named_with_a_near_match_and_so_is_a_folder(tmp_path):
    with pytest.raises(ConfigError, match="cnn_fats: cannot be read .*did you mean 'cnn_fast'.*configs by name: cnn"):
        load_config("cnn_fats")
    with pytest.raises(ConfigError, match="cannot be read .Is a directory"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config("a\0b")


def test_a_text_is_bounded_as_a_file_is():
    with pytest.raises(ConfigError, match="^config: has 60,000 characters, more than 50,000"):
        parse_config("#" * 60_000)
    with pytest.raises(ConfigError, match="^--set seed: has 60,000 characters, more than 50,000"):
        load_config("fc", ["seed=" + "1" * 60_000])
