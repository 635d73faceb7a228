"""The diagrams: files as the script draws them, each in a chapter, each in place in the built book."""

import re
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book"))
from build import chapters  # noqa: E402
from diagrams import ALONE, DIAGRAMS, FOLDER, in_place  # noqa: E402

PICTURE = re.compile(r"!\[([^\]]+)\]\(\.\./book/_static/diagrams/([a-z0-9_]+)\.svg\)")
SHOWN = [
    (path.stem, name, says)
    for path in chapters()
    for cell in nbformat.read(path, as_version=4).cells
    if cell.cell_type == "markdown"
    for says, name in PICTURE.findall(cell.source)
]


def test_the_files_are_what_the_script_draws_and_no_others():
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(DIAGRAMS)
    for name, made in DIAGRAMS.items():
        drawn = made().svg(ALONE)
        assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == drawn, f"{name} is stale: make diagrams"


def test_each_diagram_stands_in_one_chapter_with_words_that_say_what_it_shows():
    assert sorted(name for _, name, _ in SHOWN) == sorted(DIAGRAMS)
    assert all(len(says) > 40 for _, _, says in SHOWN)


@pytest.mark.parametrize("name", DIAGRAMS)
def test_nothing_is_drawn_outside_the_picture(name):
    made = DIAGRAMS[name]()
    for x, y in re.findall(r"([\d.-]+),([\d.-]+)", made.svg()):
        assert 0 <= float(x) <= 520
        assert 0 <= float(y) <= made.height
    for x, width in re.findall(r' x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', made.svg()):
        assert float(x) + float(width) <= 520


def test_a_page_has_the_lines_in_place_of_the_file_and_leaves_other_pictures():
    page = '<img alt="a &lt; b" src="../_images/tape.svg" /> <img alt="other" src="../_images/other.svg" />'
    assert in_place(page) == DIAGRAMS["tape"]().svg(role="img", aria_label="a &lt; b") + (
        ' <img alt="other" src="../_images/other.svg" />'
    )
