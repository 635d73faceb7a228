"""The drawing pads as people meet them: in Voilà on a phone, in JupyterLab at a desk; by mouse, finger and pen."""

import base64
import contextlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from gestures import by_mouse, by_pen, by_touch
from PIL import Image
from playwright.sync_api import TimeoutError

from mnist_study.data import TWO_DIGIT
from mnist_study.drawing import OwnDigits
from mnist_study.drawing.tasks import MODELS, on_one_pad
from mnist_study.images import rasterise
from mnist_study.images.strokes import CANVAS
from mnist_study.models import load_model

ROOT = Path(__file__).parents[2]
WAIT = 120_000  # milliseconds, for a server or a kernel that starts on a busy machine
CONFIG = ROOT / "notebooks" / "app"
SERVERS = {
    "voila": [
        "voila",
        "app.ipynb",
        "--no-browser",
        f"--Voila.config_file_paths={ROOT / 'notebooks' / 'app'}",
        "--port",
    ],
    "lab": ["jupyterlab", "--allow-root", "--no-browser", "--ip=127.0.0.1", "--IdentityProvider.token=", "--port"],
}
PAGES = {"voila": "/", "lab": "/lab/tree/app.ipynb?reset"}
SCREENS = {"voila": (390, 700), "lab": (1400, 900)}
THEIRS = [  # complaints of Voilà's own pages: icons that it asks a CDN for, and its bundle's shared module
    r"/@fortawesome/.*Failed to load resource",
    r"The getter for the shared module is not a function",
]
INK = """canvas => {
    if (!canvas) return NaN; // a cell that is run again has none for a moment
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.reduce((dark, value, i) => dark + (i % 4 === 0 && value < 128 && pixels[i + 3] > 0), 0);
}"""
EDGES = """places => places.map(place => {
    const box = document.querySelector(place).getBoundingClientRect();
    return [box.top, box.right, box.bottom];
})"""
ALL_READ = """([digit, count]) => {
    const cards = [...document.querySelectorAll("[data-model]")];
    return cards.length === count && cards.every(card => card.dataset.guess === digit);
}"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(server, port, log):
    deadline = time.monotonic() + WAIT / 1000
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert server.poll() is None, f"the server ended:\n{log.read_text()}"
            assert time.monotonic() < deadline, f"the server does not listen:\n{log.read_text()}"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Start a server on a copy of the notebook; all of them end with the tests, whatever happens."""
    servers = []

    def start(kind, *options):
        folder, port = tmp_path_factory.mktemp(kind), free_port()
        shutil.copy(ROOT / "notebooks" / "app.ipynb", folder)
        own = {"JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTER_DATA_DIR": str(folder / ".data")}
        log = folder / "server.log"
        with log.open("w") as output:
            command = [sys.executable, "-m", *SERVERS[kind], str(port), *options]
            environment = {**os.environ, **own, "OMP_NUM_THREADS": "1", "MNIST_STUDY_DATA": str(ROOT / "data")}
            server = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
        servers.append(server)
        wait_until_it_listens(server, port, log)
        return folder, f"http://127.0.0.1:{port}{PAGES[kind]}"

    yield start
    for server in servers:
        server.terminate()  # gently first, so that it takes its kernels with it
    for server in servers:
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def open_app(browser, serve):
    """A page with the pad, ready to be drawn on; its context knows touch."""
    contexts = []

    def start(kind, *options):
        folder, address = serve(kind)
        width, height = SCREENS[kind]
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, has_touch=True))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        page.kind, page.folder, page.complaints = kind, folder, []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda line: note(page, line))
        page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())  # nobody outside is asked
        page.goto(address)
        if kind == "lab":
            page.get_by_text("| Idle").first.wait_for()  # a cell that is run before is forgotten
            page.locator(".jp-CodeCell .cm-content").first.click()
            page.keyboard.press("Shift+Enter")
        page.locator("canvas.pad-canvas").wait_for()
        page.locator("[data-model]").first.wait_for()
        return page

    yield start
    for context in contexts:
        context.close()


def note(page, line):
    told = f"{line.location.get('url', '')} {line.text}"
    if line.type == "error" and not any(re.search(pattern, told) for pattern in THEIRS):
        page.complaints.append(told)


@pytest.fixture(scope="module", params=["voila", "lab"])
def opened(open_app, request):
    return open_app(request.param)


@pytest.fixture
def page(opened):
    """The page with a clean pad; nothing may have complained when a test ends."""
    opened.get_by_role("button", name="Clear").click()
    all_read(opened, "")
    yield opened
    assert opened.complaints == []


@pytest.fixture(scope="module")
def golden():
    drawings = json.loads((ROOT / "tests" / "drawing" / "golden.json").read_text())
    chosen = {0: "test digit 136", 4: "test digit 67", 5: "test digit 132"}  # which every network reads
    found = {drawing["name"]: drawing["strokes"] for drawing in drawings}
    return {digit: [[*stroke[:-1:3], stroke[-1]] for stroke in found[name]] for digit, name in chosen.items()}


def draw(page, strokes, how=by_mouse):
    canvas = page.locator("canvas.pad-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    scale = box["height"] / CANVAS  # a phone shows less than it has
    for stroke in strokes:
        how(page, [(box["x"] + scale * x, box["y"] + scale * y) for x, y in stroke])


def all_read(page, digit, digits=1):
    page.wait_for_function(ALL_READ, arg=[str(digit), len(MODELS[digits])])


@pytest.mark.parametrize(("how", "digit"), [(by_mouse, 0), (by_touch, 4), (by_pen, 5)])
def test_a_drawn_digit_is_read_by_every_network_and_the_page_stays_where_it_is(page, golden, how, digit):
    page.locator("canvas.pad-canvas").scroll_into_view_if_needed()
    before = page.locator("canvas.pad-canvas").bounding_box()
    draw(page, golden[digit], how)
    all_read(page, digit)
    assert page.locator("canvas.pad-canvas").bounding_box() == before
    assert page.locator("canvas.pad-canvas").evaluate(INK) > 3000


def test_the_tab_key_leads_from_a_fresh_drawing_to_the_buttons(page, golden):
    draw(page, golden[0])
    all_read(page, 0)
    page.wait_for_function("document.activeElement.tagName !== 'CANVAS'")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Undo"
    page.keyboard.press("Enter")
    all_read(page, "")


def test_a_replay_starts_from_white_paper_and_ends_with_the_whole_drawing(page, golden):
    draw(page, golden[0])
    all_read(page, 0)
    whole = page.locator("canvas.pad-canvas").evaluate(INK)
    page.get_by_role("button", name="Replay").click()
    inked = f"([enough]) => ({INK})(document.querySelector('canvas.pad-canvas'))"
    page.wait_for_function(f"{inked} < enough", arg=[0.8 * whole])
    page.wait_for_function(f"{inked} >= enough", arg=[0.99 * whole])


def test_a_saved_digit_counts_and_can_be_taken_home(page, golden, tmp_path):
    draw(page, golden[4])
    all_read(page, 4)
    page.get_by_label("I drew a").select_option("4")
    page.get_by_role("button", name="Save to my test set").click()
    page.get_by_text("Saved as 4").wait_for()
    page.get_by_role("row", name="mlp 1 of 1").wait_for()
    page.get_by_role("button", name="Export").click()
    if page.kind == "lab":
        page.get_by_text("Written:").wait_for()
        assert OwnDigits.load(page.folder / "my_digits.npz").digits.labels.tolist() == [4]
    for name in ("my_digits.npz", "my_digits.json"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        download.value.save_as(tmp_path / name)
        assert OwnDigits.load(tmp_path / name).digits.labels.tolist() == [4]
    assert page.kind == "lab" or not list(page.folder.glob("my_digits*"))


def test_a_bad_file_is_one_line_under_the_pad(page, tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    with page.expect_file_chooser() as chooser:
        page.locator(".mnist-pad").get_by_role("button", name="Load").click()
    chooser.value.set_files(tmp_path / "bad.json")
    page.get_by_text("bad.json: is no set of digits of this study").wait_for()


@pytest.mark.parametrize("digits", [1, 2])
def test_nothing_is_cut_off_at_the_side(page, golden, digits):
    choose(page, digits)
    page.get_by_label("Show logits").check()
    page.get_by_role("button", name="Clear").click()
    draw(page, golden[0])
    page.get_by_text("Logits of the image").wait_for()
    wide = "element => element.scrollWidth - element.clientWidth"
    over = [page.locator(place).evaluate(wide) for place in ("html", ".mnist-pad")]
    page.get_by_label("Show logits").uncheck()
    choose(page, 1)
    assert max(over) <= 0


@pytest.mark.parametrize("opened", ["lab"], indirect=True)  # in Voilà each visit has a kernel of its own
def test_a_page_that_is_loaded_later_shows_the_drawing_of_its_kernel(page, golden):
    draw(page, golden[0])
    all_read(page, 0)
    whole = page.locator("canvas.pad-canvas").evaluate(INK)
    page.keyboard.press("Control+s")
    page.locator(".lm-TabBar-tab.lm-mod-current:not(.jp-mod-dirty)").first.wait_for()
    later = page.context.new_page()  # beside the first, which the other tests go on with
    for patience in (30_000, 60_000, WAIT):  # a busy Lab now and then shows a notebook without its widgets
        later.goto(page.url)
        with contextlib.suppress(TimeoutError):
            later.locator("canvas.pad-canvas").wait_for(timeout=patience)
            break
    else:
        pytest.skip("JupyterLab showed no widget of a running kernel, three times")
    inked = f"([enough]) => ({INK})(document.querySelector('canvas.pad-canvas'))"
    later.wait_for_function(f"{inked} >= enough", arg=[0.99 * whole], timeout=WAIT)
    later.close()


# Two digits: a pad of its own, behind a switch.


@pytest.fixture
def two(page):
    """The page with a clean pad for two digits; the one for a single digit is shown again when a test ends."""
    choose(page, 2)
    page.get_by_role("button", name="Clear").click()
    all_read(page, "", digits=2)
    yield page
    choose(page, 1)


def choose(page, digits):
    page.get_by_role("button", name=["One digit", "Two digits"][digits - 1]).click()
    page.wait_for_function(
        "count => document.querySelectorAll('[data-model]').length === count", arg=len(MODELS[digits])
    )


@pytest.fixture(scope="module")
def number(golden):
    """45, which a network reads digit by digit as surely as its digits."""
    return [*golden[4], *([(x + CANVAS, y) for x, y in stroke] for stroke in golden[5])]


def drawn(page, number, how=by_mouse):
    draw(page, number, how)
    page.locator('[data-model="cnn_hand"][data-guess="45"]').wait_for()


def seen(page):
    """The tensor as the page shows it."""
    source = page.locator(".pad-seen img").get_attribute("src")
    with Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("how", [by_mouse, by_touch, by_pen])
def test_two_digits_are_answered_with_a_map_of_what_the_networks_say_of_the_tensor_shown(two, number, how):
    drawn(two, number, how)
    image = seen(two)
    assert image.shape == TWO_DIGIT.shape
    _, readers = on_one_pad({name: load_model(name) for name in MODELS[2]})
    for name, reader in readers.items():
        table = two.locator(f'[data-model="{name}"]').get_by_role("table")
        shares = 100 * reader.predict_proba(image[None])[0]
        told = [cell.split(": ") for cell in table.locator("tbody td").all_text_contents()]
        assert [number for number, _ in told] == list(TWO_DIGIT.classes)
        np.testing.assert_allclose([float(share.removesuffix(" %")) for _, share in told], shares, atol=0.1)
        assert table.get_by_role("columnheader").all_text_contents() == list("0123456789")
        assert table.get_by_role("rowheader").all_text_contents() == list("0123456789")
        outlined = table.locator("td.pad-chosen")
        assert outlined.evaluate("cell => getComputedStyle(cell).outlineStyle") == "solid"
        assert outlined.text_content()[:2] == TWO_DIGIT.classes[shares.argmax()]


def test_strokes_are_where_the_hand_was_on_a_canvas_of_any_size(two, number):
    box = two.locator("canvas.pad-canvas").bounding_box()
    assert box["width"] == pytest.approx(2 * box["height"], abs=1)
    assert box["width"] <= two.viewport_size["width"]
    two.get_by_role("button", name="raw").click()
    draw(two, number)
    two.wait_for_function("document.querySelectorAll('[data-guess=\"\"]').length === 0")
    expected = rasterise(number, stage="raw", digits=2)
    two.wait_for_timeout(1000)
    difference = np.abs(seen(two).astype(float) - expected)
    two.get_by_role("button", name="apart").click()
    assert difference.sum() < 0.1 * expected.sum()


def test_what_was_drawn_on_one_pad_is_there_when_one_comes_back_from_the_other(page, golden, number):
    draw(page, golden[4])
    all_read(page, 4)
    paper = "canvas.pad-canvas"
    first = page.locator(paper).evaluate(INK)
    choose(page, 2)
    page.get_by_role("button", name="Clear").click()
    drawn(page, number)
    second = page.locator(paper).evaluate(INK)
    inked = f"([ink]) => ({INK})(document.querySelector('{paper}')) >= 0.99 * ink"  # an answer may overtake the line
    for digits, ink, answer in ((1, first, "4"), (2, second, "45"), (1, first, "4")):
        choose(page, digits)
        page.wait_for_function(inked, arg=[ink])
        page.locator(f'[data-model="cnn_hand"][data-guess="{answer}"]').wait_for()


def test_a_number_is_labelled_by_typing_it(two, number):
    drawn(two, number)
    two.get_by_label("I drew").fill("45")
    two.get_by_role("button", name="Save to my test set").click()
    two.get_by_text("Saved as 45").wait_for()
    two.get_by_role("row", name="cnn_hand 1 of 1").wait_for()


@pytest.mark.parametrize("digits", [1, 2])
def test_everything_that_answers_is_in_sight_while_one_draws(page, golden, number, digits):
    choose(page, digits)
    small = page.viewport_size
    page.set_viewport_size({"width": max(small["width"], 1300), "height": 900})
    page.get_by_role("button", name="Clear").click()
    draw(page, {1: golden[4], 2: number}[digits])
    page.locator(f'[data-model="cnn_hand"][data-guess="{["4", "45"][digits - 1]}"]').wait_for()
    if page.kind == "lab":
        page.locator("canvas.pad-canvas").evaluate("canvas => canvas.scrollIntoView()")
    room = {"voila": "html", "lab": ".jp-WindowedPanel-outer:has(.mnist-pad)"}[page.kind]
    names = [f'[data-model="{name}"]' for name in MODELS[digits]]
    edges, *boxes = page.evaluate(EDGES, [room, "canvas.pad-canvas", ".pad-seen img", ".pad-verdict", *names])
    page.set_viewport_size(small)
    choose(page, 1)
    for top, right, bottom in boxes:
        assert top >= 0
        assert right <= edges[1]
        assert bottom <= min(edges[2], 900)


# The app has guests: each draws on paper of their own, there is room for so many, and no other site lets itself in.


def status(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=WAIT / 1000) as answer:
            deadline = time.monotonic() + WAIT / 1000
            while answer.read1():  # Voilà goes on sending signs of life where a page never comes to its end
                assert time.monotonic() < deadline, f"{address}: half a page"
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("opened", ["voila"], indirect=True)
def test_two_guests_see_nothing_of_one_another(opened, page, browser, golden):
    draw(page, golden[5])
    all_read(page, 5)
    page.get_by_label("I drew a").select_option("5")
    page.get_by_text("Save to my test set").click()
    page.get_by_text("Saved as 5").wait_for()
    draw(page, golden[5])
    other = browser.new_context()
    try:
        guest = other.new_page()
        guest.goto(page.url)
        guest.locator("[data-model]").first.wait_for()
        guest.get_by_text("0 digits").first.wait_for()
        assert guest.locator("canvas.pad-canvas").evaluate(INK) == 0
        all_read(page, 5)
    finally:
        other.close()


def test_the_app_is_served_to_this_machine_and_to_so_many_guests(serve):
    _, address = serve("voila", "--Guests.most=1")
    for headers in (
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": "iframe"},
    ):
        assert status(address, **headers) == 403, headers
    assert [status(address), status(address)] == [200, 503]


def test_the_place_of_a_guest_who_left_is_free_again(serve):
    _, address = serve(
        "voila",
        "--Guests.most=1",
        "--MappingKernelManager.cull_idle_timeout=20",  # seconds; a busy machine needs some to begin a page
        "--MappingKernelManager.cull_interval=1",
    )
    assert status(address) == 200
    deadline = time.monotonic() + WAIT / 1000
    while status(address) != 200:
        assert time.monotonic() < deadline, "nobody made room"
        time.sleep(0.5)
