import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import mnist_study as ms
from mnist_study.data import StudyError
from mnist_study.drawing.export import PAGE_MODELS, PageNetwork, describe, export_page


def read(path):
    """The JSON inside the script."""
    return json.loads(path.read_text().partition(" = ")[2].rstrip().removesuffix(";"))


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGE_MODELS)
def test_a_page_network_answers_as_its_model_does(mnist, name):
    model, some = ms.load_model(name), mnist.validation[:2000]
    page = PageNetwork(json.loads(json.dumps(describe(model))))
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
    page = PageNetwork(describe(network))
    assert page.logits(images) == pytest.approx(network.logits(images), abs=2e-3, rel=1e-3)


@pytest.mark.slow
def test_the_script_holds_every_network_its_accuracy_and_what_a_diagnosis_needs(tmp_path, mnist):
    told = export_page(tmp_path / "new", ["softmax", "cnn_fast"])
    script = tmp_path / "new" / "weights.js"
    page = read(script)
    assert [network["name"] for network in page["networks"]] == ["softmax", "cnn_fast"]
    for network, line in zip(page["networks"], told, strict=False):
        exported = PageNetwork(network)
        right = np.mean(exported.predict(mnist.test.images) == mnist.test.labels)
        assert network["exported"] == right
        assert f"{right:.2%}".replace("%", " %") in line
    assert set(page["reference"]) == set(page["measures"])
    assert script.stat().st_size < 1_000_000


def test_what_the_page_cannot_carry_is_refused_in_one_line(tmp_path):
    with pytest.raises(StudyError, match="cnn_hnad"):
        export_page(tmp_path, ["cnn_hnad"])
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="does not know a JAXNetwork"):
        export_page(tmp_path, ["mlp_jax"])
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
    found = PageNetwork(describe(SimpleNamespace(layers=layers, mean=33.0, std=78.0))).logits(images)
    assert found == pytest.approx(expected, abs=0.05)
