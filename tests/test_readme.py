"""What the README says of the networks that ship is what their records say."""

import pytest

from mnist_study.analysis import MeanStd
from mnist_study.models import model_names, model_record


def row(name):
    """The line of the README's table on a shipped network."""
    record = model_record(name)
    spec = record["config"]["model"]
    shape = {
        "numpy_mlp": "{} by hand (NumPy)",
        "jax_mlp": "{} `jax.grad`",
        "fully_connected": "{} PyTorch",
        "conv_net": "{} PyTorch",
    }[spec["kind"]]
    if spec["kind"] == "conv_net":
        layers = f"{len(spec['channels'])} convolutions, {', '.join(map(str, spec['channels']))} maps;"
    else:
        layers = "-".join(map(str, (784, *spec["hidden"], 10))) + ";"
    five = MeanStd.of([1 - entry["test_errors"] / 10_000 for entry in record["seeds"]])
    size = f"{record['metrics']['parameters']:,}".replace(",", " ")
    return f"| `{name}` | {shape.format(layers)} | {size} | {five} |"


@pytest.mark.parametrize("name", model_names())
def test_the_readme_has_the_recorded_accuracies(root, name):
    assert row(name) in (root / "README.md").read_text().splitlines()
