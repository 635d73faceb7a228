import json
import re
import zlib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import mnist_study as ms
from mnist_study.analysis.diagnosis import Measure
from mnist_study.data import MNIST, TWO_DIGIT, StudyError, Task, together
from mnist_study.drawing import words
from mnist_study.drawing.export import SCRIPTS, compared, decode, encode, export_page, page_of, shared
from mnist_study.drawing.page_network import describe, page_network
from mnist_study.drawing.tasks import MODELS, on_one_pad
from mnist_study.images.preparation import STAGES, stages
from mnist_study.models import BatchNorm, Convolution, PartByPart, build, load_model
from mnist_study.models.specs import NumPyConvNet
from mnist_study.models.torch_networks import Together
from mnist_study.training.config_files import load_config


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS[1])
def test_a_page_network_answers_as_its_model_does(mnist, name):
    model, some = ms.load_model(name), mnist.validation[:2000]
    page = page_network(json.loads(json.dumps(describe(model))))
    probabilities = [network.predict_proba(some.images) for network in (model, page)]
    assert np.abs(probabilities[0] - probabilities[1]).mean() < 2e-3
    assert np.mean(probabilities[0].argmax(axis=1) == probabilities[1].argmax(axis=1)) > 0.998


@pytest.mark.parametrize("pool_first", [True, False])
@pytest.mark.parametrize("sign", [1, -1])
def test_folding_batch_norm_changes_nothing_even_where_its_factor_is_negative(mnist, pool_first, sign):
    """Weights that eight bits hold exactly show that what is left is rounding."""
    from mnist_study.models.torch_networks import ConvNet

    network = ConvNet((3, 4), (5, 3), pool=(2, 1), pool_first=pool_first, hidden=(6,), seed=1, mean=33.0, std=78.0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in network.layers:
            if isinstance(layer, nn.BatchNorm2d):
                layer.weight.copy_(sign * (0.5 + torch.rand(layer.weight.shape, generator=generator)))
                layer.bias.copy_(torch.randn(layer.bias.shape, generator=generator))
                layer.running_mean.copy_(torch.randn(layer.bias.shape, generator=generator))
                layer.running_var.copy_(0.5 + torch.rand(layer.bias.shape, generator=generator))
            elif hasattr(layer, "weight"):
                flat = layer.weight.reshape(len(layer.weight), -1)
                whole = torch.randint(-127, 128, flat.shape, generator=generator).float()
                whole[:, 0] = 127
                layer.weight.copy_((whole / 1000).reshape(layer.weight.shape))
    images = mnist.validation.images[:50]
    page = page_network(describe(network))
    assert page.logits(images) == pytest.approx(network.logits(images), abs=2e-3, rel=1e-3)


@pytest.mark.parametrize("pool_first", [True, False])
def test_the_networks_from_scratch_are_exported_as_their_twins_in_pytorch_are(mnist, pool_first):
    options = {"channels": (3, 4), "kernels": (5, 3), "pool": (2, 1), "pool_first": pool_first, "hidden": (6,)}
    network = build(NumPyConvNet(**options), 1, 33.0, 78.0)
    rng = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, BatchNorm):
            layer.scale[:], layer.running_variance[:] = rng.uniform(0.5, 1.5, (2, layer.units))
            layer.shift[:], layer.running_mean[:] = rng.normal(size=(2, layer.units))
        elif layer.parameters:
            whole = rng.integers(-127, 128, layer.weight.shape)
            whole.reshape(-1, whole.shape[-1])[0] = 127  # what eight bits hold exactly
            layer.weight[:] = whole / 1000
    images = mnist.validation.images[:50]
    page = page_network(json.loads(json.dumps(describe(network))))
    assert page.logits(images) == pytest.approx(network.logits(images), abs=2e-3, rel=1e-3)
    with pytest.raises(StudyError, match="square kernel and a stride of 1"):
        describe(SimpleNamespace(layers=[Convolution(1, 1, 3, stride=2)], mean=0, std=1))


@pytest.mark.slow
def test_the_script_holds_every_network_its_accuracy_and_what_a_diagnosis_needs(tmp_path, mnist):
    lines = export_page(tmp_path / "new", ["softmax", "cnn_fast"])
    script = tmp_path / "new" / "weights.js"
    page = decode(script.read_bytes())
    assert page["tested"] == len(mnist.test)
    assert [network["name"] for network in page["networks"]] == ["softmax", "cnn_fast"]
    for network, line in zip(page["networks"], lines, strict=False):
        exported = page_network(network)
        errors = np.sum(exported.predict(mnist.test.images) != mnist.test.labels)
        assert network["exported_errors"] == errors
        assert f"({errors} of 10 000 wrong) with weights of eight bits" in line
    assert set(page["reference"]) == set(page["measures"])
    assert script.stat().st_size < 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two_digit_mlp", "two_digit_cnn", "two_digit_shared"])
def test_networks_of_two_digits_are_carried_whole_and_those_of_one_by_name(name):
    """Untrained: what is told apart here is not what they read, but how they are written down."""
    network = build(load_config(name).model, 1, 33.0, 78.0, task=TWO_DIGIT)
    some = replace(TWO_DIGIT, load=lambda: SimpleNamespace(train=pairs, test=pairs))
    pairs = TWO_DIGIT.load().validation[:200]
    readers = {name: network, "mlp": PartByPart(load_model("mlp")), "cnn_fast": PartByPart(load_model("cnn_fast"))}
    page = json.loads(json.dumps(page_of(some, readers, dict.fromkeys(readers, 1))))
    own, lent, whole = page["networks"]
    assert (own.get("parts"), lent["parts"], whole["parts"]) == (2 if name == "two_digit_shared" else None, 2, 2)
    assert (lent["from"], "layers" in lent, "from" in whole) == (SCRIPTS[1], False, False)
    for description, reader in ((own, network), (whole, readers["cnn_fast"])):
        exported = page_network(description)
        assert exported.logits(pairs.images) == pytest.approx(reader.logits(pairs.images), abs=0.1)
        assert description["exported_errors"] == np.sum(exported.predict(pairs.images) != pairs.labels)
    assert lent["errors"] == np.sum(readers["mlp"].predict(pairs.images) != pairs.labels)
    assert page["tested"] == 200


def test_the_pad_of_two_digits_knows_its_places_boxes_and_preparations():
    page = shared(TWO_DIGIT)
    assert (page["image"], page["digit"]) == (
        {"shape": (28, 56), "box": (20, 48)},
        {"shape": (28, 28), "box": (20, 20)},
    )
    assert page["places"] == {"tens": tuple("0123456789"), "ones": tuple("0123456789")}
    assert (tuple(page["stages"]), page["stage"]) == (stages(2), "apart")
    assert set(page["reference"]) == set(page["measures"])


def test_the_pads_script_asks_for_the_files_that_are_written(root):
    source = (root / "book" / "_static" / "pad" / "pad.js").read_text()
    names = dict(re.findall(r'(\d): "(\w+\.js)"', source))
    assert {int(digits): name for digits, name in names.items()} == SCRIPTS


def test_the_script_carries_its_own_length_and_checksum():
    sealed = json.loads(encode({"a": "β", "b": [1, 2]}).decode().partition(" = ")[2].rstrip().removesuffix(";"))
    assert json.loads(sealed["content"]) == {"a": "β", "b": [1, 2]}
    assert sealed["length"] == len(sealed["content"].encode())
    assert sealed["crc32"] == zlib.crc32(sealed["content"].encode())
    assert zlib.crc32(b"123456789") == 0xCBF43926  # the CRC-32 of IEEE 802.3, which reader.js computes as well


def test_every_stage_of_rasterise_has_its_sentence_and_the_page_has_the_same():
    assert tuple(words.PREPARATIONS) == STAGES
    assert shared()["stages"] == words.PREPARATIONS


def test_the_page_finds_every_percentile_in_the_words_of_python():
    table = compared()
    assert [upto for upto, _ in table] == sorted(upto for upto, _ in table)
    assert (table[0][1], table[-1]) == ("less than all of them", (100, "more than all of them"))
    for percentile in (0, 0.3, 1.4, 2.5, 49.9, 50, 98.5, 99.1, 100):
        found = next(text for upto, text in table if percentile <= upto)
        nearest = min(range(803), key=lambda place: abs(place * 50 / 401 - percentile)) * 50 / 401
        if nearest >= percentile:
            assert found.replace("\u202f", " ") == Measure("", 0, "", nearest).compared


def test_shape_and_class_names_of_the_page_are_the_tasks(monkeypatch):
    letters = Task("letters", (30, 20), ("A", "B", "C"), MNIST.load)
    page = shared(letters)
    assert (page["image"]["shape"], page["classes"]) == ((30, 20), ("A", "B", "C"))
    assert page["invitation"] == "Draw a digit, A to C."


def test_networks_of_different_tasks_or_of_another_shape_do_not_share_a_pad():
    letters = SimpleNamespace(task=Task("letters", MNIST.shape, ("A", "B"), MNIST.load))
    wide = SimpleNamespace(task=Task("pairs", (28, 84), ("00", "01"), MNIST.load))
    assert on_one_pad({"mine": object(), "mlp": SimpleNamespace(task=MNIST)})[0] == MNIST
    assert on_one_pad({"abc": letters}) == (letters.task, {"abc": letters})
    with pytest.raises(StudyError, match="abc reads letters, mlp reads mnist; choose networks of one task"):
        on_one_pad({"mlp": SimpleNamespace(task=MNIST), "abc": letters})
    with pytest.raises(StudyError, match="two reads images of 28 × 84 pixels, a drawing has 28 × 56; choose another"):
        on_one_pad({"two": wide})


def test_beside_a_network_of_two_digits_one_of_a_single_digit_reads_one_after_the_other():
    pair, single = SimpleNamespace(task=TWO_DIGIT), load_model("softmax")
    task, readers = on_one_pad({"single": single, "pair": pair})
    assert (task, list(readers), readers["pair"]) == (TWO_DIGIT, ["single", "pair"], pair)
    test = MNIST.load().test
    images = together(test.images[:40], 2)
    digits = single.predict(test.images[:40]).reshape(20, 2)
    assert np.array_equal(readers["single"].predict(images), digits @ [10, 1])


def test_what_the_page_cannot_carry_is_refused_in_one_line(tmp_path):
    with pytest.raises(StudyError, match="cnn_hnad"):
        export_page(tmp_path, ["cnn_hnad"])
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="does not know a JAXNetwork"):
        export_page(tmp_path, ["mlp_jax"])
    with pytest.raises(StudyError, match="does not know the layer Together"):
        describe(SimpleNamespace(layers=[Together(2)], mean=0, std=1))
    with pytest.raises(StudyError, match="stride"):
        describe(SimpleNamespace(layers=[nn.Conv2d(1, 1, 3, stride=2)], mean=0, std=1))
    with pytest.raises(StudyError, match="cannot be written"):
        export_page(tmp_path / "file", ["softmax"])

    with pytest.raises(StudyError, match="does not know the layer object"):
        describe(SimpleNamespace(layers=[object()], mean=0, std=1))


def test_batch_norm_behind_a_relu_is_not_folded(mnist):
    norm = nn.BatchNorm2d(2)
    norm.running_mean += 0.5
    layers = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), norm, nn.Flatten(), nn.Linear(2 * 26 * 26, 10)).eval()
    images = mnist.validation.images[:20]
    with torch.no_grad():
        expected = layers((torch.tensor(images).float()[:, None] - 33) / 78).numpy()
    found = page_network(describe(SimpleNamespace(layers=layers, mean=33.0, std=78.0))).logits(images)
    assert found == pytest.approx(expected, abs=0.05)
