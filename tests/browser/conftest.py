"""One Chromium for all tests in a browser."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REQUIRED = os.environ.get("MNIST_STUDY_BROWSER") == "required"


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
