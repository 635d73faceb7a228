"""The two sets of notebooks for a course."""

import re

import nbformat
import numpy as np
import pytest

import mnist_study as ms


@pytest.fixture
def teacher(script):
    return script("teacher")


def test_students_get_the_chapters_without_solutions_and_teachers_with_each_in_its_place(teacher, tmp_path, root):
    teacher.main(tmp_path)
    chapters = sorted(path.name for path in (root / "notebooks").glob("[0-9]*.ipynb"))
    for name in ("students", "solutions"):
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == chapters
    for name in chapters:
        whole, given, solved = (
            nbformat.read(folder / name, as_version=4)
            for folder in (root / "notebooks", tmp_path / "students", tmp_path / "solutions")
        )
        nbformat.validate(given)
        asked = [cell.id for cell in whole.cells if cell.id.startswith("exercise-") and cell.cell_type == "code"]
        kept = [cell.id for cell in whole.cells if not cell.id.endswith("-solution")]
        assert [cell.id for cell in given.cells] == [cell.id for cell in solved.cells] == kept
        assert len(asked) > len(whole.cells) - len(kept) >= 4
        assert not any("solution(" in cell.source for cell in given.cells if cell.cell_type == "code")
        asked, answered = (next(cell.source for cell in one.cells if cell.id == "questions") for one in (given, solved))
        options = [re.findall(r"^ +\* .*", text, re.MULTILINE) for text in (asked, answered)]
        assert len(options[0]) == len(options[1]) >= 9
        assert not any("*" in option.replace("* ", "", 1) for option in options[0])
        for short, long in zip(*options, strict=True):
            assert long.replace("**", "").startswith(f"{short} *")


@pytest.mark.parametrize("name", ["02_softmax.ipynb", "03_mlp.ipynb", "11_inside.ipynb"])
def test_the_set_with_solutions_runs_and_is_right(teacher, tmp_path, name):
    teacher.main(tmp_path)
    names = {"np": np, "ms": ms}
    cells = nbformat.read(tmp_path / "solutions" / name, as_version=4).cells
    exercises = [cell.source for cell in cells if cell.id.startswith("exercise-") and cell.cell_type == "code"]
    for source in exercises:
        *before, last = source.rsplit("\n", 1)
        exec("\n".join(before), names)
        assert eval(last, names), source
