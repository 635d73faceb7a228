"""The page's digit that is dragged: its numbers beside Python's, its manners under mouse, finger, pen and keyboard."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gestures import by_mouse, by_pen, by_touch
from pieces import SCREENS, write_piece
from scipy import ndimage
from test_page_pad import PAD, SCRIPTS, ZERO, places, tensor, watch

import mnist_study as ms
from mnist_study.analysis import Accuracy
from mnist_study.drawing import drag_a_digit
from mnist_study.drawing.page_network import page_network
from mnist_study.images import CHANGES, change

ONCE = pytest.mark.parametrize("opened", ["desktop-light"], indirect=True)  # what is the same on every screen
CHANGED = "([image, amounts]) => [...MnistChanges.changed(Uint8Array.from(image), amounts)]"
LABELS = {"stroke": ["Thin or thick"], "rotation": ["Turn"], "shift": ["Move left or right", "Move up or down"]}
LABELS["blur"] = ["Blur"]


class Side:
    """A generator that leaves nothing open: of two sides always the first, 0, or the second, 1."""

    def __init__(self, side):
        self.side = side

    def integers(self, low, high, shape):
        return np.full(shape, self.side)


def in_python(image, name, *amounts):
    """What the package makes of one image, uint8 ``(28, 28)``, in a given direction."""
    (amount, *_), images = amounts, image[None]
    if name == "stroke":
        return change(images, "thickening" if amount > 0 else "thinning", abs(amount), Side(0))[0]
    if name == "rotation":
        return change(images, "rotation", abs(amount), Side(0 if amount > 0 else 1))[0]
    if name == "shift":
        right, down = amounts
        return ndimage.shift(image, (down, right), order=0)
    return change(images, name, amount, Side(0))[0]


@pytest.fixture(scope="module")
def curves():
    """Records of every network that ships, made up: what a test shows must not depend on what was measured last."""
    rng = np.random.default_rng(0)
    return {
        network: {
            name: tuple(Accuracy(int(errors), 1000) for errors in rng.integers(0, 1000, len(rule.amounts)))
            for name, rule in CHANGES.items()
        }
        for network in ms.model_names("mnist")
    }


@pytest.fixture(scope="module")
def some(mnist):
    return mnist.test[:300]


@pytest.fixture(scope="module")
def piece(some, curves):
    return drag_a_digit(some, curves)._repr_html_()


@pytest.fixture(scope="module")
def networks(weights):
    return {one["name"]: page_network(one) for one in weights[1]["networks"]}


@pytest.fixture(scope="module")
def bare(browser, weights, tmp_path_factory):
    """A page with the scripts and nothing else."""
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_piece(tmp_path_factory.mktemp("changes") / "bare.html", "changes", ""))
    yield page
    assert page.complaints == []
    page.context.close()


@pytest.fixture(scope="module", params=SCREENS)
def opened(browser, weights, piece, tmp_path_factory, request):
    """The piece and a pad on a page, the network off; opened once, put back for each test by ``page``."""
    width, height, theme = SCREENS[request.param]
    context = browser.new_context(offline=True, has_touch=True, viewport={"width": width, "height": height})
    page = watch(context.new_page())
    body = piece + '<div class="mnist-pad" data-size="small"></div>'
    page.goto(write_piece(tmp_path_factory.mktemp("changes") / "changes.html", "changes", body, theme))
    page.wait_for_selector(".mnist-changes-answer[data-guess]")
    yield page
    context.close()


@pytest.fixture
def page(opened):
    size = opened.viewport_size
    opened.evaluate("scrollTo(0, 0)")
    digit(opened, 0).check()
    opened.get_by_role("button", name="Put it back").click()
    settle(opened)
    yield opened
    opened.set_viewport_size(size)
    assert opened.complaints == []


def digit(page, label):
    return page.get_by_label(f"test digit, a {label}", exact=True)


def settle(page):
    """Until the screen shows what was set."""
    page.evaluate("() => new Promise(shown => requestAnimationFrame(() => requestAnimationFrame(shown)))")


def put(page, amounts):
    for name, values in amounts.items():
        for label, value in zip(LABELS[name], values, strict=True):
            page.get_by_label(label).fill(str(value))
    settle(page)


def moved(page):
    """Pixels to the right and down, as the sliders say."""
    return tuple(int(page.get_by_label(label).input_value()) for label in LABELS["shift"])


def seen(page):
    """The image that the page shows, ink bright on dark: uint8 ``(28, 28)``."""
    data = page.locator(".mnist-changes-paper canvas").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data]"
    )
    return (255 - np.reshape(data, (28, 28, 4))[..., 0]).astype(np.uint8)


def first_of(some, networks, label):
    """The test digit of a class that the page shows."""
    read = [ms.load_model(name).predict(some.images) == label for name in networks]
    return some.images[np.flatnonzero(np.all(read, axis=0) & (some.labels == label))[0]]


def answers_are(page, networks, image, label):
    """Every network's answer, share and verdict are those of the exported network in Python."""
    for name, network in networks.items():
        shares = network.predict_proba(image[None])[0]
        card = page.locator(f'.mnist-changes-answer[data-model="{name}"]')
        assert card.locator(".mnist-changes-guess").inner_text() == str(shares.argmax())
        share = float(card.locator(".mnist-changes-share").inner_text().replace("\u202f%", ""))
        assert share == pytest.approx(100 * shares.max(), abs=0.06)
        verdict = "" if label is None else "✓ right" if shares.argmax() == label else "✗ wrong"
        assert card.locator(".mnist-changes-verdict").inner_text() == verdict


# What the page computes is what the package computes.

ALONE = [
    *(("stroke", amount) for amount in (-1, -0.75, -0.5, -0.25, 0, 0.25, 1, 1.5, 2.75, 3)),
    *(("rotation", amount) for amount in (-90, -37, -10, -1, 0, 1, 30, 45, 60, 90)),
    *(("shift", *amounts) for amounts in ((0, 0), (1, 0), (0, -3), (4, 4), (-8, 8), (8, -5))),
    *(("blur", amount) for amount in (0, 0.1, 0.4, 0.5, 1, 1.7, 2.5, 3)),
]


@pytest.mark.parametrize("amounts", ALONE, ids=lambda amounts: " ".join(map(str, amounts)))
def test_each_change_is_the_packages_to_a_grey_value(bare, some, amounts):
    noise = np.random.default_rng(1).integers(0, 256, (28, 28)).astype(np.uint8)  # ink up to every edge
    for image in (*some.images[:3], noise):
        ours = np.reshape(bare.evaluate(CHANGED, [image.ravel().tolist(), [amounts]]), (28, 28))
        theirs = in_python(image, *amounts)
        assert np.abs(ours - theirs.astype(int)).max() <= 1
        assert np.mean(ours != theirs) < 0.01


def test_a_move_is_what_was_measured_where_it_is_along_both_axes(some):
    for pixels in (1, 4, 8):
        for side, sign in ((0, 1), (1, -1)):
            theirs = change(some.images[:1], "shift", pixels, Side(side))[0]
            assert (in_python(some.images[0], "shift", sign * pixels, sign * pixels) == theirs).all()


@ONCE
@pytest.mark.parametrize("label", [3, 7])
def test_all_changes_together_are_shown_and_read_as_in_python(page, some, networks, label):
    image = first_of(some, networks, label)
    digit(page, label).check()
    settle(page)
    assert (seen(page) == image).all()
    answers_are(page, networks, image, label)
    for amounts in (
        {"stroke": [-0.5], "rotation": [25], "shift": [2, -1], "blur": [0.6]},
        {"stroke": [1.5], "rotation": [-60], "shift": [-4, 5], "blur": [1.3]},
        {"rotation": [90], "blur": [3]},
    ):
        page.get_by_role("button", name="Put it back").click()
        put(page, amounts)
        expected = image
        for name in ("stroke", "rotation", "shift", "blur"):
            expected = in_python(expected, name, *amounts.get(name, [0, 0]))
        assert np.abs(seen(page) - expected.astype(int)).max() <= 2  # a grey value apart before blurring, and one then
        answers_are(page, networks, seen(page), label)


@ONCE
def test_the_accuracies_at_the_mark_are_on_the_lines_between_the_measured_points(page, curves, networks):
    put(page, {"rotation": [-37], "blur": [1.3], "shift": [2, -7], "stroke": [-0.5]})
    amounts = [("thinning", 0.5), ("rotation", 37), ("shift", 7), ("blur", 1.3)]
    for card, (name, amount) in zip(page.locator(".mnist-changes-property").all(), amounts, strict=True):
        shown = dict(
            re.fullmatch(r"(\w+)\s*(\d+)\u202f%", line).groups() for line in card.locator("li").all_inner_texts()
        )
        assert list(shown) == list(networks)
        for network, percent in shown.items():
            share = np.interp(amount, CHANGES[name].amounts, [each.fraction for each in curves[network][name]])
            assert int(percent) == pytest.approx(100 * share, abs=0.51)


@ONCE
def test_every_network_has_a_line_and_those_of_the_page_stand_out(page, curves, networks):
    for card in page.locator(".mnist-changes-plot").all():
        assert {*card.locator(".is-other title").all_text_contents()} == set(curves) - set(networks)
        assert card.locator("[class*=is-network]:not(.is-dot)").count() == len(networks)
    named = page.locator(".mnist-changes-order").inner_text().split("under a pointer: ")[1].rstrip(".").split(", ")
    assert set(named) == set(curves) - set(networks)


# Hands and eyes.


@pytest.mark.parametrize("stroke", [by_mouse, by_touch, by_pen])
def test_the_digit_follows_the_hand_and_the_page_stays_where_it_is(page, stroke):
    box = page.locator(".mnist-changes-paper canvas").bounding_box()
    start, pixel = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), box["width"] / 28
    before = seen(page)
    path = [(start[0] + part * 3 * pixel, start[1] - part * 6 * pixel) for part in np.linspace(0, 1, 5)]
    stroke(page, path)
    settle(page)
    assert moved(page) == (3, -6)
    assert (seen(page) == ndimage.shift(before, (-6, 3), order=0)).all()
    assert page.evaluate("scrollY") == 0
    page.mouse.move(start[0] - 5 * pixel, start[1])
    settle(page)
    assert moved(page) == (3, -6), "the hand has let go"


@ONCE
def test_a_digit_is_never_dragged_farther_than_was_tried(page):
    box = page.locator(".mnist-changes-paper canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    by_mouse(page, [(x, y), (x - 0.45 * box["width"], y + 0.45 * box["width"])])
    settle(page)
    assert moved(page) == (-8, 8)


def test_arrow_keys_move_it_a_pixel_at_a_time_and_put_it_back_undoes_all(page):
    page.locator(".mnist-changes-paper").focus()
    for key in ["ArrowRight"] * 3 + ["ArrowLeft", "ArrowDown"] + ["ArrowUp"] * 10:
        page.keyboard.press(key)
    settle(page)
    assert moved(page) == (2, -8)
    put(page, {"rotation": [20], "blur": [1], "stroke": [2]})
    page.get_by_role("button", name="Put it back").click()
    settle(page)
    assert moved(page) == (0, 0)
    assert page.locator("output").all_inner_texts() == ["as it is"] * 5


def test_the_mark_stands_under_the_sliders_thumb(page):
    put(page, {"rotation": [45], "blur": [2.4], "shift": [-6, 0], "stroke": [-0.5]})
    marks = page.locator(".is-mark").evaluate_all("all => all.map(one => one.getBoundingClientRect().x)")
    for mark, (name, share) in zip(
        marks, {"stroke": 0.125, "rotation": 0.75, "shift": 0.125, "blur": 0.8}.items(), strict=True
    ):
        box = page.get_by_label(LABELS[name][0]).bounding_box()
        thumb = box["x"] + 8 + share * (box["width"] - 16)
        assert mark == pytest.approx(thumb, abs=2), name


@ONCE
def test_an_amount_is_said_with_its_side(page):
    put(page, {"rotation": [-30], "shift": [3, 0], "stroke": [0.5], "blur": [0.3]})
    expected = [
        "0.5 pixels onto each edge",
        "30 degrees anticlockwise",
        "3 pixels to the right",
        "as it is",
        "0.3 pixels",
    ]
    assert page.locator("output").all_inner_texts() == expected
    spoken = page.locator(".mnist-changes input[type=range]").evaluate_all("all => all.map(one => one.ariaValueText)")
    assert spoken == expected


@ONCE
def test_what_came_of_it_is_read_out_once_when_the_hand_rests(page, networks, some):
    live = page.locator(".mnist-changes [aria-live=polite]")
    page.wait_for_timeout(600)  # what the test before has left to say
    live.evaluate(
        "e => { window.told = []; new MutationObserver(() => told.push(e.textContent)).observe(e, {childList: true}); }"
    )
    for degrees in range(0, 61, 4):
        put(page, {"rotation": [degrees]})
    page.wait_for_function("told.length")
    assert len(page.evaluate("told")) == 1
    sentence = live.inner_text()
    assert sentence.startswith("Turn: 60 degrees clockwise. Alone, of 1000 digits: softmax ")
    for name in networks:
        assert re.search(rf"; {name} reads \d, [\d.]+\u202f% sure, (right|wrong)[;.]", sentence)


def test_a_drawing_is_read_as_soon_as_it_is_there_and_nobody_judges_it(page, networks):
    mine = page.get_by_label("your drawing", exact=True)
    assert mine.is_disabled()
    for stroke in places(page, ZERO):
        by_mouse(page, stroke)
    settle(page)
    assert mine.is_checked()
    image = tensor(page)
    assert (seen(page) == image).all()
    answers_are(page, networks, image, None)
    put(page, {"shift": [5, 2]})
    answers_are(page, networks, ndimage.shift(image, (2, 5), order=0), None)
    page.get_by_role("button", name="Clear").click()
    assert mine.is_disabled()
    assert digit(page, 0).is_checked()


def test_digit_and_answers_stay_in_sight_when_the_last_slider_is_moved(page):
    height = page.viewport_size["height"]
    slider = page.get_by_label("Blur")
    slider.evaluate("one => one.scrollIntoView({block: 'end'})")
    settle(page)
    above = slider.bounding_box()["y"]
    for part in page.locator(".mnist-changes-paper, .mnist-changes-answer").all():
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= above < height


def test_the_books_cell_around_it_is_no_card_and_no_box_that_scrolls(browser, weights, piece, tmp_path):
    card = """<style>html[data-theme=dark] .cell_output .text_html {background: #ced6dd; padding: .5rem}
        .cell_output .output {overflow: auto}</style>"""
    body = f'{card}<div class="cell_output"><div class="output text_html">{piece}</div></div>'
    page = browser.new_context(offline=True).new_page()
    page.goto(write_piece(tmp_path / "cell.html", "changes", body, "dark"))
    shown = page.locator(".text_html").evaluate(
        "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).padding, getComputedStyle(e).overflow]"
    )
    assert shown == ["rgba(0, 0, 0, 0)", "0px", "visible"]
    page.context.close()


def test_no_slider_that_the_keyboard_comes_to_is_hidden_below_the_digit(page):
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 600})
    page.get_by_label("Blur").focus()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    for label in ("Move up or down", "Move left or right", "Turn", "Thin or thick"):
        page.keyboard.press("Shift+Tab")
        settle(page)
        slider, see = page.get_by_label(label), page.locator(".mnist-changes-see").bounding_box()
        assert slider.evaluate("one => one === document.activeElement")
        assert see["y"] + see["height"] <= slider.bounding_box()["y"] < 600 - 34, label


def test_nothing_overflows_sideways_and_fingers_find_what_they_aim_for(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    if page.viewport_size["width"] < 600:
        targets = page.locator(".mnist-changes :is(button, label:has(input), input[type=range])").all()
        assert len(targets) == 1 + 11 + 5
        assert min(target.bounding_box()["height"] for target in targets) >= 44


def test_axe_finds_no_serious_barrier(page):
    put(page, {"rotation": [90], "shift": [8, 8]})  # somebody is wrong
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context=".mnist-changes", options=options).response["violations"]
    assert [barrier["id"] for barrier in found if barrier["impact"] in {"serious", "critical"}] == []


def test_whatever_has_the_focus_shows_it(page):
    digit(page, 0).focus()
    for _ in range(7):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML")


# Pages where something is missing.


def sentence(browser, url, **options):
    page = watch(browser.new_context(offline=True, **options).new_page())
    page.goto(url)
    if options.get("java_script_enabled", True):
        page.wait_for_function("!/loaded …/.test(document.querySelector('.mnist-changes').innerText)")
    text = page.locator(".mnist-changes").inner_text()
    assert page.locator(".mnist-changes :is(canvas, button)").count() == 0
    assert [line for line in page.complaints if "ERR_FILE_NOT_FOUND" not in line] == []
    page.context.close()
    return text


def test_without_scripts_or_with_damaged_words_the_sentence_of_the_notebook_stays(browser, piece, tmp_path):
    scripts = "JavaScript, pad.js, digits.js and changes.js"
    instead = f"Here one could drag a digit and see what the networks read; it needs {scripts}."
    page = write_piece(tmp_path / "none.html", "changes", piece)
    assert sentence(browser, page, java_script_enabled=False) == instead
    damaged = write_piece(tmp_path / "damaged.html", "changes", re.sub('data-said="[^"]*"', 'data-said="{"', piece))
    assert sentence(browser, damaged) == instead
    cut = tmp_path / "cut.html"
    write_piece(cut, "changes", piece)
    cut.write_text(re.sub(r'<script defer src="[^"]*digits.js"></script>', "", cut.read_text()))
    assert sentence(browser, cut.as_uri()) == instead


def test_without_the_pads_scripts_or_the_networks_it_says_so(browser, piece, tmp_path):
    alone = write_piece(tmp_path / "alone.html", "changes", piece, scripts=())
    assert sentence(browser, alone) == "There is no digit to drag, because pad.js is missing or damaged."
    for name in SCRIPTS:  # beside them there are no weights
        (tmp_path / name).write_bytes((PAD / name).read_bytes())
    bare = write_piece(tmp_path / "bare.html", "changes", piece, scripts=[tmp_path / name for name in SCRIPTS])
    assert sentence(browser, bare) == "There is no digit to drag, because weights.js is missing or cut short."


@pytest.mark.parametrize("images", ["", "%%%", "AAAA"])
def test_damaged_digits_leave_one_sentence(browser, weights, piece, tmp_path, images):
    damaged = re.sub('data-images="[^"]*"', f'data-images="{images}"', piece)
    text = sentence(browser, write_piece(tmp_path / "bad.html", "changes", damaged))
    assert text.startswith("There is no digit to drag, because data-images does not hold 784 grey values")


def test_a_network_of_the_page_without_a_record_reads_but_has_no_curve(browser, weights, some, curves, tmp_path):
    page = watch(browser.new_context(offline=True).new_page())
    piece = drag_a_digit(some, {"mlp": curves["mlp"]})._repr_html_()
    page.goto(write_piece(tmp_path / "one.html", "changes", piece))
    page.wait_for_selector(".mnist-changes-answer[data-guess]")
    assert page.locator(".mnist-changes-answer").count() == len(weights[1]["networks"])
    assert [name.split()[0] for name in page.locator(".mnist-changes li").all_inner_texts()] == ["mlp"] * 4
    assert page.locator(".is-other").count() == 0
    assert page.locator(".mnist-changes-order").inner_text().endswith("under a pointer: –.")
    assert page.complaints == []
    page.context.close()


def test_two_of_them_on_a_page_keep_to_themselves(browser, weights, piece, tmp_path):
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_piece(tmp_path / "two.html", "changes", 2 * piece))
    first, second = page.locator(".mnist-changes").all()
    second.scroll_into_view_if_needed()
    second.locator(".mnist-changes-answer[data-guess]").first.wait_for()
    settle(page)
    before = second.inner_text()
    digit(first, 4).check()
    first.get_by_label("Turn").fill("40")
    settle(page)
    assert second.inner_text() == before
    assert digit(second, 0).is_checked()
    assert not first.get_by_label("your drawing").is_visible()
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    assert page.complaints == []
    page.context.close()
