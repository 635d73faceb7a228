"""The page's look inside a network: its numbers beside Python's, its manners under mouse and keyboard."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from gestures import by_mouse
from pieces import SCREENS, write_piece
from test_page_pad import ZERO, places, tensor, watch

import mnist_study as ms
from mnist_study.analysis import occlusion
from mnist_study.analysis.layers import ends_of_stages
from mnist_study.analysis.saliency import squares
from mnist_study.drawing import look_inside
from mnist_study.drawing.page_network import page_network

ACTIVATIONS = """([name, image]) => {
    const network = reader.networks.find(one => one.name === name);
    const found = network.activations(Uint8Array.from(image));
    const stages = MnistInside.stagesOf(network.layers).map(end => found[end]);
    return stages.map(({values, count, rows, columns}) => ({values: [...values], shape: [count, rows, columns]}));
}"""
OCCLUSION = """([name, image, patch, stride]) => {
    const network = reader.networks.find(one => one.name === name);
    const found = [...MnistInside.occlusion(network, Uint8Array.from(image), patch, stride)].at(-1);
    return {...found, falls: [...found.falls]};
}"""
FIELD = """([name, end, place]) => {
    const network = reader.networks.find(one => one.name === name);
    return MnistInside.field(network.layers, end, place, network.shape);
}"""


@pytest.fixture(scope="module")
def digits(mnist):
    return mnist.test[[int(np.flatnonzero(mnist.test.labels == label)[0]) for label in range(10)]]


@pytest.fixture(scope="module")
def networks(weights):
    return {one["name"]: page_network(one) for one in weights[1]["networks"]}


@pytest.fixture(params=SCREENS)
def page(browser, weights, digits, tmp_path, request):
    """A look inside and a pad on a page, the network off."""
    width, height, theme = SCREENS[request.param]
    page = watch(browser.new_context(offline=True, viewport={"width": width, "height": height}).new_page())
    body = look_inside(digits)._repr_html_() + '<div class="mnist-pad" data-size="small"></div>'
    page.goto(write_piece(tmp_path / "inside.html", "inside", body, theme))
    page.wait_for_selector(".mnist-inside-maps button")
    page.evaluate("async () => { window.reader = await MnistPad.readerFor(1); }")
    yield page
    assert page.complaints == []
    page.context.close()


def covered(page):
    """Wait until the digit has been covered everywhere."""
    page.wait_for_selector('[data-part="occlusion"][aria-busy="false"]', timeout=60_000)


def answer(page):
    return page.locator(".mnist-inside-answer").inner_text()


def words(page):
    return page.locator(".mnist-inside-words").inner_text()


def largest_unit(network, image, stage):
    """The map, row and column of a stage's largest unit, and its value."""
    activations = network.activations(image[None])
    maps = activations[ends_of_stages(list(activations))[stage]][0]
    row, column, index = np.unravel_index(maps.argmax(), maps.shape)
    return index, row, column, maps.max()


# What the page computes is what the package computes.


@pytest.mark.parametrize("name", ["mlp", "cnn_hand"])
def test_every_stage_is_the_exported_networks_and_nearly_the_trained_ones(page, networks, digits, name):
    for image in digits.images[:3]:
        found = page.evaluate(ACTIVATIONS, [name, image.ravel().tolist()])
        for network, tolerance in ((networks[name], 1e-4), (ms.load_model(name), 0.03)):
            activations = network.activations(image[None])
            expected = [activations[end] for end in ends_of_stages(list(activations))]
            assert len(found) == len(expected)
            for ours, theirs in zip(found, expected, strict=True):
                maps = np.moveaxis(theirs, network.map_axis, 1).ravel()
                assert np.prod(ours["shape"]) == maps.size
                np.testing.assert_allclose(ours["values"], maps, atol=tolerance * np.abs(maps).max())


def test_covering_costs_what_it_costs_in_python(page, networks, digits):
    for name, patch, stride in (("mlp", 5, 2), ("softmax", 4, 4), ("cnn_hand", 9, 7)):
        image = digits.images[3]
        found = page.evaluate(OCCLUSION, [name, image.ravel().tolist(), patch, stride])
        label = networks[name].predict(image[None])
        expected = occlusion(networks[name], image[None], label, patch, stride)[0]
        assert found["label"] == label[0]
        assert found["done"] == found["all"] == len(squares((28, 28), patch, stride))
        np.testing.assert_allclose(np.reshape(found["falls"], (28, 28)), expected, atol=1e-3)


def test_a_unit_looks_at_the_pixels_that_change_it_and_no_others(page, networks, digits):
    """Brute force: each pixel of noise is made paper; what changes a unit is what it looks at."""
    network, image = networks["cnn_hand"], np.random.default_rng(0).integers(1, 256, (28, 28), np.uint8)
    ends = page.evaluate("MnistInside.stagesOf(reader.networks.find(one => one.name === 'cnn_hand').layers)")
    for stage, place in ((0, (0, 5)), (0, (7, 7)), (1, (6, 13)), (2, (3, 3))):
        name = ends_of_stages(list(network.activations(image[None])))[stage]
        changed = np.repeat(image[None], 784, axis=0)
        changed[np.arange(784), *np.divmod(np.arange(784), 28)] = 0
        before = network.activations(image[None])[name][0][place]
        after = np.concatenate([network.activations(each)[name][:, *place] for each in np.array_split(changed, 8)])
        rows, columns = np.divmod(np.flatnonzero((np.abs(after - before) > 1e-6).any(axis=1)), 28)
        seen = page.evaluate(FIELD, ["cnn_hand", ends[stage], place])
        assert seen[0][0] <= rows.min() <= rows.max() <= seen[0][1]
        assert seen[1][0] <= columns.min() <= columns.max() <= seen[1][1]
        if stage == 0:
            assert seen == [[rows.min(), rows.max()], [columns.min(), columns.max()]]


def test_the_answer_and_the_largest_unit_are_said_in_words(page, networks, digits):
    network = networks["cnn_hand"]
    for label in (0, 4, 9):
        page.get_by_label(f"test digit {label}, a {label}").check()
        share = network.predict_proba(digits.images[[label]])[0]
        assert answer(page) == f"cnn_hand reads {share.argmax()}, {100 * share.max():.1f}\u202f% sure."
        index, row, column, value = largest_unit(network, digits.images[label], 0)
        expected = f"Stage 1, map {index}: the largest unit, at row {row}, column {column} of the map, is {value:.2f}"
        assert words(page).startswith(expected)


def test_the_kernel_shown_is_the_networks(page, networks):
    layer = networks["cnn_hand"].layers[1]
    page.get_by_label("Show all maps").check()
    page.get_by_label("Stage 1, map 5,").click()
    scale = np.abs(layer.weight[..., 5]).max()
    assert page.locator('[data-part="kernel"] figcaption').inner_text().endswith(f"up to {scale:.2f}")
    pixels = page.locator('[data-part="kernel"] canvas').evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"
    )
    red, _, blue = np.reshape(pixels, (*layer.weight.shape[:2], 4))[..., :3].transpose(2, 0, 1)
    clear = np.abs(layer.weight[:, :, 0, 5]) > scale / 20
    assert ((blue > red) == (layer.weight[:, :, 0, 5] > 0))[clear].all()
    page.get_by_label("Stage 2, map 5,").click()
    assert not page.locator('[data-part="kernel"]').is_visible()


# Hands and eyes.


def test_a_drawing_is_looked_into_as_soon_as_it_is_there_and_a_cleared_one_no_longer(page, networks):
    mine = page.get_by_label("your drawing")
    assert mine.is_disabled()
    for stroke in places(page, ZERO):
        by_mouse(page, stroke)
    assert mine.is_checked()
    image = tensor(page)
    share = networks["cnn_hand"].predict_proba(image[None])[0]
    assert answer(page) == f"cnn_hand reads {share.argmax()}, {100 * share.max():.1f}\u202f% sure."
    index, *_ = largest_unit(networks["cnn_hand"], image, 0)
    assert words(page).startswith(f"Stage 1, map {index}: ")
    page.get_by_role("button", name="Clear").click()
    assert mine.is_disabled()
    assert page.get_by_label("test digit 0,").is_checked()


def test_covering_goes_on_while_one_looks_elsewhere_and_begins_anew_with_another_digit(page):
    caption = page.locator('[data-part="occlusion"] figcaption')
    page.get_by_label("test digit 7,").check()
    page.locator("button[aria-label^='Stage 2']:visible").first.hover()
    assert words(page).startswith("Stage 2, map")
    page.get_by_label("test digit 4,").check()
    covered(page)
    assert caption.inner_text().startswith("Covering the framed square takes most from the score of ")
    assert "of 169 squares change the answer" in caption.inner_text()


def test_most_maps_wait_until_they_are_asked_for_and_the_largest_is_starred(page, networks):
    for stage, group in enumerate(page.locator(".mnist-inside-maps").all()):
        shown = [one for one in group.locator("button").all() if one.is_visible()]
        assert len(shown) == 14
        assert group.locator("button.is-largest:visible").count() >= 1, stage
    page.get_by_label("Show all maps").check()
    activations = networks["cnn_hand"].activations(np.zeros((1, 28, 28), np.uint8))
    counts = [activations[end].shape[-1] for end in ends_of_stages(list(activations))[:-1]]
    groups = page.locator(".mnist-inside-maps").all()
    assert [group.locator("button:visible").count() for group in groups] == counts


def test_tab_reaches_each_stage_once_and_arrows_walk_over_its_maps(page):
    page.get_by_label("Show all maps").focus()
    page.keyboard.press("Tab")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused).startswith("Stage 1, map ")
    page.keyboard.press("Home")
    first = page.evaluate(focused)
    page.keyboard.press("ArrowRight")
    second = page.evaluate(focused)
    assert first != second
    assert words(page).split(":")[0] == ", ".join(second.split(", ")[:2])
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == first
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == first
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    assert page.evaluate(focused).startswith("Stage 2, map ")
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2


def test_nothing_overflows_sideways_and_fingers_find_what_they_aim_for(page):
    page.get_by_label("Show all maps").check()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    targets = page.locator(".mnist-inside :is(button:visible, label)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({width, height}) => Math.min(width, height))"
    )
    assert len(targets) > 100
    assert min(targets) >= 43.5


def test_axe_finds_no_serious_barrier(page):
    covered(page)
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context=".mnist-inside", options=options).response["violations"]
    assert [barrier["id"] for barrier in found if barrier["impact"] in {"serious", "critical"}] == []


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ('data-network="nobody"', "this page has no such network"),
        ('data-network="cnn_hand"', "data-patch or data-stride is no number of pixels"),
        ('data-network="cnn_hand" data-patch="5" data-stride="0"', "data-patch or data-stride is no number of pixels"),
        ('data-network="cnn_hand" data-patch="5" data-stride="2" data-labels="1"', "data-images does not hold 784"),
        ('data-network="cnn_hand" data-patch="5" data-stride="2" data-images="%"', "data-images does not hold 784"),
    ],
)
def test_missing_or_bad_attributes_leave_one_sentence(browser, weights, tmp_path, attributes, problem):
    page = watch(browser.new_context(offline=True).new_page())
    page.goto(write_piece(tmp_path / "bad.html", "inside", f'<div class="mnist-inside" {attributes}></div>'))
    page.wait_for_function("document.querySelector('.mnist-inside').innerText.startsWith('There is nothing')")
    sentence = page.locator(".mnist-inside").inner_text()
    assert sentence.startswith(f"There is nothing to look into, because {problem}")
    assert page.locator("canvas, button").count() == 0
    assert page.complaints == []
    page.context.close()
