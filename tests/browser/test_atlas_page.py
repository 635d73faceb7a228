"""The atlas of failures and the quiz in a page: filters, keys, links, what is told when, and that barriers are none."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from pieces import DARK, SCREENS
from test_page_pad import watch

from mnist_study.data import Rated
from mnist_study.drawing import atlas, quiz

READY = ".mnist-failures-grid button"


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test[:300]


@pytest.fixture(scope="module")
def probabilities(digits):
    """Three made-up networks; who is how sure is drawn, and a misread digit is read as the next."""
    rng, found = np.random.default_rng(4), {}
    for name, every in (("often", 3), ("seldom", 12), ("never", 400)):
        wrong = np.arange(300) % every == every - 1
        answers = np.where(wrong, (digits.labels + 1) % 10, digits.labels)
        sure = rng.uniform(0.4, 1, 300)[:, None]
        found[name] = np.where(np.eye(10, dtype=bool)[answers], sure, (1 - sure) / 9)
    return found


@pytest.fixture(scope="module")
def rated(digits):
    return (Rated(11, int(digits.labels[11]), 0, 0, 5, 0), Rated(2, int(digits.labels[2]), 0, 2, 0, 3))


@pytest.fixture(scope="module")
def html(digits, probabilities, rated, mnist):
    pieces = quiz(digits, [11, 2, 5], probabilities, rated), atlas(digits, probabilities, mnist.train[:500], rated)
    return "".join(f'<div class="text_html">{piece._repr_html_()}</div>' for piece in pieces)


@pytest.fixture(params=SCREENS)
def page(browser, html, tmp_path, request):
    width, height, theme = SCREENS[request.param]
    page = watch(browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page())
    path = tmp_path / "atlas.html"
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>Atlas</title>'
        f'<meta name="viewport" content="width=device-width"><style>{DARK}</style><main>{html}</main>'
    )
    page.goto(path.as_uri())
    page.wait_for_selector(READY)
    yield page
    assert page.complaints == []
    page.context.close()


def status(page):
    return page.locator(".mnist-atlas > .mnist-failures-status").inner_text()


def expected(digits, probabilities, network=None, label=None, read=None, sure=0, networks=1):
    """Indices of what is asked for, the surest mistake first, by plain loops."""
    found = []
    for n, truth in enumerate(digits.labels):
        wrong = {name: p[n].max() for name, p in probabilities.items() if p[n].argmax() != truth}
        meant = [p for name, p in wrong.items() if network in (None, name) and round(1000 * p) >= 1000 * sure]
        as_asked = label in (None, truth) and read in (None, (truth + 1) % 10)
        if meant and as_asked and len(wrong) >= networks:
            found.append((-round(1000 * max(meant)), n))
    return [n for _, n in sorted(found)]


def shown(page):
    while page.get_by_role("button", name="Show more").is_visible():
        page.get_by_role("button", name="Show more").click()
    labels = page.locator(READY).evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    return [int(label.split(",")[0].removeprefix("Test digit ")) for label in labels]


def test_all_misread_digits_are_there_the_surest_first(page, digits, probabilities):
    assert shown(page) == expected(digits, probabilities)
    assert status(page) == "100 misread digits, 2 of them with a label that raters reject."


def test_each_filter_finds_what_plain_loops_find(page, digits, probabilities):
    page.get_by_label("Network", exact=True).select_option("seldom")
    assert shown(page) == expected(digits, probabilities, network="seldom")
    page.get_by_label("Network", exact=True).select_option("any")
    page.get_by_label("Misread by at least").select_option("2 of 3")
    assert shown(page) == expected(digits, probabilities, networks=2)
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Label", exact=True).select_option("4")
    assert shown(page) == expected(digits, probabilities, label=4)
    page.get_by_label("Read as", exact=True).select_option("5")
    page.get_by_label("At least so sure").fill("70")
    assert shown(page) == expected(digits, probabilities, label=4, read=5, sure=0.7)
    page.get_by_label("Read as", exact=True).select_option("9")
    assert shown(page) == []
    assert status(page).startswith("0 misread digits")
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Only labels that raters reject").check()
    assert sorted(shown(page)) == [2, 11]
    assert page.locator(".mnist-failures-rejected").count() == 2


def test_what_is_chosen_stands_in_the_address_and_the_address_chooses(page, digits, probabilities):
    page.get_by_label("Network", exact=True).select_option("often")
    page.get_by_label("Label", exact=True).select_option("7")
    asked = page.url
    assert asked.endswith("#network=often&label=7")
    page.goto("about:blank")
    page.goto(asked)
    page.wait_for_selector(READY)
    assert page.get_by_label("Network", exact=True).input_value() == "often"
    assert shown(page) == expected(digits, probabilities, network="often", label=7)
    page.get_by_role("button", name="Show all").click()
    assert "#" not in page.url


def test_an_address_with_nonsense_shows_all(page, digits, probabilities):
    address = page.url.split("#")[0]
    page.goto(f"{address}#network=%3Cb%3E&label=12&sure=999&read=x&rejected=yes&digit=7")
    assert status(page).startswith("100 misread digits")
    assert not page.locator("dialog").is_visible()


def test_a_link_opens_a_digit_with_what_every_network_says(page, digits, probabilities):
    page.goto(f"{page.url}#network=seldom&digit=11")
    page.wait_for_selector("dialog[open] table")
    text = page.locator("dialog").inner_text()
    label = digits.labels[11]
    assert f"Test digit 11: label {label}" in text
    assert "1 of 3 networks read it as its label." in text
    assert "Of five people" in text
    cells = page.locator("dialog td:nth-child(2)").all_inner_texts()
    assert cells == [f"{(label + 1) % 10} ✗", f"{(label + 1) % 10} ✗", f"{label} ✓"]
    assert page.locator("dialog figure canvas").count() == 3


def test_keys_walk_open_step_and_close_and_the_focus_comes_back(page, digits, probabilities):
    order = expected(digits, probabilities)
    page.locator(READY).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert f"Test digit {order[1]}," in page.evaluate("document.activeElement.ariaLabel")
    across = page.evaluate(f"""(() => {{const all = [...document.querySelectorAll("{READY}")];
        return all.filter(one => one.offsetTop === all[0].offsetTop).length}})()""")
    page.keyboard.press("ArrowDown")
    assert f"Test digit {order[1 + across]}," in page.evaluate("document.activeElement.ariaLabel")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('dialog h3').textContent.includes('digit {order[2 + across]}:')")
    page.evaluate("document.addEventListener('keydown', event => event.key === 'Escape' && event.preventDefault())")
    page.keyboard.press("Escape")  # which the book's theme has already taken
    back = f"Test digit {order[2 + across]},"
    page.wait_for_function(f"(document.activeElement.ariaLabel || '').includes('{back}')")  # a dialog closes later
    assert page.locator(f"{READY}[tabindex='0']").count() == 1


def test_the_pictures_are_the_digits(page, digits, probabilities):
    first = expected(digits, probabilities)[0]
    pixels = page.locator(f"{READY} canvas").first.evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 0)"
    )
    assert np.abs(255 - np.array(pixels) - digits.images[first].ravel().astype(int)).max() <= 16


def test_the_quiz_tells_the_label_only_after_a_guess_and_counts_who_agrees(page, digits):
    root = page.locator(".mnist-quiz")
    label = digits.labels[11]
    assert "MNIST" not in root.inner_text()
    root.get_by_role("button", name=str((label + 1) % 10), exact=True).click()
    text = root.inner_text()
    assert f"MNIST’s label is {label} (test digit 11); 2 of 3 networks say {(label + 1) % 10}, 1 say {label}." in text
    assert "Of five people" in text
    assert "agree with the label on 0 of 1, with most networks on 1 of 1" in text
    page.keyboard.press("Enter")  # the focus is on "Next digit"
    assert "Digit 2 of 3" in root.inner_text()
    page.keyboard.press(str(digits.labels[2]))
    assert "agree with the label on 1 of 2" in root.inner_text()
    page.keyboard.press("Enter")
    root.get_by_role("button", name="no digit").click()
    assert "agree with the label on 1 of 3" in root.inner_text()
    root.get_by_role("button", name="Once more").click()
    assert "told when you have guessed" in root.inner_text()


def test_neither_page_nor_dialog_has_a_barrier_or_scrolls_sideways(page):
    options = {"resultTypes": ["violations"], "preload": False}
    for context in (".mnist-quiz", ".mnist-atlas", "dialog"):
        if context == "dialog":
            page.locator(READY).first.click()
            page.wait_for_selector("dialog[open] table")
        found = Axe().run(page, context=context, options=options).response["violations"]
        assert [barrier["id"] for barrier in found if barrier["impact"] in {"serious", "critical"}] == []
        for place in ("html", "dialog"):
            assert page.evaluate(
                f"(place => place.scrollWidth <= place.clientWidth)(document.querySelector('{place}'))"
            )
