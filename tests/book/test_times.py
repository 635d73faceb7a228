"""How long a chapter takes, as its page says it."""

import nbformat
import pytest

MARKDOWN = nbformat.v4.new_markdown_cell


@pytest.fixture
def times(script):
    return script("times")


def test_prose_counts_and_questions_exercises_and_code_do_not(times):
    cells = [
        MARKDOWN("word " * 540 + "<div class='a b c'></div> {glue}`name` **bold**"),
        MARKDOWN("word " * 900, id="questions"),
        MARKDOWN("word " * 900, id="exercise-01-1-text"),
        nbformat.v4.new_code_cell("word = 1\n" * 900),
    ]
    assert times.minutes(nbformat.v4.new_notebook(cells=cells)) == 3
    assert times.minutes(nbformat.v4.new_notebook(cells=[])) == 1


def test_a_chapter_that_was_not_executed_says_only_how_long_it_is(times, monkeypatch):
    notebook = nbformat.v4.new_notebook(cells=[MARKDOWN("word " * 360)])
    monkeypatch.setattr(times, "seconds", lambda _: None)
    assert times.line(notebook) == '<p class="mnist-times">About 2 minutes to read.</p>'
    monkeypatch.setattr(times, "seconds", lambda _: 41.6)
    assert "to read; executed in 42 seconds when this book was built." in times.line(notebook)
