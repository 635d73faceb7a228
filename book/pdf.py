"""The built book as one PDF: ``python book/pdf.py`` prints the pages of ``_build/html`` by Chromium, in reading order.

The page of the package, which is looked up rather than read, stays out: it is as long as eight chapters.
"""

import io
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfWriter
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
HTML = ROOT / "_build" / "html"
MARGINS = {"top": "18mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
FOOT = """<div style="width: 100%; text-align: center; font: 8px sans-serif">
    <span class="title"></span>, page <span class="pageNumber"></span></div>"""
NOT_PRINTED = "book/api"
READY = """async () => {
    await window.MathJax?.startup?.promise;
    for (const image of document.images) image.loading = "eager"; // one that waits until it is seen never is, on paper
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
}"""


def pages():
    """What is printed of the pages that ``_toc.yml`` names, in reading order: list of Path."""
    toc = YAML(typ="safe", pure=True).load(ROOT / "_toc.yml")
    names = [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]
    return [HTML / f"{name}.html" for name in names if name != NOT_PRINTED]


def main(target):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("book/pdf.py: there is no Chromium to print with; Debian: apt-get install chromium")
    if missing := [path for path in pages() if not path.exists()]:
        sys.exit(f"book/pdf.py: {missing[0]} is not built; run make book")
    book = PdfWriter()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(color_scheme="light")
        for path in pages():
            page.goto(path.as_uri())
            page.evaluate(READY)
            about = {"display_header_footer": True, "header_template": "<i></i>", "footer_template": FOOT}
            printed = page.pdf(format="A4", scale=0.85, margin=MARGINS, **about)
            book.append(io.BytesIO(printed), outline_item=page.title().removesuffix(" — MNIST Study"))
        browser.close()
    book.add_metadata({"/Title": "MNIST Study"})
    book.write(target)
    print(f"{target}: {len(book.pages)} pages, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(ROOT / "_build" / "mnist-study.pdf")
