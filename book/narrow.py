"""On a phone a figure whose panels stand side by side gives way to the same panels, one below the other."""

import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import nbformat
from build import CACHE, record_of
from jupyter_cache import get_cache

from mnist_study.plots.style import NARROW

PNG = "image/png"
PHONE = "(max-width: 600px)"  # as in book.css


def executed(notebook):
    """A chapter with the outputs that the book shows; as it is, where it has not been executed."""
    cache = get_cache(CACHE)
    record = record_of(notebook, cache)
    return cache.get_cache_bundle(record.pk).nb if record else notebook


def pairs(notebook):
    """The wide and the narrow picture, bytes each, of every figure that has both."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    figures = [output for output in outputs if NARROW in output.get("metadata", {}).get(PNG, {})]
    return [(b64decode(figure.data[PNG]), b64decode(figure.metadata[PNG][NARROW])) for figure in figures]


def with_narrow(body, wide, narrow):
    """A page in which a phone takes the picture of the name ``narrow`` for the one of the name ``wide``."""
    picture = rf'<picture><source media="{PHONE}" srcset="\g<folder>{narrow}">\g<0></picture>'
    return re.sub(rf'<img [^>]*src="(?P<folder>[^"]*){wide}"[^>]*>', picture, body)


def add_narrow(app, pagename, templatename, context, doctree):
    path = Path(app.srcdir) / f"{pagename}.ipynb"
    if doctree is None or not path.exists():
        return
    folder = Path(app.outdir) / "_images"
    folder.mkdir(exist_ok=True)
    for pictures in pairs(executed(nbformat.read(path, as_version=4))):
        wide, narrow = (f"{sha256(each).hexdigest()}.png" for each in pictures)  # the first as MyST-NB names it
        (folder / narrow).write_bytes(pictures[1])
        context["body"] = with_narrow(context["body"], wide, narrow)


def setup(app):
    app.connect("html-page-context", add_narrow)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
