"""No number is typed that a run should have computed: whoever writes one into the prose says here why it may stand."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|<[^>]*>", re.DOTALL)
MEASURED = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)[\s\u00a0\u202f]?(%|per cent|points|seconds|times as)")
LEVELS = {"95 %", "5 %"}  # of intervals and tests, chosen once for the whole book
TYPED = {
    "01_data": {"11 %": "asked in a question; the chapter computes and asserts the share of each class"},
    "02_softmax": {"80 %": "a threshold", "60 %": "an example in a question"},
    "03_mlp": {"0.1 points": "an example in a question"},
    "07_cnn": {"8 %": "the config's augmentation, asserted beside it"},
    "09_ablations": {"0.1 points": "an example in a question", "80 %": "the power asked for, chosen once"},
    "10_failures": {
        "50 %": "a threshold",
        "0.15 %": "15 of 10 000, the list of rejected labels",
        "99.85 %": "the rest of it",
    },
    "12_draw": {
        "99 %": "the chapter's question",
        "60 %": "a setting",
        "2.5 %": "a threshold",
        "3 %": "a tolerance that a test holds, and an example in an exercise",
        "4 %": "an example in an exercise",
    },
    "13_generalisation": {
        "8.0 %": "printed: Mu and Gilmer",
        "6.45 %": "printed",
        "98.5 %": "as people say it",
        "99.5 %": "an example in a question",
    },
    "14_two_digits": {"99 %": "reported of a public attempt", "87 %": "reported of a public attempt"},
    "15_solved": {
        "99 %": "as people say it",
        "99.7 %": "the chapter's question; the best network's result is computed beside it",
        "0.05 points": "printed: the largest honest sample",
        "0.2 %": "printed, of people, and the uncertainty of LeNet-5",
        "0.1 %": "printed, the uncertainty of LeNet-5 on the other digits",
        "2.5 %": "printed, of people",
        "2.37 %": "printed, of people",
        "0.09 %": "an example in a question",
        "100 %": "an option of a question",
    },
}


def measured(text):
    """What looks like a result in prose: "98 %", "0.3 points"."""
    return {f"{number} {unit}" for number, unit in MEASURED.findall(NOT_PROSE.sub("", text))}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_typed_number_has_a_reason(path):
    cells = nbformat.read(path, as_version=4).cells
    found = set().union(*(measured(cell.source) for cell in cells if cell.cell_type == "markdown"))
    assert found - LEVELS == set(TYPED.get(path.stem, {}))  # none without a reason, and no reason without its number


def test_the_check_finds_what_is_typed_and_passes_what_is_computed():
    assert measured("It reads 98.3 % of them, 0.2 points more, in 12 seconds, 3 times as fast.") == {
        "98.3 %",
        "0.2 points",
        "12 seconds",
        "3 times as",
    }
    assert measured("It reads {glue}`best` of 10 000, in 30 epochs of `0.5 %` and $5 %$.") == set()


def works():
    """The keys of the works that the book lists."""
    return re.findall(r"^@\w+\{(\w+),", (NOTEBOOKS[0].parents[1] / "book" / "references.bib").read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_ends_with_what_to_read_next(path):
    last = nbformat.read(path, as_version=4).cells[-1].source.split("\n\n")[-1]
    assert last.startswith("**Further reading**: ")
    cited = re.findall(r"{cite}`(\w+)`", last)
    assert len(cited) >= 2
    assert set(cited) <= set(works())


def test_every_work_that_is_listed_is_cited_somewhere():
    text = "".join(path.read_text() for path in [*NOTEBOOKS, *(NOTEBOOKS[0].parents[1] / "book").glob("*.md")])
    assert len(works()) == len(set(works()))
    assert set(works()) == {key for keys in re.findall(r"{cite}`([\w, ]+)`", text) for key in keys.split(", ")}
