"""The search for wrong training labels: nobody judges what it has seen, and the record is of these data."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from mnist_study.data import Digits, StudyError
from mnist_study.training import doubts, doubts_record, dump_config, load_config, out_of_fold, search_doubts


@pytest.mark.slow
def test_a_digit_is_judged_by_a_network_that_has_not_seen_it():
    """Noise with random labels can only be known by heart: whoever has seen a label reads it, others guess."""
    rng = np.random.default_rng(0)
    noise = Digits(rng.integers(0, 256, (400, 28, 28), np.uint8), np.repeat(np.arange(10), 40))
    config = load_config("fc", ["training.epochs=12", "model.dropout=0", "logging.progress=false"])
    probabilities = out_of_fold(config, noise, 4)
    assert probabilities.shape == (400, 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert np.mean(probabilities.argmax(axis=1) == noise.labels) < 0.2
    same = Digits(np.concatenate([noise.images] * 3), np.concatenate([noise.labels] * 3))  # folds overlap
    assert np.mean(out_of_fold(config, same, 3).argmax(axis=1) == same.labels) > 0.4


def test_the_record_is_of_the_training_digits_that_are_here(mnist):
    record = doubts_record()
    index, label, guess, for_label, for_guess = map(np.array, zip(*record.doubts, strict=True))
    assert np.array_equal(mnist.train.labels[index], label)
    assert len(set(index)) == len(index) == doubts.KEPT
    assert (guess != label).all()
    margins = for_label - for_guess
    assert (np.diff(margins) >= -2e-4).all()  # they are rounded
    assert record.digits == len(mnist.train)
    counts = np.bincount(mnist.train.labels)
    assert (np.sum(record.joint, axis=1) <= counts).all()
    assert 0 < record.suspected < record.errors
    assert (margins[: record.suspected] < 0).all()
    assert (margins < 0).sum() <= record.errors
    assert record.command.split()[:2] == ["mnist-study", "doubts"]


def test_a_search_writes_its_record_and_finds_what_was_moved(tmp_path, monkeypatch, mnist):
    """The search on 600 digits of which six labels were moved: the record has them, on lines of their own."""
    train = mnist.train[:600]
    labels = train.labels.copy()
    labels[:6] = (labels[:6] + 1) % 10

    class Splits:
        train = Digits(mnist.train.images[:600], labels)

    task = dataclasses.replace(doubts.find_task("mnist"), load=Splits)
    monkeypatch.setattr(doubts, "RECORD", tmp_path / "new" / "train.json")
    monkeypatch.setattr(doubts, "find_task", lambda name: task)
    monkeypatch.setattr(
        doubts, "load_config", lambda _, changes: load_config("cnn_fast", ["training.epochs=6", *changes])
    )
    found = search_doubts("cnn_fast", folds=3, changes=["seed=1"])
    assert found.command == "mnist-study doubts cnn_fast --folds 3 --set seed=1"
    assert not (tmp_path / "new").exists()
    record = search_doubts("cnn_fast", folds=3, changes=["seed=1"], record=True)
    assert record.command == f"{found.command} --record"
    assert record.doubts == found.doubts
    assert record == doubts_record()
    assert record.config["seed"] == 1
    assert {row[0] for row in record.doubts[:60]} >= {0, 1, 2, 3, 4, 5}
    lines = (tmp_path / "new" / "train.json").read_text().splitlines()
    assert sum(line.startswith("  [") for line in lines) == 10 + doubts.KEPT
    json.loads("\n".join(lines))


def test_a_record_names_the_gpu_that_its_networks_were_trained_on(monkeypatch):
    monkeypatch.setattr(
        doubts, "out_of_fold", lambda config, digits, folds: np.eye(10, dtype=np.float32)[digits.labels]
    )
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"what {device} is")
    assert search_doubts("cnn_fast", 2, ["data.train_size=300"]).machine["gpu"] == "what cuda is"
    assert search_doubts("mlp", 2, ["data.train_size=300"]).machine["gpu"] is None


@pytest.mark.parametrize("folds", [1, 10_000])
def test_too_few_and_too_many_folds_are_refused_in_one_line(folds):
    with pytest.raises(StudyError, match=f"^{folds} folds: at least 2 are needed, .* at most 4,337, the digits"):
        search_doubts("cnn_fast", folds)


def test_only_a_search_of_the_packages_own_among_all_digits_is_recorded(tmp_path):
    own = tmp_path / "cnn_fast.yaml"
    own.write_text(dump_config(load_config("cnn_fast")))
    for name, changes in ((str(own), []), ("cnn_fast", ["data.train_size=500"]), ("two_digit_mlp", [])):
        with pytest.raises(StudyError, match="^--record: keeps a search among all of MNIST"):
            search_doubts(name, changes=changes, record=True)


def test_as_many_digits_are_judged_as_the_config_takes_and_what_goes_wrong_is_one_line():
    few = ["data.train_size=300", "training.batch_size=50", "training.epochs=1"]
    assert search_doubts("cnn_fast", 2, few).digits == 300
    with pytest.raises(StudyError, match="^cnn_fast: .*loss"):
        search_doubts("cnn_fast", 2, [*few, "training.learning_rate=1e30"])
    with pytest.raises(StudyError, match="batch norm"):
        search_doubts("cnn_fast", 2, ["data.train_size=300", "training.batch_size=149"])


def test_a_missing_record_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(doubts, "RECORD", tmp_path / "none.json")
    with pytest.raises(StudyError, match="make it with: mnist-study doubts"):
        doubts_record()
