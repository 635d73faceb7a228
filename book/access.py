"""What theme, MyST, pandas and bibliography write that a screen reader stumbles over, mended in the finished pages."""

from pathlib import Path

from diagrams import in_place

MENDED = {
    # The sidebar with the book's name belongs to no landmark.
    '<div id="pst-primary-sidebar" ': '<div id="pst-primary-sidebar" role="complementary" aria-label="The book" ',
    # The corner of a table with row and column headings is nobody's heading.
    '<th class="head"><p></p></th>': '<td class="head"></td>',
    "<th></th>": "<td></td>",
    # On a phone this scrolls sideways, by keyboard, too.
    '<div class="computed-picture">': '<div class="computed-picture" tabindex="0">',
    # A list without items, whose entries have a role that is out of use.
    'role="doc-biblioentry"': 'role="listitem"',
}


def mend(page):
    """A finished page, without them, and with its diagrams in place."""
    for found, better in MENDED.items():
        page = page.replace(found, better)
    return in_place(page)


def mend_all(app, exception):
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            path.write_text(mend(path.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    app.connect("build-finished", mend_all)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
