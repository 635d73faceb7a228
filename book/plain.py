"""A chapter as it is taken away: in any notebook its prose reads as on the page.

``plain`` puts in place what only the book's builder knows: the computed numbers, the citations, the words of the
glossary, the diagrams; and leaves out what only a page has. The site's downloads are made so when it is built, and the
sets for a course (``teacher.py``).
"""

import base64
import re
from functools import cache
from html import unescape
from pathlib import Path

import nbformat
from build import CACHE, ROOT, record_of
from jupyter_cache import get_cache
from pybtex.database import parse_file
from pybtex.richtext import Text

NUMBER, CITED, WORD, FIGURE = (re.compile(rf"\{{{role}\}}`([^`]+)`") for role in ("glue", "cite", "term", "numref"))
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+\.svg)\)")
OF_THE_PAGE = re.compile(
    r"^(?::::.*|<(?:link|script|div)\b.*)\n?|<span class=\"mnist-predicted\"></span>", re.MULTILINE
)


def plain(notebook):
    """The chapter without outputs; a number that nobody has computed here is an ellipsis."""
    own, numbers = nbformat.from_dict(notebook), computed(notebook)
    for cell in own.cells:
        if cell.cell_type != "markdown":
            cell.outputs, cell.execution_count = [], None
            continue
        text = NUMBER.sub(lambda found: numbers.get(found[1], "…"), cell.source)
        text = CITED.sub(lambda found: f"({'; '.join(map(citation, found[1].split(',')))})", text)
        text = FIGURE.sub("the figure", WORD.sub(lambda found: found[1].partition(" <")[0], text))
        cell.source = OF_THE_PAGE.sub("", text).strip()
        for alt, path in PICTURE.findall(cell.source):
            name = Path(path).name
            drawn = base64.b64encode((ROOT / "notebooks" / path).read_bytes()).decode()
            cell.setdefault("attachments", {})[name] = {"image/svg+xml": drawn}
            cell.source = cell.source.replace(f"![{alt}]({path})", f"![{alt}](attachment:{name})")
    own.cells = [cell for cell in own.cells if cell.source]
    return own


def computed(notebook):
    """Dict from name to text: the numbers that the chapter gave to its prose when it was last executed."""
    kept = get_cache(CACHE)
    if (record := record_of(notebook, kept)) is None:
        return {}
    cells = kept.get_cache_bundle(record.pk).nb.cells
    outputs = [
        output for cell in cells for output in cell.get("outputs", []) if "scrapbook" in output.get("metadata", {})
    ]
    return {output.metadata["scrapbook"]["name"]: _text(output) for output in outputs}


def _text(output):
    page = next(value for kind, value in output.data.items() if kind.endswith("text/html"))
    return unescape(re.sub(r"<[^>]*>", "", page))


@cache
def references():
    return parse_file(str(ROOT / "book" / "references.bib")).entries


def citation(key):
    """Such as ``LeCun et al., 1998``."""
    entry = references()[key.strip()]
    people = (" ".join(person.prelast_names + person.last_names) for person in entry.persons["author"])
    names = [str(Text.from_latex(name)) for name in people]
    who = f"{names[0]} et al." if len(names) > 2 or "others" in names else " and ".join(names)
    return f"{who}, {entry.fields.get('year', 'without a year')}"


def make_downloads_plain(app, exception):
    for path in (Path(app.outdir) / "_sources" / "notebooks").glob("*.ipynb"):  # one may be there from an earlier build
        nbformat.write(plain(nbformat.read(ROOT / "notebooks" / path.name, as_version=4)), path)


def setup(app):
    app.connect("build-finished", make_downloads_plain)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
