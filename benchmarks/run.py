"""Run benchmarks, one after another, and write what each prints where the book's page "How good is it" takes it from.

    .venv/bin/python benchmarks/run.py [NAME …]      (default: all of them)

Each of the scripts prints Markdown; ``results/NAME.md`` is that, under a line that says when, with what and on which
machine it was measured. A script that fails ends the run, and what it has measured before stays as it was.
"""

import datetime
import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

from mnist_study.training.machine import machine

HERE = Path(__file__).parent
RESULTS = HERE / "results"
LIBRARIES = ("numpy", "torch", "jax")


def names():
    return sorted(path.stem for path in HERE.glob("*.py") if path.stem != "run")


def measure(name):
    """What a benchmark prints, under a line about the circumstances."""
    ran = subprocess.run([sys.executable, str(HERE / f"{name}.py")], stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        sys.exit(f"benchmarks/run.py: {name} failed (exit status {ran.returncode}); results/{name}.md is as it was")
    versions = ", ".join(f"{library} {importlib.metadata.version(library)}" for library in LIBRARIES)
    found = machine("torch")
    where = f"{found['processor']} ({found['instructions']}), {os.cpu_count()} cores"
    about = f"*`benchmarks/{name}.py`, {datetime.date.today()}; {where}; {versions}.*"
    return about + "\n\n" + re.sub(r"\n{3,}", "\n\n", ran.stdout.strip()) + "\n"


def main(asked):
    if unknown := [name for name in asked if name not in names()]:
        sys.exit(f"benchmarks/run.py: no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    RESULTS.mkdir(exist_ok=True)
    for name in asked or names():
        print(f"== {name}", flush=True)
        text = measure(name)
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
