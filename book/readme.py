"""The README's table of networks, from their configs and records; ``python book/readme.py`` writes it anew."""

import re
from pathlib import Path

from mnist_study.analysis import MeanStd
from mnist_study.models import load_model, model_names, model_record
from mnist_study.models.specs import Convolutional, EnsembleSpec
from mnist_study.training import recorded
from mnist_study.training.config_files import CONFIGS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
START, END = "<!-- networks: `make readme` writes this table from the records -->", "<!-- end of networks -->"
HEAD = """\
| `load_model` | chapter | network; gradients by | parameters | test accuracy of all its seeds |
|---|---|---|---|---|"""
TOGETHER = "# Chapter 15: networks that are made of others, which have no config"
ENGINES = {"numpy": "by hand (NumPy)", "jax": "`jax.grad`", "torch": "PyTorch"}


def table():
    """A line for each network that ships, weakest first."""
    return "\n".join([HEAD, *map(row, model_names())])


def row(name):
    """``| `fc` | [6](notebooks/06_fc.ipynb) | 784-256-128-10; PyTorch | 235 146 | 98.52 ± 0.06 % (5 seeds) |``"""
    record, network = model_record(name), load_model(name)
    layers, engine = described(network.spec, network.task), ENGINES[network.spec.engine]
    size, results = f"{record.metrics['parameters']:,}".replace(",", " "), recorded(name)
    reads = MeanStd.of([result.fraction for result in results]) if len(results) > 1 else results[0]
    return f"| `{name}` | {chapter(name)} | {layers}; {engine} | {size} | {reads} |"


def described(spec, task):
    """A network's layers in a few words."""
    if isinstance(spec, EnsembleSpec):
        return f"{len(spec.members)} networks together"
    if isinstance(spec, Convolutional):
        layers = f"{len(spec.channels)} convolutions, {', '.join(map(str, spec.channels))} maps"
        return layers + (", the same for both halves" if getattr(spec, "shared", False) else "")
    return "-".join(map(str, spec.sizes(task)))


def chapter(name):
    """A link to the chapter that a config names in its first line, if it names one."""
    path = CONFIGS / f"{name}.yaml"
    found = re.match(r"# Chapter (\d+):", path.read_text() if path.exists() else TOGETHER)
    if not found:
        return ""
    notebook = next((ROOT / "notebooks").glob(f"{found[1].zfill(2)}_*.ipynb"))
    return f"[{found[1]}]({notebook.relative_to(ROOT)})"


def rewritten(text):
    """The README with the table of today."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text()))
