"""What nbval does not look at: which cells it may compare, what they may hold, and that it can turn red at all."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
MARKS = {"keep_output", "nbval-check-output"}


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def faults(cell):
    """Why a cell breaks the rule on kept outputs: marked cells hold text and a count, all others hold no output."""
    marks = MARKS & set(cell.metadata.get("tags", []))
    if not marks:
        return ["an unmarked cell holds output"] if cell.outputs else []
    found = [] if marks == MARKS else [f"only {marks} of {MARKS}"]
    if not cell.outputs:
        found.append("a marked cell holds no output, so nothing is compared")
    if cell.execution_count is None:
        found.append("a marked cell holds no execution count")
    if any(output.output_type != "stream" or output.name != "stdout" for output in cell.outputs):
        found.append("a marked cell holds something else than printed text")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_marked_cells_hold_what_nbval_compares_and_others_hold_nothing(path):
    cells = code_cells(path)
    assert not [(cell.source, faults(cell)) for cell in cells if faults(cell)]
    assert any(set(cell.metadata.get("tags", [])) >= MARKS for cell in cells)


def test_the_guard_sees_each_fault():
    output = nbformat.v4.new_output("stream", name="stdout", text="1\n")
    tags = {"tags": sorted(MARKS)}
    new = nbformat.v4.new_code_cell
    assert faults(new("print(1)", execution_count=1, outputs=[output], metadata=tags)) == []
    assert faults(new("print(1)")) == []
    assert faults(new("print(1)", outputs=[output]))
    assert faults(new("print(1)", execution_count=1, metadata=tags))
    assert faults(new("print(1)", outputs=[output], metadata=tags))
    assert faults(new("print(1)", execution_count=1, outputs=[output], metadata={"tags": ["keep_output"]}))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_of_a_notebook_has_alt_text_a_caption_and_a_name(path):
    figures = [cell for cell in code_cells(path) if "plots." in cell.source]
    assert figures
    for cell in figures:
        settings = cell.metadata.get("mystnb", {})
        assert len(settings.get("image", {}).get("alt", "")) > 40, cell.source
        assert settings.get("figure", {}).get("name", "").startswith("fig-"), cell.source
        assert len(settings["figure"].get("caption", "")) > 20, cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_begins_with_its_imports_and_they_are_folded(path):
    first = code_cells(path)[0]
    assert first.source.startswith(("import ", "from "))
    assert "hide-input" in first.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_chapter_is_numbered_asks_its_question_and_ends_as_promised(path):
    prose = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    number = int(path.stem[:2])
    assert re.match(rf"# {number}\. .+\?$", prose[0].splitlines()[0])
    assert "You will learn" in prose[0]
    headings = re.findall(r"^## (.+)$", "\n".join(prose), re.MULTILINE)
    assert headings[-2:] == ["What we learned", "What is still wrong"]


@pytest.mark.slow
def test_a_broken_package_turns_a_notebook_red(root, tmp_path):
    """The ReLU mask is flipped in a copy of the package; the chapter on backpropagation must fail at its check."""
    shutil.copytree(root / "mnist_study", tmp_path / "mnist_study", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "notebooks" / "03_mlp.ipynb", tmp_path)
    layers = tmp_path / "mnist_study" / "models" / "layers.py"
    healthy = layers.read_text()
    broken = healthy.replace("gradient *= self.cache > 0", "gradient *= self.cache <= 0")
    assert broken != healthy
    layers.write_text(broken)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-x", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "MNIST_STUDY_DATA": str(root / "data")},
        capture_output=True,
        text=True,
    )
    report = re.sub(r"\x1b\[[0-9;]*m", "", run.stdout)
    assert run.returncode == 1, report
    assert "GradientError: relative error above 1e-06" in report
    assert re.search(r"1 failed, \d+ passed", report)
