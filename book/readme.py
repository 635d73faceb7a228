"""The README's table of networks, from their configs and records; ``python book/readme.py`` writes it anew."""

import re
from pathlib import Path

from mnist_study.analysis import MeanStd
from mnist_study.data import find_task
from mnist_study.models import model_names, model_record
from mnist_study.models.specs import Convolutional
from mnist_study.training import load_config, recorded
from mnist_study.training.config_files import CONFIGS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
START, END = "<!-- networks: `make readme` writes this table from the records -->", "<!-- end of networks -->"
HEAD = """\
| `load_model` | chapter | network; gradients by | parameters | test accuracy of all its seeds |
|---|---|---|---|---|"""
ENGINES = {"numpy": "by hand (NumPy)", "jax": "`jax.grad`", "torch": "PyTorch"}


def table():
    """A line for each network that ships, weakest first."""
    return "\n".join([HEAD, *map(row, model_names())])


def row(name):
    """``| `fc` | [6](notebooks/06_fc.ipynb) | 784-256-128-10; PyTorch | 235 146 | 98.52 ± 0.06 % (5 seeds) |``"""
    record, config = model_record(name), load_config(name)
    spec, task = config.model, find_task(config.task)
    if isinstance(spec, Convolutional):
        layers = f"{len(spec.channels)} convolutions, {', '.join(map(str, spec.channels))} maps"
        layers += ", the same for both halves" if getattr(spec, "shared", False) else ""
    else:
        layers = "-".join(map(str, spec.sizes(task)))
    size = f"{record.metrics['parameters']:,}".replace(",", " ")
    reads = MeanStd.of([result.fraction for result in recorded(name)])
    return f"| `{name}` | {chapter(name)} | {layers}; {ENGINES[spec.engine]} | {size} | {reads} |"


def chapter(name):
    """A link to the chapter that a config names in its first line, if it names one."""
    found = re.match(r"# Chapter (\d+):", (CONFIGS / f"{name}.yaml").read_text())
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
