"""The questions at the end of each chapter, in the built book: by keyboard, kept in the browser, saved as a file."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_pages import PAGES

CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
QUESTIONS = ".mnist-questions fieldset"
TRIES = 3  # Chromium under load now and then loses what was written to localStorage: once in some 800 pages


@pytest.fixture
def open_page(browser, html):
    contexts = []

    def start(name, context=None):
        if context is None:
            contexts.append(browser.new_context(offline=True, accept_downloads=True))
        page = contexts[-1].new_page()
        page.goto((html / f"{name}.html").as_uri())
        return page

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def chapter(browser, html, request):
    """A chapter that two tests look at, opened once."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((html / f"{request.param}.html").as_uri())
    yield page
    context.close()


ASK = """questions => questions.map(question => {
    const said = question.querySelector(".mnist-questions-said");
    const options = [...question.querySelectorAll("label")].map(option => {
        option.click();
        return [option.innerText, question.dataset.right === "true", said.innerText];
    });
    return [question.querySelector("legend").innerText, options];
})"""


@pytest.mark.parametrize("chapter", CHAPTERS, indirect=True)
def test_every_question_has_one_right_option_and_says_why_for_each(chapter):
    questions = chapter.locator(QUESTIONS).evaluate_all(ASK)
    assert len(questions) >= 3
    for legend, options in questions:
        assert legend.strip()
        assert len(options) >= 3
        assert sum(right for _, right, _ in options) == 1
        for option, right, said in options:
            assert said.startswith("Right. " if right else "Not so. ")
            assert len(said) > 20
            assert "*" not in option + said
    assert Axe().run(chapter, ".mnist-questions", {"preload": False}).response["violations"] == []


def test_answers_are_given_by_keyboard_kept_and_saved(open_page, tmp_path):
    page = open_page(CHAPTERS[1])
    page.locator(f"{QUESTIONS} input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    first = page.locator(QUESTIONS).first
    said = first.locator(".mnist-questions-said").inner_text()
    assert page.locator(".mnist-questions-summary").inner_text().endswith("of 3 right.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Save my answers to all chapters"
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    download.value.save_as(tmp_path / "answers.json")
    saved = json.loads((tmp_path / "answers.json").read_text())
    assert list(saved["answers"]) == [CHAPTERS[1].partition("/")[2]]
    answer = saved["answers"][CHAPTERS[1].partition("/")[2]]["1-1"]
    right = page.locator(QUESTIONS).first.get_attribute("data-right") == "true"
    assert [answer["option"], answer["right"], answer["first"]["option"]] == [2, right, 1]
    assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(saved["saved"]) < timedelta(hours=1)
    page.reload()
    kept = page.locator(QUESTIONS).first
    expect(kept.locator("input").nth(1)).to_be_checked()
    expect(kept.locator(".mnist-questions-said")).to_have_text(said)
    assert page.locator(QUESTIONS).nth(1).locator("input:checked").count() == 0


def kept(page, name):
    return page.evaluate("name => Object.values(JSON.parse(localStorage['mnist-study.answers']))[0][name]", name)


def test_the_first_choice_stays_and_answers_of_an_older_page_are_read(open_page):
    page = open_page(CHAPTERS[0])
    older = {CHAPTERS[0].partition("/")[2]: {"1-1": {"option": 2, "right": False}}}
    page.evaluate("older => { localStorage['mnist-study.answers'] = JSON.stringify(older); }", older)
    page.reload()
    one, other = page.locator(QUESTIONS).nth(0).locator("input"), page.locator(QUESTIONS).nth(1).locator("input")
    expect(one.nth(1)).to_be_checked()
    one.first.check()
    assert kept(page, "1-1")["option"] == 1
    assert "first" not in kept(page, "1-1")  # nobody knows
    for choice in (2, 0, 1):
        other.nth(choice).check()
        assert [kept(page, "1-2")["option"], kept(page, "1-2")["first"]["option"]] == [choice + 1, 3]
    page.reload()
    expect(other.nth(1)).to_be_checked()
    other.first.check()
    assert kept(page, "1-2")["first"]["option"] == 3


@pytest.mark.parametrize("chapter", CHAPTERS, indirect=True)
def test_a_prediction_is_asked_before_the_result_kept_and_shown_beside_it(chapter):
    page = chapter
    asked, shown = page.locator(".mnist-prediction"), page.locator(".mnist-predicted")
    assert asked.count() == shown.count() == 1
    assert "?" in asked.inner_text()
    assert asked.evaluate("one => one.compareDocumentPosition(document.querySelector('.mnist-predicted'))") == 4
    assert shown.inner_text() == ""
    line = page.get_by_label("I expect")
    for attempt in range(TRIES):
        line.fill(" <b>90</b> or so ")
        assert shown.inner_text().strip() == "You had expected: <b>90</b> or so."
        if not attempt:
            assert Axe().run(page, ".mnist-prediction", {"preload": False}).response["violations"] == []
        page.reload()
        if line.input_value():
            break
    expect(line).to_have_value("<b>90</b> or so")
    expect(page.locator(".mnist-predicted")).to_have_text("You had expected: <b>90</b> or so.")


def test_a_chapter_in_two_tabs_shows_the_same_answers(open_page):
    one = open_page(CHAPTERS[0])
    other = open_page(CHAPTERS[0], one.context)

    other.get_by_label("I expect").fill("a")
    expect(one.get_by_label("I expect")).to_have_value("a")
    one.bring_to_front()
    one.locator(QUESTIONS).first.locator("input").first.check()
    expect(other.locator(QUESTIONS).first.locator("input").first).to_be_checked()
    other.bring_to_front()
    other.get_by_label("I expect").fill("b")
    expect(one.get_by_label("I expect")).to_have_value("b")
    expect(one.locator(".mnist-predicted")).to_have_text("You had expected: b.")
