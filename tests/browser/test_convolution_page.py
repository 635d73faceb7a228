"""The page's walk through a convolution: its numbers beside Python's, its manners under mouse and keyboard."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gestures import by_mouse, by_pen, by_touch
from pieces import DARK, SCREENS
from test_page_pad import PAD, SCRIPTS, ZERO, places, tensor, watch

from mnist_study.drawing import ConvolutionWalk
from mnist_study.drawing.walk import PRESETS

CONVOLUTION = PAD.parent / "convolution"
EDGE = PRESETS["horizontal edge"]
ODD = ((0.25, -1.5, 2.0), (3.125, 0.0, -0.75), (1e-3, -7.0, 0.5))
ROUNDED = 0.005 + 1e-9  # two decimals


def write_page(path, body, theme="light", pad=False):
    """A page with nothing but ``body``, and the scripts where they are."""
    folders = [CONVOLUTION, PAD] if pad else [CONVOLUTION]
    styles = "".join(f'<link rel="stylesheet" href="{(one / one.name).as_uri()}.css">' for one in folders)
    files = [CONVOLUTION / "convolution.js", *([PAD / name for name in SCRIPTS] if pad else [])]
    scripts = "".join(f'<script defer src="{file.as_uri()}"></script>' for file in files)
    path.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8"><title>Walks</title>'
        f'<meta name="viewport" content="width=device-width"><style>{DARK}</style>{styles}<main>{body}</main>{scripts}'
    )
    return path.as_uri()


@pytest.fixture(scope="module")
def digit(mnist):
    return mnist.train.images[0]


@pytest.fixture(params=SCREENS)
def page(browser, weights, digit, tmp_path, request):
    """A walk and a pad on a page, the network off."""
    width, height, theme = SCREENS[request.param]
    page = watch(browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page())
    body = ConvolutionWalk(digit, EDGE).html()._repr_html_() + '<div class="mnist-pad" data-size="small"></div>'
    page.goto(write_page(tmp_path / "walk.html", body, theme, pad=True))
    yield page
    assert page.complaints == []
    page.context.close()


def numbers(page, part, cells="td"):
    """The numbers that a part of the piece shows, float64 ``(n,)``."""
    cells = page.locator(f'[data-part="{part}"] {cells}').all_inner_texts()
    return np.array([float(cell.replace("−", "-")) for cell in cells])


def slider(page):
    return page.get_by_label("Output pixel")


def position(page):
    return int(slider(page).input_value())


def status(page):
    return page.locator(".mnist-convolution-status").inner_text()


def field(page, row, column):
    return page.get_by_label(f"Kernel, row {row}, column {column}")


def same(shown, expected):
    assert len(shown) == np.size(expected)
    assert np.abs(shown - np.ravel(expected)).max() <= ROUNDED


def agrees(page, walk):
    """All numbers that the page shows are those of the notebook's walk."""
    row, column = divmod(walk.position, walk.map.shape[1])
    under = np.s_[row : row + 3, column : column + 3]
    assert position(page) == walk.position
    same(numbers(page, "patch"), walk.gradient[under] if walk.backwards else walk.patch)
    same(numbers(page, "products"), walk.returned if walk.backwards else walk.products)
    same(numbers(page, "sum"), walk.map[row, column])
    same(numbers(page, "matrix", "tr:nth-child(2) td"), walk.returned if walk.backwards else walk.patch)
    assert page.locator('[data-part="matrix"] tr:nth-child(2) th').inner_text() == str(walk.position)
    assert status(page).startswith(f"Row {row}, column {column}: ")


# What the page computes is what the package computes.

FORWARD = "([image, kernel]) => [...MnistConvolution.forward(Uint8Array.from(image), kernel)]"
BACKWARD = "([image, kernel, last]) => [...MnistConvolution.backward(Uint8Array.from(image), kernel, last)]"


@pytest.mark.parametrize("kernel", [*PRESETS.values(), ODD], ids=[*PRESETS, "odd"])
def test_map_and_gradient_are_those_of_the_package_to_the_last_digits(page, mnist, kernel):
    weights = np.ravel(kernel).tolist()
    for image in mnist.train.images[:2]:
        walk = ConvolutionWalk(image, kernel)
        pixels = image.ravel().tolist()
        np.testing.assert_allclose(page.evaluate(FORWARD, [pixels, weights]), walk.map.ravel(), rtol=0, atol=1e-12)
        for walk.position in (0, 1, 25, 26, 340, 675):
            found = page.evaluate(BACKWARD, [pixels, weights, walk.position])
            np.testing.assert_allclose(found, walk.gradient.ravel(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kernel", [EDGE, ODD], ids=["edge", "odd"])
@pytest.mark.parametrize("direction", ["forwards", "backwards"])
def test_every_number_shown_is_the_notebooks(page, digit, kernel, direction):
    walk = ConvolutionWalk(digit, kernel)
    for (row, column), weight in np.ndenumerate(kernel):
        field(page, row, column).fill(str(weight))
    page.get_by_label(direction).check()
    walk.backwards = direction == "backwards"
    for walk.position in (0, 117, 200, 427, 675):
        slider(page).fill(str(walk.position))
        agrees(page, walk)


def test_the_walk_begins_where_the_image_looks_most_like_the_kernel_as_the_notebooks_does(page, digit):
    agrees(page, ConvolutionWalk(digit, EDGE))
    assert status(page).endswith(f"the nine products sum to {ConvolutionWalk(digit, EDGE).map.max():.2f}.")


def test_the_gradients_picture_fills_in_as_one_walks_and_the_image_is_back_afterwards(page):
    def blank():
        return page.locator('[data-part="image"] canvas').evaluate(
            """canvas => {
                const {data} = canvas.getContext('2d').getImageData(0, 0, 28, 28);
                let white = 0;
                for (let at = 0; at < data.length; at += 4) white += data[at] >= 247 && data[at + 2] >= 247;
                return white;
            }"""
        )

    image = blank()
    page.get_by_label("backwards").check()
    counts = []
    for place in (0, 150, 400, 675):
        slider(page).fill(str(place))
        counts.append(blank())
    assert counts[0] == 28 * 28
    assert counts == sorted(counts, reverse=True)
    assert counts[3] < counts[1] < counts[0]
    page.get_by_label("forwards").check()
    assert blank() == image


def test_a_typed_kernel_acts_at_once_and_a_preset_replaces_it(page, digit):
    field(page, 0, 1).fill("-2.5")
    weights = np.array(EDGE)
    weights[0, 1] = -2.5
    walk = ConvolutionWalk(digit, weights)
    walk.position = position(page)
    agrees(page, walk)
    for name, kernel in PRESETS.items():
        button = page.get_by_role("button", name=name)
        assert button.get_attribute("aria-pressed") == "false"
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        walk.set_kernel(kernel)
        agrees(page, walk)


@pytest.mark.parametrize("typed", ["", "-", "1e999", "1001"])
def test_a_bad_weight_marks_its_field_with_one_line_and_the_last_good_one_stays(page, digit, typed):
    walk = ConvolutionWalk(digit, EDGE)
    bad, line = field(page, 2, 0), page.get_by_role("alert")
    bad.press("Control+a")
    bad.press("Delete")
    page.keyboard.insert_text(typed)  # at once: on the way to 1001 stands a good 100
    bad.press("Tab")
    assert bad.get_attribute("aria-invalid") == "true"
    assert line.inner_text() == (
        "Kernel, row 2, column 0: type a number from -1000 to 1000; until then −1.00 stays in use."
    )
    assert bad.get_attribute("aria-describedby") == line.get_attribute("id")
    agrees(page, walk)
    bad.fill("4")
    assert bad.get_attribute("aria-invalid") == "false"
    assert line.text_content() == ""
    walk.set_kernel([*EDGE[:2], (4, -1, -1)])
    walk.position = position(page)
    agrees(page, walk)


# Hands and eyes.


def test_keys_move_the_window_by_a_pixel_or_a_row_and_never_out_of_the_map(page):
    slider(page).focus()
    page.keyboard.press("Home")
    for key, expected in [
        ("ArrowLeft", 0),
        ("ArrowUp", 0),
        ("ArrowRight", 1),
        ("PageDown", 27),
        ("ArrowDown", 53),
        ("PageUp", 27),
        ("ArrowLeft", 26),
        ("ArrowLeft", 25),
        ("End", 675),
        ("PageDown", 675),
        ("ArrowUp", 649),
    ]:
        page.keyboard.press(key)
        assert position(page) == expected, key
    assert slider(page).get_attribute("aria-valuetext") == "row 24, column 25"
    page.get_by_role("button", name="Row up").click()
    page.get_by_role("button", name="Row down").click()
    page.get_by_role("button", name="Row down").click()
    assert position(page) == 675


def test_a_click_on_a_picture_moves_the_window_there(page):
    for part, side, expected in (("map", 26, 10 * 26 + 7), ("image", 28, 9 * 26 + 6)):
        canvas = page.locator(f'[data-part="{part}"] canvas')
        width = canvas.bounding_box()["width"]
        canvas.click(position={"x": 7.5 * width / side, "y": 10.5 * width / side})
        assert position(page) == expected, "in the image, the middle of the window"


@pytest.mark.parametrize("how", [by_mouse, by_touch, by_pen])
@pytest.mark.parametrize(("name", "side"), [("image", 28), ("map", 26)])
def test_the_window_is_dragged_over_the_digit_and_over_the_map(page, name, side, how):
    canvas = page.locator(f'[data-part="{name}"] canvas')
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    scale = box["width"] / side
    points = [(box["x"] + (3.5 + 0.5 * n) * scale, box["y"] + (20.5 - 0.25 * n) * scale) for n in range(25)]
    how(page, points)
    row, column = (14, 15) if side == 26 else (13, 14)  # the middle of the window is under the hand
    assert position(page) == 26 * row + column
    how(page, [points[-1], (box["x"] + 2 * box["width"], points[-1][1])])
    assert position(page) == 26 * row + 25, "it never leaves the picture"


def test_play_walks_to_the_end_by_itself_and_only_when_asked(page):
    page.clock.install()
    page.clock.pause_at(datetime.now() + timedelta(days=1))  # from here on, no time passes but what is run below
    slider(page).fill("660")
    page.clock.run_for(5000)
    assert position(page) == 660
    page.get_by_role("button", name="Play", exact=True).click()
    assert page.locator(".mnist-convolution-status").get_attribute("aria-live") == "off"
    page.clock.run_for(5 * 60)
    assert position(page) == 665
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    assert position(page) == 665
    page.get_by_role("button", name="Play", exact=True).click()
    page.clock.run_for(5000)
    assert position(page) == 675
    assert page.locator(".mnist-convolution-status").get_attribute("aria-live") == "polite"
    page.get_by_role("button", name="Play", exact=True).click()
    page.clock.run_for(60)
    assert position(page) == 0


def test_a_digit_drawn_on_the_pages_pad_can_be_walked_over(page, digit):
    mine, given = page.get_by_label("your drawing"), page.get_by_label("training digit")
    assert mine.is_disabled()
    for stroke in places(page, ZERO):
        by_mouse(page, stroke)
    assert given.is_checked()
    mine.check()
    walk = ConvolutionWalk(tensor(page), EDGE)
    for walk.position in (100, 333):
        slider(page).fill(str(walk.position))
        agrees(page, walk)
    page.get_by_role("button", name="Undo").click()
    assert mine.is_disabled()
    assert given.is_checked()
    walk = ConvolutionWalk(digit, EDGE)
    walk.position = position(page)
    agrees(page, walk)


def test_the_pad_tells_the_page_which_image_its_networks_saw(page):
    page.evaluate("document.addEventListener('mnist-image', event => (window.told = [...event.detail]))")
    for stroke in places(page, ZERO):
        by_mouse(page, stroke)
    assert (np.reshape(page.evaluate("told"), (28, 28)) == tensor(page)).all()
    page.get_by_role("button", name="Clear").click()
    assert not any(page.evaluate("told"))


@pytest.mark.parametrize("direction", ["forwards", "backwards"])
def test_nothing_overflows_sideways_and_fingers_find_what_they_aim_for(page, direction):
    page.get_by_label(direction).check()
    field(page, 1, 1).fill("-100")  # long numbers
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    targets = page.locator(".mnist-convolution :is(button, input[type=range], label:has(input))").all()
    heights = [target.bounding_box()["height"] for target in targets if target.is_visible()]
    assert len(heights) >= 11
    assert min(heights) >= 44


@pytest.mark.parametrize("direction", ["forwards", "backwards"])
def test_axe_finds_no_serious_barrier(page, direction):
    page.get_by_label(direction).check()
    field(page, 0, 0).fill("")
    field(page, 0, 0).blur()
    options = {"resultTypes": ["violations"], "preload": False}  # preloading asks for styles, which files may not
    found = Axe().run(page, context=".mnist-convolution", options=options).response["violations"]
    assert [barrier["id"] for barrier in found if barrier["impact"] in {"serious", "critical"}] == []


def test_whatever_has_the_focus_shows_it(page):
    page.locator(".mnist-convolution input").first.focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, page.evaluate("document.activeElement.outerHTML")


def test_the_dark_themes_card_under_a_cells_output_goes_away(browser, digit, tmp_path):
    card = "<style>html[data-theme=dark] .cell_output .text_html {background-color: #ced6dd; padding: .5rem}</style>"
    piece = ConvolutionWalk(digit, EDGE).html()._repr_html_()
    body = f'{card}<div class="cell_output"><div class="text_html">{piece}</div></div>'
    page = browser.new_context(offline=True).new_page()
    page.goto(write_page(tmp_path / "cell.html", body, "dark"))
    shown = page.locator(".text_html").evaluate(
        "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).padding]"
    )
    assert shown == ["rgba(0, 0, 0, 0)", "0px"]
    page.context.close()


# Pages that ask for something else.


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ("", "data-kernel is not nine numbers from -1000 to 1000"),
        ('data-kernel="1,2,3"', "data-kernel is not nine numbers"),
        ('data-kernel="1,2,3,4,,6,7,8,9"', "data-kernel is not nine numbers"),
        ('data-kernel="1,2,3,4,x,6,7,8,9"', "data-kernel is not nine numbers"),
        ('data-kernel="1,2,3,4,5,6,7,8,9"', "data-words is missing or damaged"),
        ('data-kernel="1,2,3,4,5,6,7,8,9" data-words="{}"', "data-image is not the 784 grey values"),
        ('data-kernel="1,2,3,4,5,6,7,8,9" data-words="{}" data-image="%%%"', "data-image is not the 784 grey values"),
        ('data-kernel="1,2,3,4,5,6,7,8,9" data-words="{}" data-image="AAAA"', "data-image is not the 784 grey values"),
    ],
)
def test_missing_or_bad_attributes_leave_one_sentence(browser, tmp_path, attributes, problem):
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_page(tmp_path / "bad.html", f'<div class="mnist-convolution" {attributes}></div>'))
    sentence = page.locator(".mnist-convolution").inner_text()
    assert sentence.startswith(f"There is no convolution to walk through, because {problem}")
    assert sentence.count(".") == 1
    assert page.locator("canvas, button").count() == 0
    assert page.complaints == []
    page.context.close()


def test_two_walks_on_a_page_without_a_pad_keep_to_themselves(browser, digit, tmp_path):
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_page(tmp_path / "two.html", 2 * ConvolutionWalk(digit, EDGE).html()._repr_html_()))
    first, second = page.locator(".mnist-convolution").all()
    before = second.inner_text()
    first.get_by_label("backwards").check()
    first.get_by_role("button", name="blur").click()
    first.get_by_label("Output pixel").fill("3")
    assert second.inner_text() == before
    assert second.get_by_label("forwards").is_checked()
    assert not first.get_by_label("your drawing").is_visible()
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))
    assert page.complaints == []
    page.context.close()
