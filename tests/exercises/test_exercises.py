"""Each exercise: its solution passes as a reader's code, a blank and every known mistake fail with the right word."""

import re
from pathlib import Path

import jax.numpy as jnp
import nbformat
import numpy as np
import pytest
import torch

import mnist_study as ms
from mnist_study.exercises import check, exercises, find_exercise, judging, solution

ALL = exercises()
NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))


@pytest.fixture(autouse=True)
def nobody_has_tried(monkeypatch):
    monkeypatch.setattr(judging, "_tries", judging.Counter())


def run(code):
    """What a reader's code defines, in a notebook that has imported numpy and the package."""
    names = {"np": np, "ms": ms}
    exec(code, names)
    return names


@pytest.mark.parametrize("name", ALL)
def test_the_solution_that_is_shown_passes_as_code_of_a_notebook(name):
    code = solution(name).code
    assert code.startswith("def ")
    function = re.match(r"def (\w+)", code)[1]
    verdict = check(name, run(code)[function])
    assert verdict
    assert repr(verdict) == f"{name}: Right."


@pytest.mark.parametrize("name", ALL)
def test_three_mistakes_that_people_make_are_told_what_they_have_overlooked(name):
    found = ALL[name]
    assert len(found.mistakes) >= 3
    assert len({hint for hint, _ in found.mistakes}) == len(found.mistakes)
    for hint, wrong in found.mistakes:
        assert found.judge(wrong if found.cases else wrong()) == hint


@pytest.mark.parametrize("name", ALL)
def test_a_blank_fails_and_so_does_nonsense(name):
    found = ALL[name]
    blanks = [..., None, lambda *_: ..., lambda *_: None]
    assert all(not check(name, blank) and "Still blank" in repr(check(name, blank)) for blank in blanks)

    def broken(*_):
        raise RuntimeError("the cat walked over the keys")

    nonsense = [broken, lambda *_: "seven", lambda *_: np.zeros((2, 3, 4)), -1e9]
    for answer in nonsense:
        verdict = check(name, answer)
        assert not verdict
        assert "Not yet." in repr(verdict)
    assert "RuntimeError: the cat walked over the keys" in found.judge(broken)


def test_each_chapter_has_four_and_each_of_them_stands_in_its_notebook():
    assert len(NOTEBOOKS) == 15
    for path in NOTEBOOKS:
        chapter = path.stem[:2]
        own = [name for name in ALL if name.startswith(chapter)]
        assert len(own) >= 4
        cells = {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}
        assert [cell.split("-text")[0] for cell in cells if cell.endswith("-text")] == [f"exercise-{n}" for n in own]
        for name in own:
            assert cells[f"exercise-{name}-text"].source.startswith(f"**{name}**")
            assert f'check("{name}", ' in cells[f"exercise-{name}"].source
            assert cells[f"exercise-{name}-solution"].source == f'solution("{name}")'
            function = re.search(r"def (\w+)(\(.*\))", cells[f"exercise-{name}"].source)
            if ALL[name].cases:
                assert ALL[name].code.startswith(function[0])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_exercise_in_a_notebook_is_still_blank(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if re.fullmatch(r"exercise-\d\d-\d", cell.id)]
    for cell in cells:
        *before, asked = cell.source.rstrip().rsplit("\n", 1)
        names = run("\n".join(before))
        verdict = eval(asked, names | {"check": check})
        assert verdict.fault == ""


def test_hints_come_one_after_another_and_a_right_answer_needs_none():
    assert repr(check("02-1", 7840)) == (
        "02-1: Not yet. Those are the weights. What stands behind the + in x W + b?\n"
        "Hint 1: Each of ten outputs has a weight for each pixel."
    )
    assert "Hint 2: And one number that no pixel multiplies." in repr(check("02-1", 1))
    assert repr(check("02-1", 7840)).count("Hint") == 2  # there are no more
    assert repr(check("02-1", 7850)) == "02-1: Right."


def test_an_answer_may_be_a_list_or_an_array_of_any_engine():
    solved = find_exercise("03-4")
    assert check("03-4", lambda *all_of_them: [jnp.asarray(part, jnp.float32) for part in solved(*all_of_them)])
    assert check("09-2", lambda *all_of_them: jnp.asarray(find_exercise("09-2")(*all_of_them)))
    assert check("02-2", lambda z: torch.softmax(torch.tensor(z), dim=1))
    assert check("02-2", lambda z: torch.softmax(torch.tensor(z), dim=1).tolist())
    wanting = find_exercise("02-2").judge(lambda z: torch.softmax(torch.tensor(z, requires_grad=True), dim=1))
    assert "0 of 3 inputs" in wanting
    assert find_exercise("02-2").judge(lambda z: [0.1] * 10) == "The result has the shape (10,); wanted is (4, 10)."


def test_what_is_wrong_is_said_where_nobody_has_foreseen_it():
    assert find_exercise("02-2").judge(7) == "This asks for a function: give its name, without brackets."
    assert find_exercise("03-4").judge(lambda x, w, g: (x, w)) == (
        "The result has the shape ((3, 5), (5, 5)); wanted is ((3, 5), (5, 5), (5,))."
    )
    half = find_exercise("07-1").judge(lambda n, k, s, p: n - k + 1 if s == 1 and p == 0 else 0)
    assert half == "1 of 5 inputs give the right result; the first that does not is input 2."
    assert find_exercise("02-1").judge(12) == "That is not the number."
    late = find_exercise("07-1").judge(lambda n, k, s, p: None if p else n - k + 1)
    assert late == "On input 2 of 5 it returned nothing."


def test_an_answer_may_write_into_what_it_is_given():
    def in_place(image, down, right):
        image[:] = find_exercise("13-1")(image, down, right)
        return image

    assert check("13-1", in_place)


def test_an_exercise_that_does_not_exist_is_one_line():
    with pytest.raises(ms.StudyError, match=r"^there is no exercise '03-9'; there are 03-1, 03-2, 03-3, 03-4, 03-5$"):
        check("03-9", 1)
    with pytest.raises(ms.StudyError, match=r"no exercise 'seven'; there are 01-1, \.\.\., 15-4$"):
        solution("seven")


def test_a_solution_is_folded_and_its_code_is_escaped():
    page = solution("03-2")._repr_html_()
    assert page.startswith('<details class="mnist-solution"><summary>A solution</summary>')
    assert "&gt;" in page
    assert "(x > 0)" not in page
    assert repr(solution("03-2")) == "def relu_backward(gradient, x):\n    return gradient * (x > 0)\n"
