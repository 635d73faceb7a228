"""The chapters as they are taken away: their prose reads in any notebook as it does on the page."""

import re
import subprocess
import sys

import nbformat
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

NAMES = ["01_data", "07_cnn", "13_generalisation", "14_two_digits"]
PUT_IN_PLACE = re.compile(r"\{[a-z]+\}`|^:::|<(script|link|div|span)\b|\.\./book", re.MULTILINE)


@pytest.fixture
def plain(script):
    return script("plain")


def prose(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_that_only_the_page_understands_and_no_code_is_changed(plain, root, name):
    whole = nbformat.read(root / "notebooks" / f"{name}.ipynb", as_version=4)
    own = plain.plain(whole)
    nbformat.validate(own)
    assert PUT_IN_PLACE.search(prose(whole))
    assert not PUT_IN_PLACE.search(prose(own))
    code = [[cell.source for cell in one.cells if cell.cell_type == "code"] for one in (whole, own)]
    assert code[0] == code[1]
    for cell in own.cells:
        named = re.findall(r"attachment:([\w.]+)", cell.source)
        assert named == list(cell.get("attachments", {}))


def test_numbers_citations_and_words_are_put_in_place(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(plain, "CACHE", tmp_path)
    text = (
        "Read {glue}`share` of {glue}`never`, {term}`tested <test digits>` {cite}`lecun1998,bishop2006`, {numref}`a`."
    )
    code = nbformat.v4.new_code_cell("glue(share='92.5%')")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text), code])
    assert plain.plain(notebook).cells[0].source.startswith("Read … of …, tested")
    executed = nbformat.from_dict(notebook)
    data = {"application/papermill.record/text/html": '<span class="computed">92.5\N{NO-BREAK SPACE}%</span>'}
    output = nbformat.v4.new_output("display_data", data, metadata={"scrapbook": {"name": "share"}})
    executed.cells[1].outputs = [output]
    get_cache(tmp_path).cache_notebook_bundle(CacheBundleIn(executed, "one.ipynb"), check_validity=False)
    found = plain.plain(notebook).cells[0].source
    assert found == ("Read 92.5\N{NO-BREAK SPACE}% of …, tested (LeCun et al., 1998; Bishop, 2006), the figure.")


def test_citations_are_names_and_years(plain):
    found = [plain.citation(key) for key in plain.references()]
    assert not [one for one in found if not re.fullmatch(r"[^\\{}]+, (\d{4}|without a year)", one)]
    assert "Bouthillier et al., 2021" in found
    assert "Demšar, 2006" in found


def test_a_notebook_runs_where_the_books_builder_is_not_installed():
    code = "import sys; sys.modules['myst_nb'] = None; from mnist_study.book import glue; glue(share='92.5%')"
    subprocess.run([sys.executable, "-c", code], check=True)
