"""One Chromium for all tests in a browser, and what they open: the page's weights, the built book."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from mnist_study.drawing.export import SCRIPTS, decode, export_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOT = Path(__file__).parents[2]
PAD = ROOT / "book" / "_static" / "pad"
sys.path.append(str(ROOT / "book"))  # trainer.py and kernel.py
REQUIRED = os.environ.get("MNIST_STUDY_BROWSER") == "required"
expect.set_options(timeout=60_000)  # ms: a busy machine is slow, and not wrong


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM and not REQUIRED:
        pytest.skip("no Chromium on this machine; Debian: apt-get install chromium")
    assert CHROMIUM, "MNIST_STUDY_BROWSER=required, but there is no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def weights():
    """What the page's networks are made of, by the number of digits; written if no `make book` has done so yet."""
    if not all((PAD / script).exists() for script in SCRIPTS.values()):
        export_page(PAD)
    return {digits: decode((PAD / script).read_bytes()) for digits, script in SCRIPTS.items()}


@pytest.fixture(scope="session")
def html():
    """The folder of the built book."""
    folder = ROOT / "_build" / "html"
    if not folder.exists() and not REQUIRED:
        pytest.skip("the book is not built; make book")
    assert folder.exists(), "MNIST_STUDY_BROWSER=required, but the book is not built: make book"
    return folder
