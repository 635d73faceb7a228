"""Training in the page: the same arithmetic as NumPy's, and a panel that people can use, opened as a file."""

import base64
import re

import kernel
import numpy as np
import pytest
import trainer
from axe_playwright_python.sync_playwright import Axe
from pieces import SCREENS, write_piece
from playwright.sync_api import expect
from test_page_pad import PAD

from mnist_study.drawing.export import decode
from mnist_study.models import Penalty, mlp
from mnist_study.training import Adam, GradientDescent, Momentum, NumPyEngine

MEAN, STD = 33.3, 78.6
RULES = {
    "plain": (GradientDescent(), {"optimizer": "momentum", "momentum": 0.0, "rate": 0.1}),
    "momentum": (Momentum(0.9), {"optimizer": "momentum", "momentum": 0.9, "rate": 0.02}),
    "adam": (Adam(), {"optimizer": "adam", "momentum": 0.9, "rate": 0.003}),
}
STEPS, BATCH = 100, 60  # 60 is no multiple of 16, and 700 digits not of 60: the last batch of an epoch is smaller
TRAIN_HERE = """async ([page, digits]) => {
    const { Heap, Trainer } = window.MnistEngine();
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const floats = (text) => new Float32Array(bytes(text).buffer);
    const weights = page.weights.map(({ weight, bias }) => ({ weight: floats(weight), bias: floats(bias) }));
    const heap = new Heap(page.kernel && bytes(page.kernel));
    const trainer = new Trainer(heap, { hidden: page.hidden, mean: page.mean, std: page.std, weights });
    const [images, labels] = [bytes(digits.images), Uint8Array.from(digits.labels)];
    const begun = performance.now();
    const losses = page.batches.map((batch) => trainer.step(images, labels, Uint32Array.from(batch), page.rule).loss);
    const seconds = (performance.now() - begun) / 1000;
    const plain = ({ weight, bias }) => ({ weight: Array.from(weight), bias: Array.from(bias) });
    const after = trainer.getWeights().map(plain);
    const found = trainer.evaluate(images, labels);
    return { kind: heap.kind, seconds, losses, after, found, seen: trainer.probabilities(images) };
}"""
PANEL = ".mnist-train"
WAIT = 60_000


@pytest.fixture(scope="module")
def scripts():
    folder = PAD.parent / "train"
    if not all((folder / name).exists() for name in trainer.SCRIPTS):
        for name, script in trainer.scripts().items():
            (folder / name).write_bytes(script)
    return folder


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def write(path, scripts, body, theme="light"):
    return write_piece(path, "train", body, theme, before=["engine.js"])


@pytest.fixture
def open_panel(browser, scripts, tmp_path):
    """A page with a panel, opened as a file; nothing may have complained when a test ends."""
    pages, complaints = [], []

    def start(body='<div class="mnist-train" data-network="784-64-10"></div>', screen="desktop-light", change=None):
        width, height, theme = SCREENS[screen]
        context = browser.new_context(viewport={"width": width, "height": height})
        pages.append(context.new_page())
        page = pages[-1]
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: line.type == "error" and complaints.append(line.text))
        if change:
            page.add_init_script(change)
        page.goto(write(tmp_path / "page.html", scripts, body, theme))
        page.locator(PANEL).get_by_role("button", name="Train").wait_for()
        return page

    yield start
    for page in pages:
        page.context.close()
    assert complaints == []


def press(page, name):
    page.locator(PANEL).get_by_role("button", name=name).click()


def data(page, name):
    return page.locator(PANEL).get_attribute(f"data-{name}")


def wait(page, condition):
    page.wait_for_function(f"() => {{ const panel = document.querySelector('{PANEL}').dataset; return {condition}; }}")


# The arithmetic


@pytest.mark.parametrize("kernel_there", [True, False], ids=["WebAssembly", "JavaScript"])
@pytest.mark.parametrize("hidden", [(), (32,), (48, 16)], ids=["softmax", "one", "two"])
@pytest.mark.parametrize("rule", RULES)
def test_losses_and_weights_are_those_of_numpy(open_panel, mnist, rule, hidden, kernel_there):
    ours, theirs = RULES[rule]
    rate, l2 = theirs["rate"], 1e-3
    digits = mnist.train[:700]
    network = mlp((784, *hidden, 10), np.random.default_rng(3), mean=MEAN, std=STD)
    first = network.get_weights()
    engine = NumPyEngine(network, ours, Penalty(l2=l2))
    images, labels = engine.place_images(digits.images), engine.place_labels(digits.labels)
    rng = np.random.default_rng(4)
    epochs = [np.array_split(rng.permutation(700), range(BATCH, 700, BATCH)) for _ in range(10)]
    batches = [batch for epoch in epochs for batch in epoch][:STEPS]
    losses = [engine.step(images[batch], labels[batch], rate) for batch in batches]
    layers = [{"weight": text(first[f"W{n}"]), "bias": text(first[f"b{n}"])} for n in range(1, len(hidden) + 2)]
    asked = {
        "kernel": base64.b64encode(kernel.program()).decode() if kernel_there else None,
        "hidden": hidden,
        "mean": MEAN,
        "std": STD,
        "weights": layers,
        "batches": [batch.tolist() for batch in batches],
        "rule": {**theirs, "l2": l2},
    }
    page = open_panel()
    found = page.evaluate(TRAIN_HERE, [asked, {"images": text(digits.images), "labels": digits.labels.tolist()}])
    assert found["kind"] == ("WebAssembly" if kernel_there else "JavaScript")
    assert losses[-1] < 0.5 * losses[0]
    assert found["losses"] == pytest.approx(losses, abs=1e-4)
    for number, layer in enumerate(found["after"], start=1):
        for kind, name in (("weight", f"W{number}"), ("bias", f"b{number}")):
            assert np.abs(np.array(layer[kind]) - network.get_weights()[name].ravel()).max() < 1e-4
    shares = network.predict_proba(digits.images)
    assert found["found"]["accuracy"] == pytest.approx(np.mean(shares.argmax(axis=1) == digits.labels), abs=2 / 700)
    assert sum(found["found"]["confusions"]) == 700
    assert found["seen"] == pytest.approx(shares[0].tolist(), abs=1e-3)


def test_a_large_batch_goes_through_in_parts(open_panel, mnist):
    digits, network = mnist.train[:1300], mlp((784, 16, 10), np.random.default_rng(3), mean=MEAN, std=STD)
    first = network.get_weights()
    loss, _ = network.loss_and_gradients(network.normalise(digits.images), digits.labels)
    asked = {
        "hidden": [16],
        "mean": MEAN,
        "std": STD,
        "weights": [{"weight": text(first[f"W{n}"]), "bias": text(first[f"b{n}"])} for n in (1, 2)],
        "batches": [list(range(1300))],
        "rule": {"optimizer": "momentum", "momentum": 0, "rate": 1.0, "l2": 0},
    }
    found = open_panel().evaluate(
        TRAIN_HERE, [asked, {"images": text(digits.images), "labels": digits.labels.tolist()}]
    )
    assert found["losses"] == pytest.approx([loss], abs=1e-5)
    gradient = {name: values.ravel() for name, _, values in network.tensors()}
    for number, layer in enumerate(found["after"], start=1):
        moved = first[f"W{number}"].ravel() - np.array(layer["weight"])
        assert np.abs(moved - gradient[f"W{number}"]).max() < 1e-5


def test_the_strongest_curvature_is_that_of_the_pixels_where_all_weights_are_zero(open_panel, mnist):
    digits = mnist.train[:400]
    x = np.column_stack([digits.images.reshape(400, -1) / 255, np.ones(400)])
    shares = np.eye(10) / 10 - 0.01  # of ten equal probabilities
    strongest = np.linalg.eigvalsh(x.T @ x / 400).max() * np.linalg.eigvalsh(shares).max()
    found = open_panel().evaluate(
        """([images, labels]) => {
            const { Heap, Trainer } = window.MnistEngine();
            const trainer = new Trainer(new Heap(null), { hidden: [], mean: 0, std: 255 });
            const pixels = Uint8Array.from(atob(images), (letter) => letter.charCodeAt(0));
            const all = Uint32Array.from(labels, (_, at) => at);
            return [0, 1.5].map((l2) => trainer.curvature(pixels, Uint8Array.from(labels), all, l2));
        }""",
        [text(digits.images), digits.labels.tolist()],
    )
    assert found[0] == pytest.approx(strongest, rel=0.02)
    assert found[1] == pytest.approx(strongest + 1.5, rel=0.02)


def test_the_digits_of_the_page_are_those_of_the_study_in_eight_greys(mnist, scripts):
    first, second = (decode((scripts / name).read_bytes()) for name in trainer.SCRIPTS)
    for part, split in (
        (first["training"], mnist.train[: trainer.FIRST]),
        (second["training"], mnist.train[trainer.FIRST :]),
    ):
        images = trainer.unpack(part["images"])
        assert part["labels"] == "".join(map(str, split.labels))
        assert images.shape == split.images.shape
        assert np.abs(images.astype(int) - split.images).max() <= np.ceil(255 / 7 / 2)
    assert trainer.unpack(first["validation"]["images"]).shape == (trainer.HELD_OUT, 28, 28)
    assert (scripts / trainer.SCRIPTS[0]).stat().st_size <= 1.3e6
    assert sum((scripts / name).stat().st_size for name in trainer.SCRIPTS) <= 6e6


# The panel


def test_a_reader_trains_pauses_steps_and_begins_anew(open_panel):
    page = open_panel()
    assert data(page, "state") == "waiting"
    press(page, "Train")
    wait(page, "panel.accuracy > 0.85")
    press(page, "Pause")
    wait(page, "panel.state === 'paused'")
    stopped = int(data(page, "steps"))
    press(page, "One step")
    wait(page, f"panel.steps == {stopped + 1}")
    status = page.locator(".mnist-train-status").inner_text()
    assert "WebAssembly" in status
    assert "of 64 hidden units are dead" in status
    cells = page.locator(".mnist-train-confusions td:not(:empty)").all_inner_texts()
    assert sum(map(int, cells)) == 2000
    said = re.search(r"validation ([\d.]+)\u202f% ± [\d.]+", page.locator(".mnist-train-charts").inner_text())
    assert float(said[1]) == pytest.approx(100 * float(data(page, "accuracy")), abs=0.06)
    press(page, "Reset")
    wait(page, "panel.steps == 0 && panel.accuracy < 0.3")
    assert page.locator(".mnist-train-units canvas").count() == 16


def test_buttons_that_are_pressed_in_haste_leave_no_trace_of_what_was_before(open_panel):
    page = open_panel()
    press(page, "Train")
    wait(page, "panel.steps > 20 && panel.state === 'running'")
    buttons = "Array.from(document.querySelectorAll('.mnist-train-buttons button'))"
    page.evaluate(f"() => {buttons}.filter((one) => /Pause|Reset/.test(one.textContent)).forEach((one) => one.click())")
    wait(page, "panel.steps == 0 && panel.state === 'paused'")
    press(page, "One step")
    wait(page, "panel.steps == 1")
    curves = page.locator(".mnist-train-charts polyline.validation")
    points = curves.evaluate_all("all => all.map((one) => one.getAttribute('points'))")
    assert [len(one.split()) for one in points] == [2, 2]  # before the step and after it


def test_ten_templates_form(open_panel):
    page = open_panel('<div class="mnist-train" data-network="784-10 (softmax)" data-batch="0" data-rate="0.5"></div>')
    press(page, "One step")
    wait(page, "panel.steps == 1")
    canvas = page.locator(".mnist-train-units canvas")
    assert canvas.count() == 10
    before = canvas.first.evaluate("canvas => canvas.toDataURL()")
    press(page, "One step")
    wait(page, "panel.steps == 2")
    assert canvas.first.evaluate("canvas => canvas.toDataURL()") != before
    assert "0.0 epochs" not in page.locator(".mnist-train-status").inner_text()  # a full batch is an epoch


def test_ink_on_blue_raises_a_score_and_ink_on_red_lowers_it(open_panel, mnist):
    page = open_panel('<div class="mnist-train" data-network="784-10 (softmax)" data-batch="0" data-rate="0.5"></div>')
    press(page, "One step")
    wait(page, "panel.steps == 1")
    assert "ink on blue raises" in page.locator(".mnist-train-weights figcaption").inner_text()
    zero = page.locator(".mnist-train-units canvas").first.evaluate(
        "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)"
    )
    red, _, blue, _ = np.moveaxis(np.array(zero).reshape(28, 28, 4), -1, 0)
    means = [mnist.train.images[mnist.train.labels == label].mean(axis=0) for label in range(10)]
    raises = means[0] - np.mean(means, axis=0)  # what the first step adds to the template of a zero, but for a factor
    assert (blue > red)[raises > 40].all()
    assert (red > blue)[raises < -40].all()


TOO_FAR = {
    ("Gradient descent", "0"): "at a rate of more than 2 / c lands further from the valley’s floor",
    ("Gradient descent", "0.9"): "stable below a rate of 2 (1 + β) / c, and β is 0.9 here",
    ("Adam", None): "Adam’s steps have about the length of the rate",
}


@pytest.mark.parametrize(("rule", "momentum"), TOO_FAR)
def test_sliders_act_while_it_runs_and_a_rate_that_is_too_high_says_why_by_the_rule(open_panel, rule, momentum):
    page = open_panel()
    page.get_by_label("Update rule").select_option(rule)
    if momentum:
        page.get_by_label("Momentum").fill(momentum)
    press(page, "Train")
    wait(page, "panel.steps > 20")
    page.get_by_label("Learning rate").fill("1.5")
    wait(page, "panel.state === 'paused'")
    said = page.locator(".mnist-train-note").inner_text()
    assert TOO_FAR[rule, momentum] in said
    assert [words in said for words in TOO_FAR.values()].count(True) == 1
    assert "Lower the learning rate (it was 32)" in said
    charts = page.locator(".mnist-train-charts")
    for chart in charts.locator("svg").all():
        edge = chart.bounding_box()["x"]
        assert all(label.bounding_box()["x"] >= edge for label in chart.locator("text").all())
    assert "e+" not in charts.inner_text() + said
    press(page, "Reset")
    wait(page, "panel.steps == 0")
    assert page.locator(".mnist-train-note").is_hidden()


def test_points_below_the_scale_are_marked_and_counted(open_panel):
    page = open_panel('<div class="mnist-train" data-network="784-10 (softmax)" data-batch="0" data-rate="0.5"></div>')
    for step in range(1, 6):
        press(page, "One step")
        wait(page, f"panel.steps == {step}")
    losses, accuracies = page.locator(".mnist-train-charts figure").all()
    assert accuracies.locator("text").first.text_content() == "60\u202f%"
    marked = [accuracies.locator(f"path.{kind}").count() for kind in ("batches", "validation")]
    assert marked == [1, 1]  # before the first step
    assert accuracies.locator("figcaption").inner_text().endswith("off the scale: ▼\u202f2")
    assert losses.locator("path").count() == 0
    assert losses.locator("figcaption").inner_text() == "Loss"


def test_a_gradient_is_checked_by_moving_its_weight(open_panel):
    page = open_panel()
    press(page, "One step")
    wait(page, "panel.steps == 1")
    note = page.locator(".mnist-train-note")
    for _ in range(3):
        press(page, "Check a gradient")
        note.get_by_text("Its derivative by backpropagation").wait_for()
        apart = re.search(r"Relative difference (.*?)\.(?: |$)", note.inner_text())[1]
        power = re.search(r"10⁻([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", apart)
        assert apart == "0" or int(power[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) >= 3


def test_the_curvature_says_which_rate_is_stable(open_panel):
    page = open_panel(
        '<div class="mnist-train" data-network="784-10 (softmax)" data-batch="0" data-momentum="0" data-rate="1"></div>'
    )
    note = page.locator(".mnist-train-note")
    press(page, "Measure the curvature")
    note.get_by_text("Plain descent is stable along it below 2 / c").wait_for()
    assert "the rate is 1, above that" in note.inner_text()
    limit = float(re.search(r"2 / c = ([\d.]+)", note.inner_text())[1])
    assert 0.4 < limit < 0.6  # chapter 2 computes 0.51
    page.get_by_label("Momentum").fill("0.9")
    press(page, "Measure the curvature")
    note.get_by_text("With this momentum descent is stable along it below 2 (1 + 0.9) / c").wait_for()
    assert float(re.search(r"c = ([\d.]+);", note.inner_text())[1]) == pytest.approx(1.9 * limit, rel=0.1)


def test_what_is_drawn_is_read_by_the_network_in_training(open_panel, mnist):
    page = open_panel()
    press(page, "Train")
    wait(page, "panel.accuracy > 0.85")
    press(page, "Pause")
    for label in (0, 1):
        index = int(np.flatnonzero(mnist.validation.labels == label)[0])
        image = mnist.validation.images[index].ravel().tolist()
        page.evaluate(
            "image => document.dispatchEvent(new CustomEvent('mnist-image', { detail: Uint8Array.from(image) }))", image
        )
        page.get_by_text(f"Your network reads your drawing as a {label}.").wait_for()
    page.evaluate("() => document.dispatchEvent(new CustomEvent('mnist-image', { detail: new Uint8Array(784) }))")
    page.get_by_text("Your network reads").wait_for(state="hidden")


def test_all_digits_come_on_a_second_request(open_panel):
    page = open_panel('<div class="mnist-train" data-network="784-10 (softmax)" data-batch="0"></div>')
    page.get_by_label("Training digits").select_option(index=1)
    wait(page, "panel.state === 'paused' && panel.steps == 0 && panel.accuracy !== ''")
    press(page, "One step")
    wait(page, "panel.steps == 1")
    assert "1.0 epochs" in page.locator(".mnist-train-status").inner_text()


WITHOUT = {"vectors": "WebAssembly.Module = null;", "WebAssembly": "delete self.WebAssembly;"}
IN_WORKER = """window.Blob = class extends Blob {{
    constructor(parts, options) {{
        super(parts.map((part) => (typeof part === "string" ? `{}${{part}}` : part)), options);
    }}
}};"""
TOO_OLD = {
    "nothing unpacks": "delete window.DecompressionStream;",
    "gzip alone": """window.DecompressionStream = class extends DecompressionStream {
        constructor(format) { super(format === "gzip" ? format : "unknown"); }
    };""",
}
NOTHING_LOADED = """Object.defineProperty(window, "MNIST_PAD_DATA", { get() {}, set() {}, configurable: true });"""


@pytest.mark.parametrize("missing", WITHOUT)
def test_what_a_browser_cannot_multiply_by_webassembly_javascript_multiplies(open_panel, missing):
    page = open_panel(change=IN_WORKER.format(WITHOUT[missing]))
    press(page, "Train")
    wait(page, "panel.accuracy > 0.85")
    assert "JavaScript" in page.locator(".mnist-train-status").inner_text()


@pytest.mark.parametrize("missing", TOO_OLD)
def test_a_browser_that_cannot_unpack_the_digits_says_so(open_panel, missing):
    page = open_panel(change=TOO_OLD[missing])
    press(page, "Train")
    page.get_by_text("this browser is too old to unpack the digits; a newer one can.").wait_for()
    assert data(page, "state") == "waiting"
    assert page.locator(".mnist-train-status").inner_text() == ""
    more = page.get_by_label("Training digits")
    more.select_option(index=1)
    expect(more).to_have_value("few")


def test_a_file_that_is_missing_is_one_line(open_panel):
    page = open_panel(change=NOTHING_LOADED)
    press(page, "Train")
    page.get_by_text("the file digits.js is missing or cut short; load this page again").wait_for()
    assert data(page, "state") == "waiting"


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_wider_than_the_screen_and_all_has_a_name(open_panel, screen):
    page = open_panel(screen=screen)
    press(page, "One step")
    wait(page, "panel.steps == 1")
    press(page, "Check a gradient")
    page.get_by_text("Its derivative by backpropagation").wait_for()
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
    problems = [violation["id"] for violation in Axe().run(page, PANEL, {"preload": False}).response["violations"]]
    assert problems == []
