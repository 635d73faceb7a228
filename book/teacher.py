"""Notebooks for a course: ``python book/teacher.py FOLDER`` writes two sets of the chapters.

``students`` has the exercises and the questions and none of their answers; ``solutions`` has each solution in the place
of the dots, and the answers. The rest of both is the chapter as one takes it away (``plain.py``).
"""

import re
import sys
from pathlib import Path

import nbformat
from build import chapters
from plain import plain

from mnist_study.exercises import find_exercise

EXERCISE = re.compile(r"exercise-(\d\d-\d+)(-solution)?")
OPTION = re.compile(r"^( +\* )\**(.+?)\** +\*[^*]+\*$", re.MULTILINE)  # of a question; in bold if right; then, why


def without_solutions(notebook):
    """The chapter without the cells that show a solution."""
    own = plain(notebook)
    found = [(cell, EXERCISE.fullmatch(cell.id)) for cell in own.cells]
    own.cells = [cell for cell, about in found if not (about and about[2])]
    for cell in own.cells:
        cell.source = cell.source.replace("import check, solution", "import check")
    return own


def for_students(notebook):
    """The chapter without solutions, and its questions without answers."""
    own = without_solutions(notebook)
    for cell in own.cells:
        if cell.id == "questions":
            cell.source = OPTION.sub(r"\1\2", cell.source)
    return own


def with_solutions(notebook):
    """The chapter with the solutions where a student would have written them."""
    own = without_solutions(notebook)
    for cell in own.cells:
        if about := EXERCISE.fullmatch(cell.id):
            name, code = about[1], find_exercise(about[1]).code
            function = re.match(r"def (\w+)\(", code)[1]
            answer = function if find_exercise(name).cases else f"{function}()"
            imports = re.match(r"(from .* import check\n+)?", cell.source)[0]
            cell.source = f'{imports}{code}\n\ncheck("{name}", {answer})'
    return own


def main(folder):
    for name, made in (("students", for_students), ("solutions", with_solutions)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path in chapters():
            nbformat.write(made(nbformat.read(path, as_version=4)), folder / name / path.name)
    print(f"{len(chapters())} chapters for students and with solutions: {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
