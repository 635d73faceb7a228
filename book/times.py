"""Under each chapter's title: how long it takes to read, and how long it took to execute when this book was built."""

import re
from pathlib import Path

import nbformat
from build import CACHE, record_of
from jupyter_cache import get_cache

WORDS_A_MINUTE = 180  # of prose with formulas and figures to look at
ASIDE = ("questions", "exercise")  # cells whose time is the reader's own
NOT_READ = re.compile(r"<[^>]*>|\{[a-z:]+\}|[`*#|$\\]")


def minutes(notebook):
    """To read a chapter's prose, its questions and exercises aside."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown" and not cell.id.startswith(ASIDE)]
    return max(1, round(sum(len(NOT_READ.sub(" ", cell.source).split()) for cell in cells) / WORDS_A_MINUTE))


def seconds(notebook):
    """That the chapter took when it was executed; None where it has not been."""
    record = record_of(notebook, get_cache(CACHE))
    return record and record.data.get("execution_seconds")


def line(notebook):
    said = f"About {minutes(notebook)} minutes to read"
    if (took := seconds(notebook)) is not None:
        said += f"; executed in {took:.0f} seconds when this book was built"
    return f'<p class="mnist-times">{said}.</p>'


def add_line(app, pagename, templatename, context, doctree):
    path = Path(app.srcdir) / f"{pagename}.ipynb"
    if doctree is not None and path.exists():
        title, end, rest = context["body"].partition("</h1>")
        context["body"] = title + end + line(nbformat.read(path, as_version=4)) + rest


def setup(app):
    app.connect("html-page-context", add_line)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
