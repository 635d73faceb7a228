"""The page's pad: its numbers beside Python's, and its manners under mouse, finger, pen and keyboard."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gestures import by_mouse, by_pen, by_touch
from playwright.sync_api import expect

from mnist_study.analysis import SCORES, diagnose
from mnist_study.analysis.examination import refusal_of
from mnist_study.data import MNIST, TWO_DIGIT
from mnist_study.drawing.export import SCRIPTS as WEIGHTS
from mnist_study.drawing.export import encode
from mnist_study.drawing.page_network import page_network
from mnist_study.images import STRANGERS, rasterise, strangers
from mnist_study.images.preparation import image_shape, stages

ROOT = Path(__file__).parents[2]
PAD = ROOT / "book" / "_static" / "pad"
SCRIPTS = ("reader.js", "pad.js")
TASKS = {1: MNIST, 2: TWO_DIGIT}
GOLDEN = json.loads((ROOT / "tests" / "drawing" / "golden.json").read_text())
SEVEN, THREE, ZERO = (
    next(drawing for drawing in GOLDEN if drawing["name"] == f"test digit {n}") for n in (79, 112, 136)
)  # every network reads them right, and takes them for digits
SCRIBBLE = {"strokes": [[[40 + 25 * at, 60 + 150 * (at % 2)] for at in range(9)], [[30, 140], [250, 130]]]}
FOUR = next(drawing for drawing in GOLDEN if drawing["label"] == 4)


def moved(strokes, right):
    return [[[x + right, y] for x, y in stroke] for stroke in strokes]


FOUR_SEVEN = {"label": 47, "strokes": [*FOUR["strokes"], *moved(SEVEN["strokes"], 280)]}
ONE_STROKE, ANGLE, STEM = [[330, 30], [328, 250]], [[100, 20], [40, 150], [160, 150]], [[120, 90], [118, 260]]
PAIRS = {  # what a pad of two digits may get
    "a seven beside a four": FOUR_SEVEN["strokes"],
    "a four in two strokes beside a one": [ANGLE, STEM, ONE_STROKE],
    "the one first, and the four's stem last": [ONE_STROKE, ANGLE, STEM],
    "a bar that comes last": [*SEVEN["strokes"], *moved(ZERO["strokes"], 270), [[60, 140], [190, 138]]],
    "digits that touch": [*THREE["strokes"], *moved(ZERO["strokes"], 130)],
    "strokes that all overlap": [*FOUR["strokes"], *moved(SEVEN["strokes"], 20), [[60, 150], [260, 140]]],
    "one digit on the left": SEVEN["strokes"],
    "one digit on the right": moved(THREE["strokes"], 280),
    "one digit across the middle": moved(ZERO["strokes"], 140),
    "one dot": [[[300, 100]]],
    "two dots": [[[100, 100]], [[430, 180]]],
    "dots in one place": [[[100, 100]], [[100, 100]]],
    "as long as wide": [[[10, 140], [550, 140]]],
    "far and small": [[[1e6 + x / 1e3, y / 1e3 - 1e5] for x, y in stroke] for stroke in FOUR_SEVEN["strokes"]],
    "nothing": [],
    "an empty stroke between two": [SEVEN["strokes"][0], [], *moved(ZERO["strokes"], 280)],
}
PAGES = {"small": "book/intro", "full": "notebooks/12_draw"}
SCREENS = {
    "desktop-light": {"viewport": {"width": 1400, "height": 900}, "color_scheme": "light", "has_touch": True},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True},
}
READ = """({strokes, pen, stage, digits}) => {
    const reader = readers[digits || 1];
    const image = reader.rasterise(strokes, {pen, stage});
    const networks = reader.networks.map(network => [network.name, network.logits(image)]);
    return {image: [...image], networks, measures: reader.diagnose(image)};
}"""


def write_page(path, body, scripts=SCRIPTS):
    """A page with nothing but pads, which loads the scripts where they are: by name from PAD, or by their path."""
    links = "".join(f'<script defer src="{(PAD / script).as_uri()}"></script>' for script in scripts)
    style = f'<link rel="stylesheet" href="{(PAD / "pad.css").as_uri()}">'
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pads</title>{style}<main>{body}</main>{links}'
    )
    return path.as_uri()


def watch(page):
    """Collect the page's complaints in ``page.complaints``."""
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    return page


@pytest.fixture(scope="module")
def bare(browser, weights, tmp_path_factory):
    """A page with no pad, whose ``readers`` are those of one and of two digits."""
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_page(tmp_path_factory.mktemp("pad") / "bare.html", ""))
    page.evaluate("async () => { window.readers = {1: await MnistPad.readerFor(1), 2: await MnistPad.readerFor(2)}; }")
    yield page
    assert page.complaints == []
    page.context.close()


@pytest.fixture(scope="module")
def networks(weights):
    """What the page is to compute: for each number of digits, dict from name to network."""
    lent = {one["name"]: one for one in weights[1]["networks"]}
    return {
        digits: {
            one["name"]: page_network(lent[one["name"]] | one if "from" in one else one) for one in page["networks"]
        }
        for digits, page in weights.items()
    }


# What the page computes is what the package computes.


def is_read_as_in_python(read, image, networks, task):
    """``image``: what Python makes of the drawing; ``read``: what the page says of it."""
    assert (np.reshape(read["image"], task.shape) == image).all()
    assert [name for name, _ in read["networks"]] == list(networks)
    for name, logits in read["networks"]:
        assert logits == pytest.approx(networks[name].logits(image[None])[0], abs=1e-3)
    if not image.any():
        assert read["measures"] is None
        return
    measures = diagnose(image, task)
    assert [measure["name"] for measure in read["measures"]] == list(measures)
    for found in read["measures"]:
        measure = measures[found["name"]]
        assert (found["unit"], found["unusual"]) == (measure.unit, measure.unusual)
        assert found["value"] == pytest.approx(measure.value, rel=1e-9)
        assert found["percentile"] == pytest.approx(measure.percentile, abs=1e-9)
        assert found["compared"].replace("\u202f", " ") == measure.compared


@pytest.mark.parametrize("drawing", GOLDEN, ids=[drawing["name"] for drawing in GOLDEN])
def test_a_golden_drawing_is_drawn_read_and_measured_as_in_python(bare, networks, drawing):
    read = bare.evaluate(READ, {key: drawing[key] for key in ("strokes", "pen", "stage")})
    image = rasterise(drawing["strokes"], drawing["pen"], stage=drawing["stage"])
    is_read_as_in_python(read, image, networks[1], MNIST)


@pytest.mark.parametrize("stage", stages(2))
@pytest.mark.parametrize("name", PAIRS)
def test_two_digits_are_drawn_read_and_measured_as_in_python(bare, networks, name, stage):
    read = bare.evaluate(READ, {"strokes": PAIRS[name], "pen": 2.6, "stage": stage, "digits": 2})
    is_read_as_in_python(read, rasterise(PAIRS[name], 2.6, stage=stage, digits=2), networks[2], TWO_DIGIT)


@pytest.mark.parametrize("pen", [0.5, 1.7, 4.4, 8.0])
@pytest.mark.parametrize("digits", TASKS)
def test_every_preparation_and_pen_is_as_in_python(bare, digits, pen):
    for stage in stages(digits):
        for strokes in (SEVEN["strokes"], THREE["strokes"], ZERO["strokes"], FOUR_SEVEN["strokes"]):
            read = bare.evaluate(READ, {"strokes": strokes, "pen": pen, "stage": stage, "digits": digits})
            expected = rasterise(strokes, pen, stage=stage, digits=digits)
            assert (np.reshape(read["image"], image_shape(digits)) == expected).all()


def test_the_page_takes_the_same_pictures_for_no_digit_as_python_does(bare, networks, mnist):
    kinds = [strangers(kind, 8, np.random.default_rng(4)) for kind in STRANGERS]
    images = np.concatenate([*kinds, mnist.test.images[:12]])
    call = "images => readers[1].networks.map(one => images.map(image => one.refuses(Uint8Array.from(image))))"
    found = dict(zip(networks[1], bare.evaluate(call, images.reshape(len(images), -1).tolist()), strict=True))
    for name, network in networks[1].items():
        rule = refusal_of(name)
        assert np.mean(np.array(found[name]) == rule.refuses(network, images)) >= 0.95  # one may lie on the limit
    assert sum(found["cnn_hand"][:-12]) > 20
    assert sum(found["cnn_hand"][-12:]) < 3
    pairs = np.concatenate([images[::2], images[1::2]], axis=2)  # numbers are refused by no network
    call = "images => readers[2].networks.some(one => images.some(image => one.refuses(Uint8Array.from(image))))"
    assert not bare.evaluate(call, pairs.reshape(len(pairs), -1).tolist())


def test_every_score_of_strangeness_is_as_in_python(bare):
    logits = np.random.default_rng(0).normal(0, 6, (20, 10))
    call = "all => Object.fromEntries(Object.entries(MnistReader.SCORES).map(([name, of]) => [name, all.map(of)]))"
    found = bare.evaluate(call, logits.tolist())
    assert found.keys() == SCORES.keys()
    for name, score in SCORES.items():
        assert found[name] == pytest.approx(score(logits).tolist(), rel=1e-6, abs=1e-9)


def test_how_likely_tens_and_ones_are_is_the_sum_of_their_numbers(bare):
    shares = np.random.default_rng(0).dirichlet(np.ones(100))
    tens, ones = bare.evaluate("shares => readers[2].marginals(shares)", shares.tolist())
    assert tens == pytest.approx(shares.reshape(10, 10).sum(axis=1))
    assert ones == pytest.approx(shares.reshape(10, 10).sum(axis=0))
    assert bare.evaluate("shares => readers[1].marginals(shares)", shares[:10].tolist()) == [
        pytest.approx(shares[:10].tolist())
    ]


@pytest.mark.parametrize(
    "call",
    [
        "[[[0, 0]]], {stage: 'upright'}",
        "[[[0, 0]]], {pen: 9}",
        "[[[0, 0]]], {pen: NaN}",
        "[[[0, 0]]], {canvas: 0}",
        "[[[0, NaN]]]",
        "[[[0, 1, 2]]]",
    ],
)
def test_what_is_no_drawing_is_refused(bare, call):
    assert bare.evaluate(
        f"() => {{ try {{ readers[1].rasterise({call}); }} catch (error) {{ return error.name; }} }}"
    ) == ("RangeError")


def test_the_pad_is_small_enough_for_a_phone(weights):
    assert sum((PAD / name).stat().st_size for name in WEIGHTS.values()) <= 1.6e6
    assert sum((PAD / name).stat().st_size for name in (*SCRIPTS, "pad.css")) <= 82e3


# A drawing that grows is looked at once.

GROW = """({strokes, pen, stage, digits}) => {
    const reader = readers[digits || 1];
    const drawing = reader.drawing({pen, stage});
    const lines = [];
    let [wrong, images] = [0, 0];
    for (const stroke of strokes) {
        lines.push([]);
        for (const point of stroke) {
            lines.at(-1).push(point);
            const grown = drawing.image(lines);
            const whole = reader.rasterise(lines, {pen, stage});
            wrong += grown.some((value, pixel) => value !== whole[pixel]);
            images += 1;
        }
    }
    return [wrong, images];
}"""
LINES = {  # number -> point of a line that stays in its box, of one that leaves it at every step
    "scribble": "n => n < 2 ? [280 * n, 280 * n] : [140 + 130 * Math.sin(n), 140 + 130 * Math.cos(1.7 * n)]",
    "spiral": "n => [140 + n / 30 * Math.sin(n / 9), 140 + n / 30 * Math.cos(n / 9)]",
}
LENGTHS = (4000, 8000, 12000)  # points: where work grows with their square, the last 4000 cost 1.7 times as much
READS = """([shape, length, digits]) => {
    const at = eval(shape);
    const line = [];
    let reads = 0;
    const counting = {get: (point, key) => (reads++, point[key])};
    const drawing = readers[digits].drawing();
    const lines = [line];
    for (let n = 0; n < length; n++) {
        line.push(new Proxy(at(n), counting));
        drawing.image(lines, {exact: false});
    }
    drawing.image(lines);
    return reads;
}"""
STROKE = """([shape, length]) => {
    const at = eval(shape);
    const canvas = document.querySelector("canvas[data-pad]");
    const box = canvas.getBoundingClientRect();
    const count = {lineTo: 0, sqrt: 0};
    const wrap = (owner, name) => {
        const plain = owner[name];
        owner[name] = function (...values) { count[name]++; return plain.apply(this, values); };
    };
    wrap(CanvasRenderingContext2D.prototype, "lineTo");
    wrap(Math, "sqrt");
    canvas.setPointerCapture = () => {};
    const send = (kind, n) => {
        const [x, y] = at(n).map(value => value / 280);
        const place = {clientX: box.left + x * box.width, clientY: box.top + y * box.height};
        canvas.dispatchEvent(new PointerEvent(kind, {pointerId: 1, isPrimary: true, button: 0, ...place}));
    };
    send("pointerdown", 0);
    for (let n = 1; n < length; n++) send("pointermove", n);
    send("pointerup", length - 1);
    return count;
}"""


@pytest.mark.parametrize(
    "drawing", [one for one in GOLDEN if len(str(one["strokes"])) < 20_000], ids=lambda one: one["name"]
)
def test_a_drawing_that_grew_point_by_point_is_the_drawing_that_came_at_once(bare, drawing):
    for stage in stages(1):
        wrong, images = bare.evaluate(GROW, drawing | {"stage": stage})
        assert (wrong, images) == (0, sum(map(len, drawing["strokes"])))


@pytest.mark.parametrize("name", PAIRS)
def test_two_digits_that_grew_point_by_point_are_those_that_came_at_once(bare, name):
    for stage in stages(2):
        drawing = {"strokes": PAIRS[name], "pen": 2.6, "stage": stage, "digits": 2}
        assert bare.evaluate(GROW, drawing) == [0, sum(map(len, PAIRS[name]))]


@pytest.mark.parametrize("digits", TASKS)
def test_a_drawing_whose_lines_were_taken_back_is_read_from_the_start(bare, digits):
    images = bare.evaluate(
        """digits => {
            const drawing = readers[digits].drawing();
            const [a, b, c] = [[[20, 20], [90, 200]], [[270, 10]], [[60, 60]]];
            return [[a, b], [a], [a, c], [], [c], [b, c], [c, b]].map(lines => {
                const [grown, whole] = [drawing.image(lines), readers[digits].rasterise(lines)];
                return grown.every((value, pixel) => value === whole[pixel]);
            });
        }""",
        digits,
    )
    assert images == [True] * 7


@pytest.mark.parametrize("digits", TASKS)
@pytest.mark.parametrize("shape", LINES)
def test_reading_a_growing_line_takes_work_in_proportion_to_its_points(bare, shape, digits):
    reads = [bare.evaluate(READS, [LINES[shape].replace("140 +", "280 +"), length, digits]) for length in LENGTHS]
    assert reads[2] - reads[1] <= 1.2 * (reads[1] - reads[0])


@pytest.mark.parametrize("shape", LINES)
def test_inking_and_reading_a_long_stroke_takes_work_in_proportion_to_its_points(browser, weights, tmp_path, shape):
    counts = []
    for length in LENGTHS:
        page = browser.new_context(offline=True).new_page()
        page.goto(write_page(tmp_path / "stroke.html", '<div class="mnist-pad"></div>'))
        page.wait_for_selector("canvas[data-pad]")
        counts.append(page.evaluate(STROKE, [LINES[shape], length]))
        assert page.locator("[data-model]").first.get_attribute("data-guess") != ""
        page.context.close()
    for length, count in zip(LENGTHS, counts, strict=True):
        assert count["lineTo"] <= 3 * length  # each piece from both its ends, and all once more when the stroke is done
    roots = [count["sqrt"] for count in counts]  # one for each step of a line, and one for each pixel of an image
    assert roots[2] - roots[1] <= 1.2 * (roots[1] - roots[0])


# A page without networks, and one with two pads.


def damaged(kind, whole):
    """A script of weights that something has happened to."""
    middle = len(whole) // 2
    return {
        "cut short": whole[:middle],
        "empty": b"",
        "one letter changed": whole[:middle] + (b"B" if whole[middle:][:1] == b"A" else b"A") + whole[middle + 1 :],
        "a piece lost": whole[:middle] + whole[middle + 1000 :],
        "two pieces exchanged": whole[:middle]
        + whole[middle + 4 : middle + 8]
        + whole[middle : middle + 4]
        + whole[middle + 8 :],
        "an older format": b'window.MNIST_PAD_DATA = {"networks":[],"measures":{}};',
        "no network": encode({"networks": []}),
    }[kind]


DAMAGE = {
    "cut short": "missing or cut short",
    "empty": "missing or cut short",
    "one letter changed": "damaged",
    "a piece lost": "damaged",
    "two pieces exchanged": "damaged",
    "an older format": "another version of the study",
    "no network": "holds no network",
}


def copied(folder, without=()):
    """A folder of its own for the pad's files, and the paths of the scripts that a page names."""
    for name in (*SCRIPTS, *WEIGHTS.values()):
        if name not in without:
            shutil.copy(PAD / name, folder)
    return [folder / name for name in SCRIPTS if name not in without]


@pytest.mark.parametrize("file", WEIGHTS.values())
@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_weights_leave_one_sentence_that_says_what_is_wrong_and_what_to_do(
    browser, weights, tmp_path, kind, file
):
    scripts = copied(tmp_path)
    (tmp_path / file).write_bytes(damaged(kind, (PAD / file).read_bytes()))
    says_what_is_wrong(browser, tmp_path, scripts, f"{file} [a-z ]*{DAMAGE[kind]}")


@pytest.mark.parametrize("gone", ["reader.js", *WEIGHTS.values()])
def test_a_missing_script_leaves_one_sentence_instead_of_the_pad(browser, weights, tmp_path, gone):
    says_what_is_wrong(browser, tmp_path, copied(tmp_path, without=[gone]), f"{gone} is missing")


def test_a_network_that_is_not_where_the_script_says_leaves_one_sentence(browser, weights, tmp_path):
    scripts = copied(tmp_path)
    some = [one for one in weights[1]["networks"] if one["name"] != "mlp"]
    (tmp_path / "weights.js").write_bytes(encode(weights[1] | {"networks": some}))
    says_what_is_wrong(browser, tmp_path, scripts, "weights.js does not hold mlp, which two_digits.js wants of it")


def says_what_is_wrong(browser, folder, scripts, problem):
    page = watch(browser.new_context(offline=True).new_page())
    pads = (
        '<div class="mnist-pad" data-digits="2"></div><div class="mnist-pad" data-digits="2" data-size="small"></div>'
    )
    page.goto(write_page(folder / "damaged.html", pads, scripts))
    for pad in page.locator(".mnist-pad").all():
        pad.scroll_into_view_if_needed()
        sentence = pad.locator(".mnist-pad-missing").inner_text()
        assert re.fullmatch(
            f"There is no pad to draw on, because its file {problem}.*; load this page again, .*\\.", sentence
        )
        assert pad.locator("canvas, button").count() == 0
    known = "SyntaxError", "token", "ERR_FILE_NOT_FOUND"
    assert [one for one in page.complaints if not any(word in one for word in known)] == []
    page.context.close()


def test_where_two_digits_cannot_be_read_one_digit_still_can(browser, weights, tmp_path):
    page = browser.new_context(offline=True).new_page()
    page.goto(write_page(tmp_path / "one.html", '<div class="mnist-pad"></div>', copied(tmp_path, ["two_digits.js"])))
    page.get_by_label("Two digits").check()
    assert "two_digits.js is missing" in page.locator(".mnist-pad-missing").inner_text()
    page.get_by_label("One digit").check()
    draw(page, SEVEN)
    assert guesses(page) == {7}
    page.context.close()


def loaded(page):
    """Names of the scripts of weights that the page has asked for."""
    names = page.evaluate("[...document.scripts].map(one => one.src.split('/').at(-1))")
    return [name for name in names if name in WEIGHTS.values()]


def test_weights_are_loaded_when_a_pad_is_reached_and_those_of_two_digits_when_they_are_asked_for(
    browser, weights, tmp_path
):
    page = watch(browser.new_context(offline=True, viewport={"width": 900, "height": 700}).new_page())
    below = '<div style="height: 3000px"></div><div class="mnist-pad"></div><p id="after">After</p>'
    page.goto(write_page(tmp_path / "lazy.html", below))
    page.wait_for_timeout(200)
    pad = page.locator(".mnist-pad")
    assert loaded(page) == []
    assert "being loaded" in pad.inner_text()
    held = pad.bounding_box()["height"]
    pad.scroll_into_view_if_needed()
    page.wait_for_selector("canvas[data-pad]")
    assert loaded(page) == ["weights.js"]
    assert pad.bounding_box()["height"] == held
    page.get_by_label("Two digits").check()
    page.wait_for_selector("table[role=grid]")
    assert loaded(page) == ["weights.js", "two_digits.js"]
    page.get_by_label("One digit").check()
    page.get_by_label("Two digits").check()
    assert loaded(page) == ["weights.js", "two_digits.js"]
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize("size", PAGES)
def test_a_pad_that_the_keyboard_reaches_loads_its_networks(browser, weights, tmp_path, size):
    page = watch(browser.new_context(offline=True, viewport={"width": 900, "height": 700}).new_page())
    page.goto(
        write_page(
            tmp_path / "keys.html", f'<div class="mnist-pad" data-size="{size}" style="margin-top: 3000px"></div>'
        )
    )
    page.keyboard.press("Tab")
    page.wait_for_selector("canvas[data-pad]", state="attached")
    assert page.evaluate("document.activeElement.closest('.mnist-pad') !== null")
    assert page.complaints == []
    page.context.close()


@pytest.mark.parametrize("size", PAGES)
def test_a_pad_may_begin_with_two_digits(browser, weights, tmp_path, size):
    page = watch(browser.new_context(offline=True, viewport={"width": 900, "height": 700}).new_page())
    page.goto(write_page(tmp_path / "two.html", f'<div class="mnist-pad" data-size="{size}" data-digits="2"></div>'))
    page.wait_for_selector("canvas[data-pad]")
    draw(page, FOUR_SEVEN)
    assert page.locator("[data-model=cnn_hand]").get_attribute("data-guess") == "47"
    assert page.locator("[data-model]").count() == len(weights[2]["networks"])
    box = page.locator("canvas[data-pad]").bounding_box()
    assert box["width"] == pytest.approx(2 * box["height"], abs=3)
    assert page.complaints == []
    page.context.close()


def test_two_pads_on_a_page_keep_their_own_drawings_and_choices(browser, weights, tmp_path):
    page = watch(browser.new_context(offline=True, viewport={"width": 900, "height": 700}).new_page())
    page.goto(write_page(tmp_path / "two.html", '<div class="mnist-pad"></div>' * 2))
    for pad in page.locator(".mnist-pad").all():
        pad.scroll_into_view_if_needed()
        pad.locator("canvas[data-pad]").wait_for()
    first, second = page.locator(".mnist-pad").all()
    draw(page, SEVEN, first)
    assert guesses(first) == {7}
    assert guesses(second) == {""}
    first.get_by_label("raw", exact=True).check()
    assert second.get_by_label("centred", exact=True).is_checked()
    draw(page, ZERO, second)
    assert (guesses(first), guesses(second)) == ({7}, {0})
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    assert page.complaints == []
    page.context.close()


# Pages of the book.


@pytest.fixture(scope="module")
def opened(browser, html, request):
    """A page of the book with a pad on it, the network off; ``page.size`` says which form the pad has."""
    size, screen = request.param
    context = browser.new_context(offline=True, **SCREENS[screen])
    page = watch(context.new_page())
    page.size, page.narrow = size, screen.startswith("phone")
    page.goto((html / f"{PAGES[size]}.html").as_uri())
    page.locator(".mnist-pad").scroll_into_view_if_needed()
    page.locator("canvas[data-pad]").scroll_into_view_if_needed()
    page.theme = page.get_attribute("html", "data-theme")
    yield page
    context.close()


@pytest.fixture
def pad_page(opened):
    """The page as it is opened: opened once for all tests, and put back for each."""
    pad = opened.locator(".mnist-pad")
    if opened.size == "full":
        pad.get_by_label("Two digits").check()
        clear(pad)
        pad.get_by_label("One digit").check()
        pad.get_by_label("Stroke width").fill("2.6")
        pad.get_by_label("centred", exact=True).check()
        pad.locator("details[open] summary").evaluate_all("all => all.forEach(one => one.click())")
    clear(pad)
    opened.emulate_media(reduced_motion="no-preference")
    opened.evaluate(f"document.documentElement.dataset.theme = '{opened.theme}'; document.activeElement.blur()")
    opened.mouse.move(0, 0)
    yield opened
    assert opened.complaints == []


def clear(pad):
    pad.get_by_role("button", name="Clear", exact=True).evaluate("button => button.click()")  # which may be disabled


EVERY = [(size, screen) for size in PAGES for screen in SCREENS]
FULL = [("full", screen) for screen in SCREENS]  # the small pad has no controls and shows only answers


def on(pages):
    """Run a test on the pads of these pages."""
    return pytest.mark.parametrize("opened", pages, indirect=True, ids=["-".join(page) for page in pages])


def places(page, drawing, pad=None):
    """The drawing's strokes in the window's pixels."""
    pad = pad or page.locator(".mnist-pad")
    pad.scroll_into_view_if_needed()
    canvas = pad.locator("canvas[data-pad]")
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = canvas.bounding_box()
    scale = box["height"] / 280
    return [[(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke] for stroke in drawing["strokes"]]


def draw(page, drawing, pad=None, how=by_mouse):
    for stroke in places(page, drawing, pad):
        how(page, stroke)


def guesses(pad):
    """What the pad's networks read: a set of numbers, or of the empty string."""
    found = pad.locator("[data-model]").evaluate_all("all => all.map(one => one.dataset.guess)")
    assert found
    return {int(guess) if guess else "" for guess in found}


def tensor(page):
    """The image that is shown, uint8 ``(28, 28)``, or twice as wide."""
    values = page.locator("canvas[data-tensor]").evaluate(
        """canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, 28).data]
            .filter((_, at) => at % 4 === 0)"""
    )
    return np.array(values, dtype=np.uint8).reshape(28, -1)


def ink(page):
    """The drawn pixels' colour, and their count."""
    return page.locator("canvas[data-pad]").evaluate(
        """canvas => {
            const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            const full = [];
            for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) full.push(at);
            return [full.length ? [...data.slice(full[0], full[0] + 3)] : null, full.length];
        }"""
    )


@on(EVERY)
@pytest.mark.parametrize(
    ("how", "drawing"),
    [(by_mouse, SEVEN), (by_pen, THREE), (by_touch, ZERO)],
    ids=["mouse-seven", "pen-three", "touch-zero"],
)
def test_every_network_reads_a_drawn_digit_and_the_page_stays_where_it_is(pad_page, how, drawing):
    assert guesses(pad_page) == {""}
    places(pad_page, drawing)
    before = pad_page.evaluate("[scrollX, scrollY]")
    draw(pad_page, drawing, how=how)
    assert guesses(pad_page) == {drawing["label"]}
    assert pad_page.evaluate("[scrollX, scrollY]") == before
    names = pad_page.locator("[data-model]").evaluate_all("all => all.map(one => one.dataset.model)")
    said = ", ".join(f"{name} reads {drawing['label']}" for name in names)
    assert pad_page.locator(".mnist-pad [role=status]").text_content() == said
    assert np.abs(tensor(pad_page).astype(int) - rasterise(drawing["strokes"])).mean() < 4  # the window's pixels differ


@on(EVERY)
def test_undo_takes_the_last_stroke_and_clear_takes_all(pad_page):
    undo, clear, replay = (
        pad_page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Clear", "Replay")
    )
    assert undo.is_disabled()
    assert clear.is_disabled()
    assert replay.is_disabled()
    assert pad_page.get_by_text("Draw a digit, 0 to 9.").is_visible()
    draw(pad_page, SEVEN)
    one = tensor(pad_page)
    draw(pad_page, {"strokes": [[[30, 30]]]})
    assert (tensor(pad_page) != one).any()
    undo.click()
    assert (tensor(pad_page) == one).all()
    assert guesses(pad_page) == {7}
    clear.click()
    assert guesses(pad_page) == {""}
    assert not tensor(pad_page).any()
    assert ink(pad_page)[1] == 0
    assert undo.is_disabled()
    assert pad_page.get_by_text("Draw a digit, 0 to 9.").is_visible()


@on(EVERY)
def test_a_tap_draws_a_dot_and_other_pointers_draw_nothing(pad_page):
    (x, y), *_ = places(pad_page, SEVEN)[0]
    pad_page.mouse.click(x, y, button="right")
    assert guesses(pad_page) == {""}
    pad_page.mouse.click(x, y)
    assert "" not in guesses(pad_page)
    assert tensor(pad_page).any()


@on(EVERY)
def test_a_stroke_that_leaves_the_pad_ends_where_the_button_is_released(pad_page):
    (start, *_), *_ = places(pad_page, SEVEN)
    box = pad_page.locator("canvas[data-pad]").bounding_box()
    pad_page.mouse.move(*start)
    pad_page.mouse.down()
    pad_page.mouse.move(start[0], box["y"] + box["height"] + 30)
    pad_page.mouse.up()
    assert "" not in guesses(pad_page)
    once = tensor(pad_page)
    pad_page.mouse.move(box["x"] + 20, box["y"] + 20)
    assert (tensor(pad_page) == once).all()


@on(EVERY)
def test_replay_draws_the_strokes_again_and_drawing_or_clearing_ends_it(pad_page):
    canvas, replay = pad_page.locator("canvas[data-pad]"), pad_page.get_by_role("button", name="Replay", exact=True)
    draw(pad_page, SEVEN)
    pad_page.wait_for_timeout(100)
    full = ink(pad_page)[1]
    replay.click()
    assert canvas.get_attribute("data-replaying") is not None
    assert ink(pad_page)[1] < full
    pad_page.wait_for_function("!document.querySelector('[data-replaying]')")
    assert ink(pad_page)[1] == full
    for end in (lambda: draw(pad_page, {"strokes": [[[60, 60]]]}), pad_page.get_by_text("Clear").click):
        replay.click()
        end()
        assert canvas.get_attribute("data-replaying") is None
    assert ink(pad_page)[1] == 0


@on(EVERY)
def test_replay_does_not_move_for_who_asks_for_less_motion(pad_page):
    pad_page.emulate_media(reduced_motion="reduce")
    draw(pad_page, SEVEN)
    full = ink(pad_page)[1]
    pad_page.get_by_role("button", name="Replay", exact=True).click()
    assert pad_page.locator("[data-replaying]").count() == 0
    assert ink(pad_page)[1] == full


@on(EVERY)
def test_the_ink_follows_a_switch_of_the_theme(pad_page):
    draw(pad_page, SEVEN)
    was = pad_page.get_attribute("html", "data-theme")
    seen = {was: ink(pad_page)[0]}
    other = {"light": "dark", "dark": "light"}[was]
    pad_page.evaluate(f"document.documentElement.dataset.theme = '{other}'")
    seen[other] = ink(pad_page)[0]
    assert sum(seen["light"]) < 200
    assert sum(seen["dark"]) > 500


@on(FULL)
def test_the_tensor_follows_the_pen_and_the_preparation(pad_page):
    draw(pad_page, SEVEN)
    usual = tensor(pad_page)
    pad_page.get_by_label("Stroke width").fill("6")
    assert tensor(pad_page).sum() > 1.5 * usual.sum()
    assert pad_page.get_by_text("6.0 pixels").is_visible()
    pad_page.get_by_label("Stroke width").fill("2.6")
    assert (tensor(pad_page) == usual).all()
    for stage in ("raw", "cropped"):
        pad_page.get_by_label(stage, exact=True).check()
        assert (tensor(pad_page) != usual).any()
    pad_page.get_by_label("centred", exact=True).check()
    assert (tensor(pad_page) == usual).all()


@on(FULL)
def test_answers_logits_and_diagnosis_are_written_out(pad_page):
    draw(pad_page, SEVEN)
    for answer in pad_page.locator("[data-model]").all():
        shares = [float(text[:-2]) for text in answer.locator("li > span:last-child").all_inner_texts()]
        assert len(shares) == 10
        assert sum(shares) == pytest.approx(100, abs=0.6)
        assert int(np.argmax(shares)) == 7
    networks = pad_page.get_by_role("table", name="The networks").locator("tbody tr").all_inner_texts()
    assert len(networks) == 3
    assert all(row.count("of 10\u202f000 wrong)") == 2 for row in networks)
    pad_page.get_by_text("Show logits").click()
    rows = pad_page.locator("details tbody tr").all_inner_texts()
    assert len(rows) == 10
    measures = pad_page.get_by_role("table", name="How it compares").locator("tbody tr").all_inner_texts()
    assert len(measures) == 6
    assert all("% of them" in measure for measure in measures)
    pad_page.get_by_label("raw", exact=True).check()
    pad_page.get_by_label("Stroke width").fill("8")
    assert "unusual: more than" in pad_page.get_by_role("table", name="How it compares").inner_text()


@on(EVERY)
def test_networks_that_differ_are_said_to_disagree(pad_page):
    read = """async ({strokes}) => {
        const reader = await MnistPad.readerFor(1);
        return reader.networks.map(one => one.logits(reader.rasterise(strokes)));
    }"""
    differing = next(one for one in GOLDEN if len(set(np.argmax(pad_page.evaluate(read, one), axis=1))) > 1)
    said = pad_page.locator(".mnist-pad").get_by_text("They disagree")
    for drawing, differ in ((SEVEN, False), (differing, True)):
        draw(pad_page, drawing)
        assert (len(guesses(pad_page)) > 1) == said.is_visible() == differ
        pad_page.get_by_role("button", name="Clear", exact=True).click()


@on(EVERY)
def test_a_scribble_is_said_to_be_no_digit_and_a_digit_is_not(pad_page):
    doubt = pad_page.locator(".mnist-pad").get_by_text("This may be no digit, going by")
    draw(pad_page, SCRIBBLE)
    expect(doubt.first).to_be_visible()
    pad_page.get_by_role("button", name="Clear", exact=True).click()
    expect(doubt.first).to_be_hidden()
    draw(pad_page, SEVEN)
    assert guesses(pad_page) == {7}
    expect(doubt.first).to_be_hidden()


@on(EVERY)
def test_tab_walks_through_every_control_and_out_of_the_pad(pad_page):
    draw(pad_page, SEVEN)
    pad_page.locator(".mnist-pad").focus()
    walked = []
    for _ in range(12):
        pad_page.keyboard.press("Tab")
        name = pad_page.evaluate(
            """() => {
                const now = document.activeElement;
                if (!now.closest('.mnist-pad')) return null;
                const {outlineStyle, outlineWidth} = getComputedStyle(now);
                if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) return 'focus is not visible';
                return now.value && now.tagName === 'INPUT' ? now.type : now.textContent;
            }"""
        )
        if name is None:
            break
        walked.append(name)
    buttons = ["Undo", "Clear", "Replay"]
    assert walked == (["radio", *buttons, "range", "radio", "Show logits"] if pad_page.size == "full" else buttons)


@on(EVERY)
def test_the_keyboard_presses_buttons_and_is_not_lost_when_they_go(pad_page):
    draw(pad_page, SEVEN)
    pad_page.get_by_role("button", name="Clear", exact=True).focus()
    pad_page.keyboard.press("Enter")
    assert guesses(pad_page) == {""}
    assert pad_page.evaluate("document.activeElement.closest('.mnist-pad') !== null")


@on(EVERY)
def test_nothing_is_too_small_for_a_finger_and_the_page_never_scrolls_sideways(pad_page):
    draw(pad_page, THREE)
    assert pad_page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    targets = pad_page.locator(".mnist-pad :is(button, input[type=range], label:has(input), summary)").all()
    assert len(targets) >= 3
    if pad_page.narrow:
        assert [target.bounding_box()["height"] >= 44 for target in targets] == [True] * len(targets)


@on(EVERY)
@pytest.mark.parametrize("drawn", [False, True], ids=["empty", "drawn"])
def test_axe_finds_no_serious_barrier(pad_page, drawn):
    if drawn:
        draw(pad_page, GOLDEN[0])
        if pad_page.size == "full":
            pad_page.get_by_text("Show logits").click()
            pad_page.get_by_label("raw", exact=True).check()
    options = {"resultTypes": ["violations"], "preload": False}  # preloading asks for styles, which files may not
    found = Axe().run(pad_page, context=".mnist-pad", options=options).response["violations"]
    grave = [barrier["id"] for barrier in found if barrier["impact"] in {"serious", "critical"}]
    assert grave == []


# Two digits, on the page of chapter 12.


@pytest.fixture
def pair_page(pad_page):
    """The large pad, switched to two digits."""
    pad_page.get_by_label("Two digits").check()
    pad_page.wait_for_selector("table[role=grid]")
    return pad_page


def answer_of(page, name="cnn_hand"):
    return page.locator(f"[data-model={name}]")


@on(FULL)
@pytest.mark.parametrize("how", [by_mouse, by_pen, by_touch])
def test_two_digits_are_drawn_and_read_and_the_page_stays_where_it_is(pair_page, how):
    places(pair_page, FOUR_SEVEN)
    before = pair_page.evaluate("[scrollX, scrollY]")
    draw(pair_page, FOUR_SEVEN, how=how)
    assert pair_page.evaluate("[scrollX, scrollY]") == before
    assert answer_of(pair_page).get_attribute("data-guess") == "47"
    assert "one digit at a time: 4, 7" in answer_of(pair_page).inner_text()
    assert "" not in guesses(pair_page)
    expected = rasterise(FOUR_SEVEN["strokes"], stage="apart", digits=2)
    assert np.abs(tensor(pair_page).astype(int) - expected).mean() < 4
    assert pair_page.locator(".mnist-pad [role=status]").text_content().count(" reads ") == 5


@on(FULL)
def test_the_drawing_of_each_number_of_digits_is_kept_while_the_other_is_looked_at(pair_page):
    draw(pair_page, FOUR_SEVEN)
    two = tensor(pair_page)
    pair_page.get_by_label("Two digits").focus()
    pair_page.keyboard.press("ArrowLeft")
    pair_page.get_by_text("Draw a digit, 0 to 9.").wait_for()
    assert guesses(pair_page) == {""}
    draw(pair_page, SEVEN)
    assert guesses(pair_page) == {7}
    pair_page.get_by_label("Two digits").check()
    assert (tensor(pair_page) == two).all()
    assert ink(pair_page)[1] > 0
    assert answer_of(pair_page).get_attribute("data-guess") == "47"
    pair_page.get_by_label("One digit").check()
    assert guesses(pair_page) == {7}
    assert ink(pair_page)[1] > 0


@on(FULL)
def test_the_map_has_a_cell_for_each_number_in_rows_of_tens_and_says_it_in_words(pair_page):
    grid, line = answer_of(pair_page).get_by_role("grid"), answer_of(pair_page).locator(".mnist-pad-line")
    assert grid.get_by_role("gridcell", name="47: –", exact=True).count() == 1
    draw(pair_page, FOUR_SEVEN)
    labels = grid.locator("td[aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)")
    assert [label[:4] for label in labels] == [f"{number:02}: " for number in range(100)]
    shares = [float(label[4:-2]) for label in labels]
    assert sum(shares) == pytest.approx(100, abs=5)
    assert int(np.argmax(shares)) == 47
    assert grid.locator("td.is-guess").get_attribute("aria-label") == labels[47]
    assert (
        grid.locator("thead th").all_inner_texts() == grid.locator("tbody th").all_inner_texts() == list("0123456789")
    )
    assert line.inner_text().startswith("47: ")
    grid.locator("td[aria-label]").nth(12).hover()
    assert re.fullmatch(r"12: .*; tens 1: .*, ones 2: .*", line.inner_text())
    pair_page.mouse.move(0, 0)
    assert len(line.inner_text().split(", ")) == 3


@on(FULL)
def test_arrow_keys_walk_through_the_map_and_tab_leads_to_its_guess(pair_page):
    draw(pair_page, FOUR_SEVEN)
    grid, line = answer_of(pair_page).get_by_role("grid"), answer_of(pair_page).locator(".mnist-pad-line")
    assert grid.locator("[tabindex='0']").count() == 1
    assert grid.locator("[tabindex='0']").get_attribute("aria-label").startswith("47: ")
    grid.locator("[tabindex='0']").focus()
    seen = []
    across = ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "Home", "ArrowLeft", "ArrowUp", "End"]
    for key in [*across, "Control+End", "ArrowDown", "Control+Home", "ArrowUp"]:
        pair_page.keyboard.press(key)
        seen.append(pair_page.evaluate("document.activeElement.ariaLabel").partition(":")[0])
        assert line.inner_text().startswith(f"{seen[-1]}: ")
        assert grid.locator("[tabindex='0']").count() == 1
    assert seen == ["48", "49", "49", "59", "50", "50", "40", "49", "99", "99", "00", "00"]
    assert "tens 0: " in line.inner_text()
    pair_page.keyboard.press("Tab")
    assert len(line.inner_text().split(", ")) == 3


@on(FULL)
def test_ten_logits_of_a_hundred_are_shown_and_the_ink_follows_the_theme(pair_page):
    draw(pair_page, FOUR_SEVEN)
    pair_page.get_by_text("Show logits (the 10 likeliest of 100)").click()
    rows = pair_page.locator("details tbody tr").all_inner_texts()
    numbers = [row.split()[0] for row in rows]
    assert len(rows) == 10
    assert "47" in numbers
    assert numbers == sorted(numbers)
    was = ink(pair_page)[0]
    other = {"light": "dark", "dark": "light"}[pair_page.get_attribute("html", "data-theme")]
    pair_page.evaluate(f"document.documentElement.dataset.theme = '{other}'")
    assert ink(pair_page)[0] != was


@on(FULL)
def test_axe_finds_no_serious_barrier_beside_two_digits(pair_page):
    draw(pair_page, FOUR_SEVEN)
    pair_page.get_by_text("Show logits").click()
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(pair_page, context=".mnist-pad", options=options).response["violations"]
    assert [barrier["id"] for barrier in found if barrier["impact"] in {"serious", "critical"}] == []
    assert pair_page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


# Answers are in sight while one draws.


@pytest.mark.parametrize("digits", TASKS)
@pytest.mark.parametrize(
    ("width", "height", "seen"),
    [
        (1300, 900, "canvas[data-pad], canvas[data-tensor], .mnist-pad-guess, .mnist-pad-bars, .mnist-pad-map table"),
        (390, 844, "canvas[data-pad], canvas[data-tensor], .mnist-pad-guess"),
    ],
)
def test_drawing_and_answers_are_in_the_window_together(browser, html, width, height, seen, digits):
    page = watch(browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page())
    page.goto((html / f"{PAGES['full']}.html").as_uri())
    pad = page.locator(".mnist-pad")
    pad.scroll_into_view_if_needed()
    if digits == 2:
        page.get_by_label("Two digits").check()
        page.wait_for_selector("table[role=grid]")
    page.wait_for_selector("canvas[data-pad]")
    draw(page, {1: SEVEN, 2: FOUR_SEVEN}[digits])
    pad.evaluate("pad => pad.scrollIntoView({block: 'start', behavior: 'instant'})")
    boxes = [one.bounding_box() for one in page.locator(seen).all()]
    assert len(boxes) >= 2 + len(page.locator("[data-model]").all())
    for box in boxes:
        assert box["y"] >= 0
        assert box["x"] >= 0
        assert box["y"] + box["height"] <= height
        assert box["x"] + box["width"] <= width
    canvas, guess = (page.locator(one).first.bounding_box() for one in ("canvas[data-pad]", ".mnist-pad-guess"))
    assert guess["y"] > canvas["y"] + canvas["height"]
    assert page.complaints == []
    page.context.close()
