"""How the book is built: which chapters there are, when one is executed again, and that only what passed is kept."""

import importlib.util
import shutil

import nbformat
import pytest
from jupyter_cache import get_cache

NEW = nbformat.v4.new_code_cell
LAYERS = '''"""Layers."""


def relu(x):
    """Cut."""
    return x
'''


@pytest.fixture
def build(root, tmp_path, monkeypatch):
    """``book/build.py`` at work on a small repository of its own."""
    spec = importlib.util.spec_from_file_location("build", root / "book" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for folder in ("mnist_study", "data", "notebooks"):
        (tmp_path / folder).mkdir()
    shutil.copytree(root / "book", tmp_path / "book", ignore=shutil.ignore_patterns("_static", "__pycache__"))
    (tmp_path / "mnist_study" / "layers.py").write_text(
        '"""Layers."""\n\n\ndef relu(x):\n    """Cut."""\n    return x\n'
    )
    (tmp_path / "mnist_study" / "fc.yaml").write_text("epochs: 3\n")
    (tmp_path / "requirements.txt").write_text("numpy==1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "BUILD", tmp_path / "_build")
    return module


def chapter(build, name, *cells):
    path = build.ROOT / "notebooks" / name
    nbformat.write(nbformat.v4.new_notebook(cells=[NEW(cell) for cell in cells]), path)
    return path


def edit(build, name, old, new):
    path = build.ROOT / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_every_notebook_of_the_repository_is_a_chapter_of_the_book(root):
    spec = importlib.util.spec_from_file_location("build", root / "book" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert sorted(module.chapters()) == sorted((root / "notebooks").glob("[0-9]*.ipynb"))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("mnist_study/layers.py", "return x", "return 2 * x"),
        ("mnist_study/fc.yaml", "3", "4"),
        ("requirements.txt", "1", "2"),
        ("notebooks/01.ipynb", "print(1)", "print(2)"),
    ],
)
def test_a_chapter_is_stale_when_what_its_results_depend_on_has_changed(build, name, old, new):
    path = chapter(build, "01.ipynb", "print(1)")
    before = build.digest(path)
    edit(build, name, old, new)
    assert build.digest(path) != before


def test_a_docstring_or_a_comment_makes_only_those_chapters_stale_that_show_it(build):
    plain, showing = chapter(build, "01.ipynb", "print(1)"), chapter(build, "02.ipynb", "source(relu)")
    before = build.digest(plain), build.digest(showing)
    edit(build, "mnist_study/layers.py", "Cut.", "Cut what is negative.")
    edit(build, "mnist_study/layers.py", "return x", "return x  # as it is")
    assert build.digest(plain) == before[0]
    assert build.digest(showing) != before[1]


def test_prose_makes_no_chapter_stale(build):
    path = chapter(build, "01.ipynb", "print(1)")
    before = build.digest(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_markdown_cell("A word."))
    nbformat.write(notebook, path)
    assert build.digest(path) == before


@pytest.mark.slow
def test_what_passed_is_kept_with_its_outputs_and_what_failed_is_not(build, capfd):
    good = chapter(build, "01.ipynb", "x = 2", "print(x + 1)")
    bad = chapter(build, "02.ipynb", "print(1)", "assert 1 > 2", "print(3)")
    cache = get_cache(build.ROOT / "cache")
    with pytest.raises(SystemExit, match="a chapter failed"):
        build.execute([good, bad], cache)
    assert build.is_fresh(good, cache)
    assert not build.is_fresh(bad, cache)
    _, kept = cache.merge_match_into_notebook(nbformat.read(good, as_version=4))
    assert kept.cells[1].outputs[0].text == "3\n"
    assert "assert 1 > 2" in capfd.readouterr().out
    edit(build, "mnist_study/fc.yaml", "3", "4")
    assert not build.is_fresh(good, cache)


def test_pages_are_written_when_something_has_changed_and_only_then(build, monkeypatch, capsys):
    html = build.BUILD / "html"
    written = []

    def write(output, *options):
        written.append(options)
        html.mkdir(parents=True, exist_ok=True)
        (html / "index.html").write_text("The book")

    monkeypatch.setattr(build, "build", write)
    monkeypatch.setattr(build, "CACHE", build.ROOT / "cache")
    (build.ROOT / "_toc.yml").write_text("parts: []\n")
    build.main([])
    assert len(written) == 1
    build.main([])
    assert len(written) == 1
    assert str(html / "index.html") in capsys.readouterr().out
    for name, old, new in (("book/intro.md", "# ", "# A "), ("mnist_study/layers.py", "Cut.", "Cut it.")):
        edit(build, name, old, new)  # prose and docstrings, which execute no chapter
        build.main([])
    assert len(written) == 3
    (html / "index.html").unlink()
    build.main([])
    assert len(written) == 4


def test_a_build_that_failed_is_no_build(build, monkeypatch):
    def fail(*_):
        raise SystemExit(1)

    html = build.BUILD / "html"
    html.mkdir(parents=True)
    (html / "index.html").write_text("An older book")
    monkeypatch.setattr(build, "CACHE", build.ROOT / "cache")
    (build.ROOT / "_toc.yml").write_text("parts: []\n")
    monkeypatch.setattr(build, "build", lambda *_: None)
    build.main([])
    edit(build, "book/intro.md", "# ", "# A ")
    monkeypatch.setattr(build, "build", fail)
    for _ in range(2):
        with pytest.raises(SystemExit):
            build.main([])
