"""No number is typed that a run should have computed, and nothing is compared that no claim asserts.

Whoever writes such a number or such a sentence into the prose says here why it may stand, or which cell asserts it.
"""

import re
from pathlib import Path

import nbformat
import pytest

from mnist_study.models import model_names

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
NOT_PROSE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|<[^>]*>", re.DOTALL)
MEASURED = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)[\s\u00a0\u202f]?(%|per ?cent|points|seconds|times as)")
LEVELS = {"95 %", "5 %"}  # of intervals and tests, chosen once for the whole book
RECORD, ABOUT = "of a committed record, in an alt text", "what any run of this kind comes near, in an alt text"
TYPED = {
    "01_data": {
        "11 %": "asked in a question; the chapter computes and asserts the share of each class",
        "11.4 percent": "a count of the data, in an alt text",
    },
    "02_softmax": {
        "80 %": "a threshold",
        "60 %": "an example in a question",
        "1 %": "what makes a plateau",
        "93 percent": RECORD,
    },
    "03_mlp": {"0.1 points": "an example in a question", "98 percent": RECORD, "100 percent": ABOUT},
    "04_autodiff": {"30 percent": "of the schedule, by its code"},
    "05_sanity": {"95 percent": "asserted in 05-11", "90 percent": ABOUT, "20 percent": "asserted in 05-11"},
    "06_fc": {"98 percent": RECORD, "100 percent": RECORD},
    "07_cnn": {"8 %": "the config's augmentation, asserted beside it", "99.5 percent": RECORD},
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
        "98.00 %": "printed: the documentation of the 13 writers' digits",
        "98.5 %": "as people say it",
        "99.5 %": "an example in a question",
    },
    "14_two_digits": {"100 percent": ABOUT},
    "15_solved": {
        "12 percent": "printed: a linear classifier",
        "0.2 percent": "printed: DropConnect",
        "0.15 percent": "15 of 10 000, the list of rejected labels",
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


def words(cell):
    """What a cell says to a reader: its prose, or its figure's caption and alt text."""
    if cell.cell_type == "markdown":
        return cell.source
    figure = cell.metadata.get("mystnb", {})
    return figure.get("figure", {}).get("caption", "") + "\n" + figure.get("image", {}).get("alt", "")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_typed_number_has_a_reason(path):
    cells = nbformat.read(path, as_version=4).cells
    found = set().union(*(measured(words(cell)) for cell in cells))
    assert found - LEVELS == set(TYPED.get(path.stem, {}))  # none without a reason, and no reason without its number


def test_the_check_finds_what_is_typed_and_passes_what_is_computed():
    assert measured("It reads 98.3 % of them, 0.2 points more, in 12 seconds, 3 times as fast.") == {
        "98.3 %",
        "0.2 points",
        "12 seconds",
        "3 times as",
    }
    assert measured("It reads {glue}`best` of 10 000, in 30 epochs of `0.5 %` and $5 %$.") == set()


COMPARING = re.compile(
    r"\b(more|less|fewer|higher|lower|better|worse|faster|slower|best|worst|most|least|beats?|wins?|gains?|loses?|falls?"
    r"|rises?|costs?|helps?|harms?|hurts?|buys?|bought)\b",
    re.IGNORECASE,
)
NOISY = re.compile(
    r"\b(accuracy|loss|errors?|digits?|pairs|networks?|points|misreads?|reads?|seeds?|gap|dropout|penalty|schedules?"
    r"|augmentation|momentum|Adam|seconds|epochs?|rate)\b|`[a-z_]+`",
    re.IGNORECASE,
)
NO_CLAIM = re.compile(r":::.*?:::|```.*?```|\*\*Further reading.*|You will learn\n\n(?:\*.*\n?)*", re.DOTALL)
# By the beginnings of sentences: the cell that asserts it, or why nothing has to.
TOLD, ASKED, PRINTED, TRUE = "says what is shown", "asks the reader to try it", "printed elsewhere", "no matter of luck"
COMPARED = {
    "01_data": {"A network that does worse": "01-26"},
    "02_softmax": {
        "(These are other digits": ASKED,
        "Reset once more": ASKED,
        "* A wobbling full-batch loss": "02-16",
    },
    "03_mlp": {"Often the network even learns": "03-16", "Here are the first 16": TOLD, "Train with Adam": ASKED},
    "04_autodiff": {"Two of the three help": "04-20", "Whether that helps": "04-20"},
    "05_sanity": {"a first loss of": "05-11"},
    "06_fc": {"## What dropout bought": TOLD, "* Dropout lowers the validation loss": "06-16"},
    "07_cnn": {"`cnn` and `fc` differ": TOLD},
    "09_ablations": {
        "how the weights start, what": TOLD,
        "**Digits matter more": "09-09",
        "For `fc` nothing else": "09-09",
        "* On these two short recipes": "09-09",
        "Dropout harms here": "09-11",
        "* The best of many seeds": "09-16",
    },
    "10_failures": {
        "The best of our networks misread": "10-12",
        "The twelve that most of them misread": "10-08",
        "All twelve stand once more": TOLD,
        "A mistake that a network is unsure of": TRUE,
    },
    "11_inside": {
        "Simple rules read the label better": "11-11",
        "* Still, without the 40 pixels": "11-19",
        "Chance does far less": "11-25",
        "their intervals reach": TRUE,
    },
    "12_draw": {
        "A network cannot know": TRUE,
        "**MNIST's digits, bent.**": TOLD,
        "* A network trained on styles": "12-14",
    },
    "13_generalisation": {
        "it needs no more": TRUE,
        "The small changes on the left": "13-07",
        "One property at a time shows": "13-15",
        "* Other people's digits, scanned": "13-13",
        "Which score tells a stranger best": "13-21",
    },
    "14_two_digits": {"So no digit that a network learned": TRUE, "New pairs in every epoch": "6f9d3a50"},
    "15_solved": {
        "The best numbers in print": PRINTED,
        "people reject the label": TOLD,
        "Average the probabilities": TOLD,
        "the best single network still makes": TOLD,
        "on fresh digits less of it": "15-07",
        "* A test accuracy is uncertain": TOLD,
    },
}


def comparisons(cells):
    """Sentences that compare what chance has a part in, with no claim asserted since the text before them."""
    found, asserted = [], False
    for cell in cells:
        if cell.cell_type == "code":
            asserted |= "assert " in cell.source
        elif not cell.id.startswith(("exercise", "questions")):
            text = NO_CLAIM.sub("", cell.source)
            sentences = [] if asserted else re.split(r"(?<=[.?!:])\s+|\n", text)
            found += [
                sentence
                for sentence in sentences
                if COMPARING.search(sentence)
                and NOISY.search(sentence)
                and not any(sign in sentence for sign in ("{glue}", "{cite}", "?"))
            ]
            asserted = False
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_compared_is_asserted(path):
    cells = nbformat.read(path, as_version=4).cells
    reasons, found = COMPARED.get(path.stem, {}), comparisons(cells)
    assert [one for one in found if not one.startswith(tuple(reasons))] == []  # assert it, or say why nothing has to
    assert [start for start in reasons if not any(one.startswith(start) for one in found)] == []
    claims = {cell.id for cell in cells if cell.cell_type == "code" and "assert " in cell.source}
    assert set(reasons.values()) - {TOLD, ASKED, PRINTED, TRUE} <= claims


def test_the_check_finds_what_is_compared_and_passes_what_is_asserted_or_computed():
    text = nbformat.v4.new_markdown_cell(
        "Dropout helps. It costs {glue}`cost`. Which network is best? A fold costs room."
    )
    code = nbformat.v4.new_code_cell("assert dropout.higher")
    for cell in (text, code):
        cell.id = "a"
    assert comparisons([text]) == ["Dropout helps."]
    assert comparisons([code, text]) == []
    assert comparisons([code, text, text]) == ["Dropout helps."]


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


def test_every_word_of_the_glossary_leads_there_from_a_chapter():
    glossary = (NOTEBOOKS[0].parents[1] / "book" / "glossary.md").read_text().partition(":::{glossary}\n")[2]
    words = {line.lower() for line in re.findall(r"^(\w.*)$", glossary, re.MULTILINE)}
    cells = [cell for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells]
    prose = "".join(cell.source for cell in cells if cell.cell_type == "markdown")
    linked = {word.lower() for word in re.findall(r"{term}`(?:[^`<]*<)?([^`<>]+)>?`", prose)}
    assert len(words) > 30
    assert words == linked


def test_chapter_10_introduces_every_network_that_reads_single_digits():
    cells = nbformat.read(next(path for path in NOTEBOOKS if path.stem == "10_failures"), as_version=4).cells
    table = next(cell.source for cell in cells if "| network | what it is |" in cell.source)
    introduced = re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if row[:3] == "| `"))
    assert sorted(introduced) == sorted(model_names("mnist"))
