"""The scripts that make the book, as modules."""

import importlib
import sys

import pytest


@pytest.fixture
def script(root, monkeypatch):
    """Import one of book/ by its name; afterwards it is forgotten, and what it builds on."""
    monkeypatch.syspath_prepend(root / "book")
    names = ["build"]

    def load(name):
        names.append(name)
        return importlib.import_module(name)

    yield load
    for name in names:
        sys.modules.pop(name, None)
