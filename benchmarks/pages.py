"""What the built book weighs, and how long it takes: each page with what it loads, each chapter's execution, a build.

    make book && .venv/bin/python benchmarks/pages.py

The weight is in files on a disk, unpacked, without what a page loads when somebody asks for it (the trainer's digits).
Seconds are those of the build that executed the chapter, several side by side, one thread each.
"""

import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import nbformat

from mnist_study.drawing.export import SCRIPTS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book"))
from build import BUILD, chapters  # noqa: E402
from times import seconds  # noqa: E402

HTML = BUILD / "html"
LOADED = re.compile(r'<(?:script|img)[^>]* src="([^"#?]+)|<link[^>]* rel="stylesheet"[^>]* href="([^"#?]+)')


def loads(page):
    """The files that a page names, scripts, pictures, style sheets, and the networks of its pad."""
    text = page.read_text(encoding="utf-8")
    found = LOADED.findall(text)
    named = [name for name in map("".join, found) if not name.startswith("data:")]
    if "mnist-pad" in text:
        named.append(f"../_static/pad/{SCRIPTS[1]}")  # which the pad asks for when it is reached
    return {path for path in ((page.parent / name).resolve() for name in named) if path.is_file()}


def main():
    started = perf_counter()
    subprocess.run([sys.executable, str(ROOT / "book" / "build.py")], check=True, stdout=subprocess.DEVNULL)
    warm = perf_counter() - started
    executed = {path.stem: seconds(nbformat.read(path, as_version=4)) for path in chapters()}
    whole = sum(path.stat().st_size for path in HTML.rglob("*") if path.is_file())
    packed = (BUILD / "mnist-study.zip").stat().st_size
    print("| page | the page itself [kB] | with all that it loads [kB] | executed [s] |")
    print("|---|---|---|---|")
    for page in sorted([*(HTML / "book").glob("*.html"), *(HTML / "notebooks").glob("*.html")]):
        own = page.stat().st_size
        all_of_it = own + sum(path.stat().st_size for path in loads(page))
        took = f"{executed[page.stem]:.0f}" if executed.get(page.stem) else ""
        print(f"| {page.stem} | {own / 1e3:.0f} | {all_of_it / 1e3:.0f} | {took} |")
    print(f"\nThe whole site: {whole / 1e6:.1f} MB, as one zip {packed / 1e6:.1f} MB.")
    print(
        f"Chapters, summed: {sum(executed.values()):.0f} s of execution. A build with nothing to execute: {warm:.0f} s."
    )


if __name__ == "__main__":
    main()
