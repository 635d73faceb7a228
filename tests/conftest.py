from pathlib import Path

import pytest

import mnist_study as ms

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def mnist():
    return ms.load_mnist(ROOT / "data")
