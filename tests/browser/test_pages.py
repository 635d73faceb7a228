"""The built book, opened from the file system in a real browser with the network off."""

import re
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TOC = YAML(typ="safe", pure=True).load(ROOT / "_toc.yml")
PAGES = [TOC["root"], *(entry["file"] for part in TOC["parts"] for entry in part["chapters"])]
MATHEMATICAL = [page for page in PAGES if (path := ROOT / f"{page}.ipynb").exists() and "$$" in path.read_text()]
SCREENS = {"desktop-light": (1400, 900, "light"), "phone-dark": (390, 844, "dark")}
LOOKS = """(() => { // marks three of all words that look alike: contrast is the same for the others
    const seen = new Map();
    const grounds = new Map([[null, ""]]);
    function ground(element) {
        if (!grounds.has(element)) {
            const {backgroundColor, backgroundImage, opacity, position} = getComputedStyle(element);
            const own = `${backgroundColor} ${backgroundImage} ${opacity} ${position}`;
            grounds.set(element, `${own}, ${ground(element.parentElement)}`);
        }
        return grounds.get(element);
    }
    for (const element of document.querySelectorAll("body *")) {
        const {color, fontSize, fontWeight} = getComputedStyle(element);
        const look = `${color} ${fontSize} ${fontWeight} on ${ground(element)}`;
        const words = [...element.childNodes].some(one => one.nodeType === Node.TEXT_NODE && one.data.trim());
        if (!words || !element.checkVisibility({visibilityProperty: true})) continue;
        seen.set(look, (seen.get(look) ?? 0) + 1);
        if (seen.get(look) <= 3) element.dataset.look = "";
    }
    axe.configure({rules: [{id: "color-contrast", selector: "[data-look]"}]});
})()"""


@contextmanager
def visiting(browser, html, screen):
    """Open a page of the book and collect what it asks for and what it complains of."""
    width, height, scheme = SCREENS[screen]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=True)
    page = context.new_page()
    page.requested, page.complaints = [], []
    page.on("request", lambda asked: page.requested.append(asked.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)

    def open_page(name):
        page.goto((html / f"{name}.html").as_uri())
        page.wait_for_load_state("load")
        return page

    yield open_page
    context.close()


@pytest.fixture(params=SCREENS)
def visit(browser, html, request):
    with visiting(browser, html, request.param) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def opened(browser, html, request):
    """A page that several tests look at, opened once: its name, and the page."""
    screen, name = request.param
    with visiting(browser, html, screen) as open_page:
        yield name, open_page(name)


def each(names):
    """Run a test on these pages, on both screens."""
    cases = [(screen, name) for screen in SCREENS for name in names]
    return pytest.mark.parametrize("opened", cases, indirect=True, ids=map("-".join, cases))


@each(PAGES)
def test_a_page_asks_nobody_outside_and_reports_no_error(opened):
    _, page = opened
    page.wait_for_timeout(800)
    assert page.requested
    assert [url for url in page.requested if not url.startswith(("file://", "data:"))] == []
    assert page.complaints == []


@each(MATHEMATICAL)
def test_math_is_drawn_and_no_tex_is_left(opened):
    _, page = opened
    page.wait_for_selector("mjx-container", timeout=120_000)
    page.wait_for_function(
        "document.querySelectorAll('.math').length <= document.querySelectorAll('mjx-container').length",
        timeout=120_000,
    )
    text = page.inner_text("article")
    assert not [mark for mark in (r"\(", r"\[", r"\frac", r"\partial", "$$", "{glue}", "{cite}") if mark in text]
    assert page.locator("mjx-merror").count() == 0


@each(PAGES)
def test_every_image_is_whole_and_has_alt_text_and_the_page_never_scrolls_sideways(opened):
    name, page = opened
    images = page.locator("article img").evaluate_all(
        """all => all.map(image => ({
            alt: image.alt,
            src: image.src.slice(0, 80),
            drawn: image.complete && image.naturalWidth > 0,
            stretched: image.clientWidth / image.clientHeight / (image.naturalWidth / image.naturalHeight),
        }))"""
    )
    chapter = ROOT / f"{name}.ipynb"
    figures = chapter.read_text().count('"mystnb"') if chapter.exists() else {"book/intro": 1}.get(name, 0)
    assert len(images) >= figures
    for image in images:
        assert image["drawn"], image
        assert image["stretched"] == pytest.approx(1, abs=0.02), image
        assert len(image["alt"]) > 40, image
        assert not image["alt"].endswith(".png"), "docutils puts the file's name where alt text is missing"
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


def test_the_theme_follows_the_reader_and_figures_stay_white_cards(visit):
    page = visit("notebooks/02_softmax")
    theme = page.get_attribute("html", "data-theme")
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert theme == ("dark" if dark else "light")
    for style in page.locator("article figure img").evaluate_all(
        "all => all.map(i => [getComputedStyle(i).filter, getComputedStyle(i).backgroundColor])"
    ):
        assert style[0] == "none"
        assert style[1] in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}


def test_on_a_phone_figures_are_narrow_and_panels_stand_one_below_the_other(visit):
    page = visit("notebooks/06_fc")
    phone = page.viewport_size["width"] < 600
    shown = page.locator("article figure picture img").evaluate_all(
        """all => all.map(image => {
            const figure = image.closest("figure");
            const tall = image.naturalHeight > image.naturalWidth;
            return [tall, image.currentSrc !== image.src, figure.scrollWidth <= figure.clientWidth];
        })"""
    )
    assert shown
    assert all(narrow == phone and fits for _, narrow, fits in shown)
    assert any(tall for tall, *_ in shown) == phone  # panels; a figure of one alone is only half as wide


def test_numbers_in_the_prose_are_there_and_look_like_prose(visit):
    page = visit("book/intro")
    numbers = page.locator("article table .computed").all_inner_texts()
    assert len(numbers) >= 5
    assert sum("wrong)" in number for number in numbers) >= 3
    assert any("±" in number for number in numbers)
    font = "element => getComputedStyle(element).fontFamily"
    assert page.locator("article table .computed").first.evaluate(font) == page.locator("article p").first.evaluate(
        font
    )


def test_figures_are_numbered_and_the_notebook_can_be_downloaded(visit, html):
    page = visit("notebooks/01_data")
    captions = page.locator("figure .caption-number").all_inner_texts()
    assert [caption.strip() for caption in captions] == [f"Fig. {i}" for i in range(1, len(captions) + 1)]
    link = page.locator("a[href$='01_data.ipynb']").first.get_attribute("href")
    notebook = (html / "notebooks" / link).resolve().read_text()
    assert notebook.startswith("{")
    assert "{glue}" not in notebook  # its prose has the numbers (book/plain.py)
    assert "LeCun et al., 1998" in notebook


def test_search_finds_a_word_of_the_book(visit, html):
    page = visit("search")
    page.goto(f"{(html / 'search.html').as_uri()}?q=backpropagation")
    page.wait_for_selector("#search-results li a", timeout=120_000)
    assert any("deep network" in text for text in page.locator("#search-results li a").all_inner_texts())


class _Outside(HTMLParser):
    """Collects what a page would load from elsewhere, even where no script has asked for it yet."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            loads = (tag in {"script", "img", "iframe", "source"} and name == "src") or (
                tag == "link" and name == "href"
            )
            if loads and value and value.startswith(("http:", "https:", "//")):
                self.found.append((tag, value))


def test_no_page_names_a_script_style_or_image_from_elsewhere(html):
    pages = list(html.rglob("*.html"))
    assert len(pages) >= len(PAGES)
    for path in pages:
        parser = _Outside()
        parser.feed(path.read_text())
        assert parser.found == [], path


def test_no_page_shows_what_a_library_complained_of(html):
    assert [path.name for path in html.glob("notebooks/*.html") if "output stderr" in path.read_text()] == []


@each(PAGES)
def test_nobody_is_kept_out_of_a_page(opened):
    name, page = opened
    context = {"exclude": [["dl.py"]]} if name == "book/api" else None  # signatures, as Sphinx writes them
    options = {"preload": False, "resultTypes": ["violations"]}
    violations = Axe(f"{AXE_SCRIPT};{LOOKS}").run(page, context, options).response["violations"]
    assert [(one["id"], node["html"][:200]) for one in violations for node in one["nodes"]] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("notebooks/")])
def test_a_chapter_says_under_its_title_how_long_it_takes(html, name):
    page = (html / f"{name}.html").read_text()
    said = re.search(r"</h1>\s*<p class=\"mnist-times\">(.*?)</p>", page)[1]
    assert re.fullmatch(r"About \d+ minutes to read; executed in \d+ seconds when this book was built\.", said)
