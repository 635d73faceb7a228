"""The notebook's walk through a convolution: its numbers, and that it follows what it is given."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from scipy.signal import convolve2d, correlate2d

from mnist_study.drawing import ConvolutionWalk, Pad
from mnist_study.drawing.walk import EDGE, PRESETS
from mnist_study.models import Convolution, col2im, im2col


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(8).integers(0, 256, (9, 7), np.uint8)


@pytest.fixture
def walk(image):
    return ConvolutionWalk(image, EDGE)


@pytest.fixture(scope="module")
def strokes(root):
    drawings = json.loads((root / "tests" / "drawing" / "golden.json").read_text())
    return next(drawing["strokes"] for drawing in drawings if drawing["name"] == "test digit 67")


def cells(walk, part):
    """The numbers that a part of the widget shows, float64 ``(n,)``."""
    found = re.findall(r"<td[^>]*>([^<]*)</td>", walk.parts[part].value)
    return np.array([float(text.replace("−", "-")) for text in found])


def picture(walk, part):
    """The picture of a part, uint8 ``(rows, columns, 3)``."""
    content = re.search(r"base64,([^\"]+)", walk.parts[part].value).group(1)
    with Image.open(io.BytesIO(base64.b64decode(content))) as shown:
        return np.asarray(shown.convert("RGB"))


def agrees(walk):
    """What is shown is, to two decimals, what SciPy finds."""
    x = walk.image / 255
    y = correlate2d(x, walk.kernel, "valid")
    row, column = divmod(walk.position, y.shape[1])
    patch = x[row : row + 3, column : column + 3]
    np.testing.assert_allclose(walk.map, y, atol=1e-12)
    np.testing.assert_allclose(cells(walk, "sum_table"), y[row, column], atol=0.00501)
    if not walk.backwards:
        np.testing.assert_allclose(cells(walk, "patch_table"), patch.ravel(), atol=0.00501)
        np.testing.assert_allclose(cells(walk, "products_table"), (patch * walk.kernel).ravel(), atol=0.00501)
        return
    some = np.where(np.arange(y.size).reshape(y.shape) <= walk.position, y, 0)
    gradient = convolve2d(some, walk.kernel, "full")
    np.testing.assert_allclose(walk.gradient, gradient, atol=1e-12)
    there = gradient[row : row + 3, column : column + 3]
    np.testing.assert_allclose(cells(walk, "patch_table"), there.ravel(), atol=0.00501)
    np.testing.assert_allclose(cells(walk, "products_table"), (y[row, column] * walk.kernel).ravel(), atol=0.00501)


@pytest.mark.parametrize("kernel", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
def test_every_number_shown_is_scipys(image, kernel, backwards):
    walk = ConvolutionWalk(image, kernel)
    walk.backwards = backwards
    for walk.position in (0, 4, 5, 17, 34):
        agrees(walk)


def test_the_row_shown_is_the_row_of_the_im2col_matrix(walk, image):
    matrix = im2col(image[None, :, :, None] / 255, (3, 3)).reshape(35, 9)
    for walk.position in (0, 12, 34):
        shown = walk.parts["matrix"].value
        here = shown[shown.index("walk-here") :]
        assert re.search(r'<th scope="row">(\d+)</th>', here).group(1) == str(walk.position)
        np.testing.assert_allclose(walk.patch.ravel(), matrix[walk.position])
        numbers = [float(text) for text in re.findall(r"<td[^>]*>([^<]*)</td>", here)[:9]]
        np.testing.assert_allclose(numbers, matrix[walk.position], atol=0.00501)


def test_backwards_at_the_last_position_is_col2im_of_the_map_times_the_kernel(walk, image):
    walk.backwards, walk.position = True, 34
    windows = walk.map[None, :, :, None, None, None] * walk.kernel[:, :, None]  # (1, 7, 5, 3, 3, 1)
    np.testing.assert_allclose(walk.gradient, col2im(windows, (1, 9, 7, 1))[0, :, :, 0], atol=1e-12)
    layer = Convolution(1, 1, 3)
    layer.weight, layer.bias = walk.kernel[:, :, None, None], np.zeros(1)
    layer.weight_gradient, layer.bias_gradient = np.empty((3, 3, 1, 1)), np.empty(1)
    y = layer.forward(image[None, :, :, None] / 255)
    np.testing.assert_allclose(walk.gradient, layer.backward(y)[0, :, :, 0], atol=1e-12)


def test_the_gradient_is_the_slope_of_half_the_sum_of_squares(walk, image):
    walk.position = 34
    step, rng = 1e-6, np.random.default_rng(1)
    way = rng.standard_normal(image.shape)
    high, low = (
        (correlate2d(image / 255 + sign * step * way, walk.kernel, "valid") ** 2).sum() / 2 for sign in (1, -1)
    )
    assert (walk.gradient * way).sum() == pytest.approx((high - low) / (2 * step), rel=1e-6)


def test_the_walk_begins_where_the_image_looks_most_like_the_kernel(walk):
    assert walk.map.flat[walk.position] == walk.map.max()
    assert f"the nine products sum to {walk.map.max():.2f}." in walk.parts["status"].value


def test_a_weight_that_is_typed_acts_and_a_bad_one_changes_nothing(walk):
    walk.fields[4].value = 2.5
    assert walk.kernel[1, 1] == 2.5
    agrees(walk)
    walk.fields[4].value = float("nan")
    assert walk.kernel[1, 1] == 2.5
    assert "finite numbers from -1000 to 1000" in walk.trouble.outputs[0]["text"]
    agrees(walk)
    walk.fields[4].value = 1.0
    assert walk.trouble.outputs == ()


def test_a_preset_fills_all_fields(walk):
    for button, kernel in zip(walk.preset_buttons, PRESETS.values(), strict=True):
        button.click()
        assert [field.value for field in walk.fields] == list(np.ravel(kernel))
        agrees(walk)


def test_the_row_buttons_stay_inside_the_map(walk):
    walk.position = 3
    for button, expected in [
        (walk.up_button, 3),
        (walk.down_button, 8),
        (walk.down_button, 13),
        (walk.up_button, 8),
    ]:
        button.click()
        assert walk.position == expected
    walk.position = 32
    walk.down_button.click()
    assert walk.position == 32


def test_the_picture_shows_the_image_and_outlines_the_window_in_orange(walk, image):
    walk.position = 34  # the lower right corner
    shown, zoom = picture(walk, "left"), 2 * 280 // 9
    assert shown.shape == (9 * zoom, 7 * zoom, 3)
    middles = shown[zoom // 2 :: zoom, zoom // 2 :: zoom]
    assert np.abs(255 - middles[..., 0].astype(int) - image).max() <= 1
    assert (shown[6 * zoom, 5 * zoom] == (0xE6, 0x9F, 0x00)).all()


def test_it_follows_the_drawing_of_a_pad(strokes):
    pad = Pad(["softmax"])
    walk = ConvolutionWalk(pad)
    assert not walk.image.any()
    pad.draw(strokes)
    assert np.array_equal(walk.image, pad.image)
    walk.position = 340
    agrees(walk)
    pad.clear()
    assert not walk.image.any()
    assert walk.trouble.outputs == ()


def test_the_page_gets_the_image_the_kernel_and_a_sentence_for_who_has_no_script(mnist):
    kernel = np.full((3, 3), 1 / 9)
    html = ConvolutionWalk(mnist.train.images[0], kernel).html()._repr_html_()
    given = r'data-image="([^"]+)" data-kernel="([^"]+)" data-words="[^"]+"'
    found = re.fullmatch(rf'<div class="mnist-convolution" {given}><p>.*\.</p></div>', html)
    assert base64.b64decode(found.group(1)) == mnist.train.images[0].tobytes()
    assert [float(weight) for weight in found.group(2).split(",")] == [1 / 9] * 9


def test_only_images_of_mnists_size_go_to_a_page(walk):
    with pytest.raises(ValueError, match=r"28 × 28 pixels; this one is \(9, 7\)"):
        walk.html()


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        (np.zeros((2, 5), np.uint8), r"at least 3 × 3 pixels; this one is \(2, 5\)"),
        (np.zeros((1, 5, 5), np.uint8), r"an image is \(H, W\)"),
        (np.zeros((5, 5)), "this one is float64"),
        ("seven", "an image is"),
        (None, "an image is"),
    ],
)
def test_what_is_no_image_is_refused_in_one_line(bad, line):
    with pytest.raises(ValueError, match=line) as refused:
        ConvolutionWalk(bad)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("bad", "line"),
    [
        (np.zeros(9), r"a kernel is \(3, 3\); this one is \(9,\)"),
        (np.full((3, 3), np.nan), "finite numbers"),
        (np.full((3, 3), np.inf), "finite numbers"),
        (np.full((3, 3), 1001), "from -1000 to 1000"),
        ([[1, 2], [3]], "holds something else"),
        ("edge", "holds something else"),
    ],
)
def test_what_is_no_kernel_is_refused_in_one_line_and_the_old_one_stays(walk, image, bad, line):
    with pytest.raises(ValueError, match=line) as refused:
        ConvolutionWalk(image, bad)
    assert "\n" not in str(refused.value)
    with pytest.raises(ValueError, match=line):
        walk.set_kernel(bad)
    agrees(walk)


def test_a_cells_last_line_shows_the_walk_and_its_text_is_short(walk):
    assert "application/vnd.jupyter.widget-view+json" in walk._repr_mimebundle_()
    walk.position = 3
    assert repr(walk) == "ConvolutionWalk(9 × 7 pixels; output pixel 3 of 35)"
