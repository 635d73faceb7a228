"""The page's pad: its numbers beside Python's, and its manners under mouse, finger, pen and keyboard."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gestures import by_mouse, by_pen, by_touch

from mnist_study.analysis import diagnose
from mnist_study.drawing.export import encode
from mnist_study.drawing.page_network import page_network
from mnist_study.images import rasterise

ROOT = Path(__file__).parents[2]
PAD = ROOT / "book" / "_static" / "pad"
SCRIPTS = ("weights.js", "reader.js", "pad.js")
GOLDEN = json.loads((ROOT / "tests" / "drawing" / "golden.json").read_text())
SEVEN, THREE, ZERO = (
    next(drawing for drawing in GOLDEN if drawing["name"] == f"test digit {n}") for n in (79, 93, 136)
)  # every network reads them right
PAGES = {"small": "book/intro", "full": "notebooks/12_draw"}
SCREENS = {
    "desktop-light": {"viewport": {"width": 1400, "height": 900}, "color_scheme": "light", "has_touch": True},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True},
}
READ = """({strokes, pen, stage}) => {
    const image = MnistReader.rasterise(strokes, {pen, stage});
    const networks = MnistReader.networks.map(network => [network.name, network.probabilities(image)]);
    return {image: [...image], networks, measures: MnistReader.diagnose(image)};
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
    """A bare page with two pads."""
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(
        write_page(tmp_path_factory.mktemp("pad") / "bare.html", '<div class="mnist-pad" data-size="small"></div>' * 2)
    )
    yield page
    assert page.complaints == []
    page.context.close()


# What the page computes is what the package computes.


@pytest.mark.parametrize("drawing", GOLDEN, ids=[drawing["name"] for drawing in GOLDEN])
def test_a_golden_drawing_is_drawn_read_and_measured_as_in_python(bare, weights, drawing):
    read = bare.evaluate(READ, {key: drawing[key] for key in ("strokes", "pen", "stage")})
    image = np.array(read["image"], dtype=np.uint8).reshape(28, 28)
    expected = rasterise(drawing["strokes"], drawing["pen"], stage=drawing["stage"])
    assert np.abs(image.astype(int) - expected).max() <= 1
    assert [name for name, _ in read["networks"]] == [network["name"] for network in weights["networks"]]
    for (_, probabilities), description in zip(read["networks"], weights["networks"], strict=True):
        assert probabilities == pytest.approx(page_network(description).predict_proba(image[None])[0], abs=1e-3)
    if not image.any():
        assert read["measures"] is None
        return
    measures = diagnose(image)
    assert [measure["name"] for measure in read["measures"]] == list(measures)
    for found in read["measures"]:
        measure = measures[found["name"]]
        assert (found["unit"], found["unusual"]) == (measure.unit, measure.unusual)
        assert found["value"] == pytest.approx(measure.value, rel=1e-9)
        assert found["percentile"] == pytest.approx(measure.percentile, abs=1e-9)
        assert found["compared"].replace("\u202f", " ") == measure.compared


@pytest.mark.parametrize("stage", ["raw", "cropped", "centred"])
@pytest.mark.parametrize("pen", [0.5, 1.7, 4.4, 8.0])
def test_every_preparation_and_pen_is_as_in_python(bare, stage, pen):
    for drawing in (SEVEN, THREE, ZERO):
        image = bare.evaluate(READ, {"strokes": drawing["strokes"], "pen": pen, "stage": stage})["image"]
        expected = rasterise(drawing["strokes"], pen, stage=stage)
        assert np.abs(np.reshape(image, (28, 28)) - expected.astype(int)).max() <= 1


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
        f"() => {{ try {{ MnistReader.rasterise({call}); }} catch (error) {{ return error.name; }} }}"
    ) == ("RangeError")


def test_the_pad_is_small_enough_for_a_phone(weights):
    sizes = {name: (PAD / name).stat().st_size for name in (*SCRIPTS, "pad.css")}
    assert sum(sizes.values()) <= 1e6
    assert sum(size for name, size in sizes.items() if name != "weights.js") <= 60e3


# A drawing that grows is looked at once.

GROW = """({strokes, pen, stage}) => {
    const drawing = new MnistReader.Drawing({pen, stage});
    const lines = [];
    let [wrong, images] = [0, 0];
    for (const stroke of strokes) {
        lines.push([]);
        for (const point of stroke) {
            lines.at(-1).push(point);
            const grown = drawing.image(lines);
            const whole = MnistReader.rasterise(lines, {pen, stage});
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
READS = """([shape, length]) => {
    const at = eval(shape);
    const line = [];
    let reads = 0;
    const counting = {get: (point, key) => (reads++, point[key])};
    const drawing = new MnistReader.Drawing();
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
    for stage in ("raw", "cropped", "centred"):
        wrong, images = bare.evaluate(GROW, drawing | {"stage": stage})
        assert (wrong, images) == (0, sum(map(len, drawing["strokes"])))


def test_a_drawing_whose_lines_were_taken_back_is_read_from_the_start(bare):
    images = bare.evaluate(
        """() => {
            const drawing = new MnistReader.Drawing();
            const [a, b, c] = [[[20, 20], [90, 200]], [[270, 10]], [[60, 60]]];
            return [[a, b], [a], [a, c], [], [c]].map(lines => {
                const [grown, whole] = [drawing.image(lines), MnistReader.rasterise(lines)];
                return grown.every((value, pixel) => value === whole[pixel]);
            });
        }"""
    )
    assert images == [True] * 5


@pytest.mark.parametrize("shape", LINES)
def test_reading_a_growing_line_takes_work_in_proportion_to_its_points(bare, shape):
    reads = [bare.evaluate(READS, [LINES[shape], length]) for length in LENGTHS]
    assert reads[2] - reads[1] <= 1.2 * (reads[1] - reads[0])


@pytest.mark.parametrize("shape", LINES)
def test_inking_and_reading_a_long_stroke_takes_work_in_proportion_to_its_points(browser, weights, tmp_path, shape):
    counts = []
    for length in LENGTHS:
        page = browser.new_context(offline=True).new_page()
        page.goto(write_page(tmp_path / "stroke.html", '<div class="mnist-pad"></div>'))
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


@pytest.mark.parametrize("kind", DAMAGE)
def test_damaged_weights_leave_one_sentence_that_says_what_is_wrong_and_what_to_do(browser, weights, tmp_path, kind):
    path = tmp_path / "weights.js"
    path.write_bytes(damaged(kind, (PAD / "weights.js").read_bytes()))
    says_what_is_wrong(browser, tmp_path, (path, *SCRIPTS[1:]), f"weights.js [a-z ]*{DAMAGE[kind]}")


@pytest.mark.parametrize("gone", SCRIPTS[:2])
def test_a_missing_script_leaves_one_sentence_instead_of_the_pad(browser, weights, tmp_path, gone):
    scripts = [script for script in SCRIPTS if script != gone]
    says_what_is_wrong(browser, tmp_path, scripts, f"{gone} is missing")


def says_what_is_wrong(browser, folder, scripts, problem):
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_page(folder / "damaged.html", '<div class="mnist-pad"></div>' * 2, scripts))
    for pad in page.locator(".mnist-pad").all():
        sentence = pad.inner_text()
        assert re.fullmatch(
            f"There is no pad to draw on, because its file {problem}.*; load this page again, .*\\.", sentence
        )
        assert pad.locator("canvas, button").count() == 0
    assert [
        complaint for complaint in page.complaints if "SyntaxError" not in complaint and "token" not in complaint
    ] == []
    page.context.close()


def test_two_pads_on_a_page_keep_their_own_drawings_and_choices(browser, weights, tmp_path):
    page = watch(browser.new_context(offline=True, viewport={"width": 900, "height": 700}).new_page())
    page.goto(write_page(tmp_path / "two.html", '<div class="mnist-pad"></div>' * 2))
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

ONLY_FULL = pytest.mark.parametrize(
    "pad_page", [("full", screen) for screen in SCREENS], indirect=True, ids=list(SCREENS)
)  # the small pad has no controls and shows only answers


@pytest.fixture(params=[(size, screen) for size in PAGES for screen in SCREENS], ids="-".join)
def pad_page(browser, html, request):
    """A page of the book with a pad on it, the network off; ``page.size`` says which form the pad has."""
    size, screen = request.param
    context = browser.new_context(offline=True, **SCREENS[screen])
    page = watch(context.new_page())
    page.size, page.narrow = size, screen.startswith("phone")
    page.goto((html / f"{PAGES[size]}.html").as_uri())
    page.locator("canvas[data-pad]").scroll_into_view_if_needed()
    yield page
    assert page.complaints == []
    context.close()


def places(page, drawing, pad=None):
    """The drawing's strokes in the window's pixels."""
    canvas = (pad or page).locator("canvas[data-pad]")
    canvas.evaluate("canvas => canvas.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = canvas.bounding_box()
    scale = box["width"] / 280
    return [[(box["x"] + x * scale, box["y"] + y * scale) for x, y in stroke] for stroke in drawing["strokes"]]


def draw(page, drawing, pad=None, how=by_mouse):
    for stroke in places(page, drawing, pad):
        how(page, stroke)


def guesses(pad):
    """What the pad's networks read: a set of digits, or of the empty string."""
    found = pad.locator("[data-model]").evaluate_all("all => all.map(one => one.dataset.guess)")
    assert found
    return {int(guess) if guess else "" for guess in found}


def tensor(page):
    """The image that is shown, uint8 ``(28, 28)``."""
    values = page.locator("canvas[data-tensor]").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 0)"
    )
    return np.array(values, dtype=np.uint8).reshape(28, 28)


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


def test_a_tap_draws_a_dot_and_other_pointers_draw_nothing(pad_page):
    (x, y), *_ = places(pad_page, SEVEN)[0]
    pad_page.mouse.click(x, y, button="right")
    assert guesses(pad_page) == {""}
    pad_page.mouse.click(x, y)
    assert "" not in guesses(pad_page)
    assert tensor(pad_page).any()


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


def test_replay_does_not_move_for_who_asks_for_less_motion(pad_page):
    pad_page.emulate_media(reduced_motion="reduce")
    draw(pad_page, SEVEN)
    full = ink(pad_page)[1]
    pad_page.get_by_role("button", name="Replay", exact=True).click()
    assert pad_page.locator("[data-replaying]").count() == 0
    assert ink(pad_page)[1] == full


def test_the_ink_follows_a_switch_of_the_theme(pad_page):
    draw(pad_page, SEVEN)
    was = pad_page.get_attribute("html", "data-theme")
    seen = {was: ink(pad_page)[0]}
    other = {"light": "dark", "dark": "light"}[was]
    pad_page.evaluate(f"document.documentElement.dataset.theme = '{other}'")
    seen[other] = ink(pad_page)[0]
    assert sum(seen["light"]) < 200
    assert sum(seen["dark"]) > 500


@ONLY_FULL
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


@ONLY_FULL
def test_answers_logits_and_diagnosis_are_written_out(pad_page):
    draw(pad_page, SEVEN)
    for answer in pad_page.locator("[data-model]").all():
        shares = [float(text[:-2]) for text in answer.locator("li > span:last-child").all_inner_texts()]
        assert len(shares) == 10
        assert sum(shares) == pytest.approx(100, abs=0.6)
        assert int(np.argmax(shares)) == 7
        assert "parameters" in answer.inner_text()
        assert "of 10\u202f000 wrong)" in answer.inner_text()
    pad_page.get_by_text("Show logits").click()
    rows = pad_page.locator("details tbody tr").all_inner_texts()
    assert len(rows) == 10
    measures = pad_page.get_by_role("table", name="How it compares").locator("tbody tr").all_inner_texts()
    assert len(measures) == 6
    assert all("% of them" in measure for measure in measures)
    pad_page.get_by_label("raw", exact=True).check()
    pad_page.get_by_label("Stroke width").fill("8")
    assert "unusual: more than" in pad_page.get_by_role("table", name="How it compares").inner_text()


def test_networks_that_differ_are_said_to_disagree(pad_page):
    read = "({strokes}) => MnistReader.networks.map(one => one.logits(MnistReader.rasterise(strokes)))"
    differing = next(one for one in GOLDEN if len(set(np.argmax(pad_page.evaluate(read, one), axis=1))) > 1)
    said = pad_page.locator(".mnist-pad").get_by_text("They disagree")
    for drawing, differ in ((SEVEN, False), (differing, True)):
        draw(pad_page, drawing)
        assert (len(guesses(pad_page)) > 1) == said.is_visible() == differ
        pad_page.get_by_role("button", name="Clear", exact=True).click()


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
    full = ["Undo", "Clear", "Replay", "range", "radio", "Show logits"]
    assert walked == (full if pad_page.size == "full" else full[:3])


def test_the_keyboard_presses_buttons_and_is_not_lost_when_they_go(pad_page):
    draw(pad_page, SEVEN)
    pad_page.get_by_role("button", name="Clear", exact=True).focus()
    pad_page.keyboard.press("Enter")
    assert guesses(pad_page) == {""}
    assert pad_page.evaluate("document.activeElement.closest('.mnist-pad') !== null")


def test_nothing_is_too_small_for_a_finger_and_the_page_never_scrolls_sideways(pad_page):
    draw(pad_page, THREE)
    assert pad_page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    targets = pad_page.locator(".mnist-pad :is(button, input[type=range], label:has(input), summary)").all()
    assert len(targets) >= 3
    if pad_page.narrow:
        assert [target.bounding_box()["height"] >= 44 for target in targets] == [True] * len(targets)


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
