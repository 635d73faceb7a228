"""A plugin of pytest: what nbval has executed and found right is kept, so that the book need not execute it again."""

import os
import time
from pathlib import Path

import nbformat
import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if not hasattr(item.parent, "passed"):
        item.parent.passed, item.parent.started = set(), time.perf_counter()


def pytest_runtest_makereport(item, call):
    if call.when == "call" and call.excinfo is None:
        item.cell.outputs = [nbformat.from_dict(output) for output in item.test_outputs]
        item.cell.execution_count = item.cell_num + 1
        item.parent.passed.add(item.cell_num)


def pytest_runtest_teardown(item, nextitem):
    notebook = item.parent
    if nextitem is not None and nextitem.parent is notebook:
        return
    if len(notebook.passed) == sum(cell.cell_type == "code" for cell in notebook.nb.cells):
        path = Path(os.environ["MNIST_STUDY_EXECUTED"]) / notebook.path.name
        path.with_suffix(".seconds").write_text(f"{time.perf_counter() - notebook.started:.1f}")
        nbformat.write(notebook.nb, path)
