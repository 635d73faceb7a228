"""What a phone shows of a figure whose panels stand side by side."""

from base64 import b64encode

import nbformat
import pytest

from mnist_study.plots.style import NARROW


@pytest.fixture
def narrow(script):
    return script("narrow")


def output(png, **about):
    about = {name: b64encode(each).decode() for name, each in about.items()}
    data = {"image/png": b64encode(png).decode()}
    return nbformat.v4.new_output("display_data", data, metadata={"image/png": {"width": 8, **about}})


def test_figures_that_have_both_pictures_are_found(narrow):
    printed = nbformat.v4.new_output("stream", text="words")
    first = nbformat.v4.new_code_cell(outputs=[printed, output(b"one"), output(b"two", **{NARROW: b"tall"})])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("prose"), first])
    assert narrow.pairs(notebook) == [(b"two", b"tall")]


def test_only_the_picture_that_is_meant_gives_way_and_keeps_its_words(narrow):
    image = '<img alt="a &gt; b" src="../_images/one.png" style="width: 8px;" />'
    other = '<img alt="" src="../_images/two.png" />'
    page = narrow.with_narrow(f"<p>{image}{other}</p>", "one.png", "tall.png")
    source = '<source media="(max-width: 600px)" srcset="../_images/tall.png">'
    assert page == f"<p><picture>{source}{image}</picture>{other}</p>"
