import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

import mnist_study as ms
from mnist_study.images import prepare
from mnist_study.images.preparation import EXTENT, _edges, resampling

MODELS = ms.model_names("mnist")


@pytest.fixture(scope="module")
def test_digits(mnist):
    return mnist.test


@pytest.fixture(scope="module")
def accuracies(test_digits):
    """Of every model on the first 2500 test digits."""
    some = test_digits[:2500]
    models = {name: ms.load_model(name) for name in MODELS}
    return {name: (model, np.mean(model.predict(some.images) == some.labels)) for name, model in models.items()}


def on_larger_canvas(images, side=44):
    canvas = np.zeros((len(images), side, side), np.uint8)
    corners = np.random.default_rng(0).integers(0, side - 27, (len(images), 2))
    for image, larger, (row, column) in zip(images, canvas, corners, strict=True):
        larger[row : row + 28, column : column + 28] = image
    return canvas


def scaled(images, factor, filter):
    side = round(28 * factor)
    return np.stack([np.asarray(Image.fromarray(image).resize((side, side), filter)) for image in images])


def test_mnists_own_digits_come_back_bit_for_bit_dark_or_bright_and_wherever_they_stood(test_digits):
    images = test_digits.images
    for pictures in (images, 255 - images, images / 255, on_larger_canvas(images)):
        assert (prepare(pictures) == images).all(axis=(1, 2)).sum() >= 9_995


def test_preparing_twice_is_preparing_once(test_digits):
    once = prepare(scaled(test_digits.images[:500], 1.7, Image.Resampling.BILINEAR))
    assert np.mean((prepare(once) == once).all(axis=(1, 2))) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("factor", "filter", "points"),
    [(0.75, "BILINEAR", 1.0), (0.75, "BICUBIC", 1.0), (1.5, "BICUBIC", 0.5), (3.0, "BILINEAR", 0.5)],
)
def test_every_model_reads_a_scaled_digit_as_well_as_before(test_digits, accuracies, factor, filter, points):
    some = test_digits[:2500]
    prepared = prepare(scaled(some.images, factor, getattr(Image.Resampling, filter)))
    for name, (model, before) in accuracies.items():
        after = np.mean(model.predict(prepared) == some.labels)
        assert 100 * (before - after) <= points + 0.2, name  # 0.2: 2500 digits are a sample of the 10 000


def test_shrinking_is_the_mean_over_the_area_and_enlarging_is_linear():
    line = np.random.default_rng(0).random(12)
    assert resampling(12, 4) @ line == pytest.approx(line.reshape(4, 3).mean(axis=1))
    uneven = resampling(3, 2) @ np.array([1.0, 2.0, 4.0])
    assert uneven == pytest.approx([(1 + 2 / 2) / 1.5, (2 / 2 + 4) / 1.5])
    middles = (np.arange(30) + 0.5) * 12 / 30 - 0.5
    on_paper = np.interp(middles, np.arange(-1, 13), np.pad(line, 1))  # outside there is paper
    assert resampling(12, 30) @ line == pytest.approx(on_paper)
    assert np.array_equal(resampling(9, 9), np.eye(9))


def test_an_edge_is_found_to_a_fraction_of_a_pixel():
    ink = np.array([[0, 0, 255, 255, 0, 0], [0, 0, 255, 255, 127.5, 0], [255, 255, 255, 255, 255, 255], [0] * 6])
    near, far = _edges(ink)
    assert near == pytest.approx([1.75, 1.75, -0.25, near[3]])
    assert far[:3] == pytest.approx([4.25, 5.0, 6.25])
    assert far[3] >= near[3]


def test_the_extent_of_a_box_of_twenty_pixels_is_the_mean_of_mnists_training_digits(mnist):
    ink = mnist.train.images[:10_000].astype(float)
    rows, columns = (np.subtract(*_edges(ink.max(axis=axis))[::-1]) for axis in (2, 1))
    assert np.maximum(rows, columns).mean() == pytest.approx(EXTENT, abs=0.01)


def test_the_box_becomes_twenty_pixels_and_its_middle_or_its_mass_comes_to_the_middle():
    picture = np.zeros((100, 80))
    picture[10:70, 20:50] = 1
    picture[60:70, 20:70] = 1
    for stage in ("cropped", "centred"):
        inked = prepare(picture, stage) > 0
        assert inked.any(axis=1).sum() == 20
        assert inked.any(axis=0).sum() == round(50 * 20 / 60)
    rows = np.flatnonzero((prepare(picture, "cropped") > 0).any(axis=1))
    assert list(rows[[0, -1]]) == [4, 23]
    image = prepare(picture).astype(float)
    assert abs(image.sum(axis=1) @ np.arange(28) / image.sum() - 14) <= 0.5


def test_raw_only_scales_the_whole_picture():
    picture = np.zeros((56, 56), np.uint8)
    picture[4:8, 10:20] = 255
    image = prepare(picture, "raw")
    assert np.array_equal(image, picture.reshape(28, 2, 28, 2).mean(axis=(1, 3)).astype(np.uint8))
    assert prepare(np.pad(picture, ((0, 0), (0, 56))), "raw").shape == (28, 28)


def test_a_scan_with_grey_paper_faint_ink_and_noise_is_read(mnist):
    some = mnist.validation[:400]
    rng = np.random.default_rng(0)
    ink = scaled(some.images, 3, Image.Resampling.BILINEAR) / 255.0
    scans = np.clip(225 - 120 * ink + rng.normal(0, 2, ink.shape), 0, 255).astype(np.uint8)
    model = ms.load_model("cnn")
    assert np.mean(model.predict(prepare(scans)) == some.labels) > 0.97


def test_ink_at_the_border_is_no_paper(mnist):
    images = mnist.validation.images[:300]
    for image in images:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        tight = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert np.array_equal(prepare(tight), prepare(image))


@pytest.mark.parametrize(
    "picture",
    [np.zeros((28, 28)), np.full((40, 30), 7), np.ones((1, 1)), np.zeros((1, 1), bool), np.full((3, 1), 255, np.uint8)],
)
def test_no_contrast_is_no_ink(picture):
    assert not prepare(picture).any()
    assert not prepare(picture, "raw").any()


def test_rounding_is_no_ink_and_a_huge_range_is():
    assert not prepare(0.3 + 1e-16 * np.arange(784.0).reshape(28, 28)).any()
    bar = np.full((28, 28), -1e308)
    bar[5:25, 10:14] = 1e308
    assert np.array_equal(prepare(bar), prepare(bar > 0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_faintest_picture_of_any_precision_is_blank_or_ink_and_the_brightest_is_ink(dtype):
    bar = np.zeros((28, 28), dtype)
    bar[5:25, 10:14] = 1
    for contrast in (np.finfo(dtype).smallest_subnormal, np.finfo(dtype).tiny, dtype(1e-7)):
        image = prepare(bar * contrast)
        assert not image.any() or np.array_equal(image, prepare(bar))
    for signed in (bar * np.finfo(dtype).tiny, -bar * np.finfo(dtype).tiny):
        assert prepare(signed).shape == (28, 28)
    largest = dtype(min(np.finfo(dtype).max, np.longdouble(np.finfo(np.float64).max)))
    assert np.array_equal(prepare(bar * largest), prepare(bar))


def test_small_but_ordinary_numbers_are_ink():
    bar = np.zeros((28, 28))
    bar[5:25, 10:14] = 1
    for unit in (1e-290, 1e-40, -1e-290):
        assert np.array_equal(prepare(bar * unit), prepare(bar))


def test_dust_does_not_pass_for_ink():
    bar = np.zeros((28, 28), np.uint8)
    bar[5:15, 10:12] = 255
    dusty = bar.copy()
    dusty[24, 10] = 1
    assert np.array_equal(prepare(dusty), prepare(bar))


def test_one_pixel_and_a_large_picture_give_a_sensible_image():
    dot = np.zeros((28, 28), np.uint8)
    dot[3, 25] = 90
    assert prepare(dot)[14, 14] == 255
    large = np.zeros((4000, 4000), np.uint8)
    large[500:3500, 1900:2100] = 255
    inked = prepare(large) > 0
    assert inked.any(axis=1).sum() == 20
    assert inked.any(axis=0).sum() == 1


def test_many_pictures_are_prepared_as_each_alone(mnist):
    pictures = on_larger_canvas(mnist.validation.images[:50], 60)
    assert np.array_equal(prepare(pictures), np.stack([prepare(picture) for picture in pictures]))
    mixed = pictures / 255
    mixed[7] *= 1.5  # of another range than its neighbours
    assert np.array_equal(prepare(mixed), np.stack([prepare(picture) for picture in mixed]))
    assert prepare(pictures[:0]).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.full((5, 5), np.nan), "NaN or infinity"),
        (np.full((5, 5), np.inf), "NaN or infinity"),
        (np.zeros(784), r"\(784,\)"),
        (np.zeros((2, 5, 5, 5)), r"\(2, 5, 5, 5\)"),
        (np.zeros((0, 5)), "has pixels"),
        (np.zeros((28, 28, 3)), "channels"),
        (np.zeros((28, 28, 1)), "channels"),
        (np.zeros((28, 28, 2)), r"channels: make one of them first, picture\[:, :, 0\]"),
        (np.zeros((28, 28, 4)), r"picture\[:, :, :3\].mean\(axis=2\)"),
        (Image.new("LA", (28, 28)), "this image is LA: make one channel first, .convert"),
        (Image.new("RGB", (2, 28)), "this image is RGB"),
        (Image.new("P", (28, 28)), "this image is P"),
        (np.full((5, 5), np.longdouble("1e4000")), "NaN or infinity"),
        (np.zeros((1, 1 << 15, 1 << 15), np.uint8), "at most 33,554,432 pixels, and 32,768 on a side: scale it down"),
        (np.zeros((1, (1 << 15) + 1), np.uint8), "32,768 on a side"),
        (np.broadcast_to(np.uint8(0), (1_000_001, 1, 1)), "1,000,001 pictures are more than 1,000,000"),
        (np.zeros((5, 5), [("a long name of a field", "f4")]), "not of void32"),
        (np.zeros((5, 5), complex), "complex"),
        (np.full((5, 5), "a"), "grey values"),
        ([[1, 2], [3]], "different lengths"),
        (None, "grey values"),
    ],
)
def test_what_is_no_picture_is_refused_in_one_line(picture, message):
    with pytest.raises(ValueError, match=message) as caught:
        prepare(picture)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.eye(28, dtype=torch.bfloat16),
        torch.eye(28, requires_grad=True),
        torch.eye(28).to_sparse(),
        torch.eye(28, dtype=torch.bfloat16, requires_grad=True),
    ],
    ids=["bfloat16", "gradients", "sparse", "both"],
)
def test_a_tensor_that_numpy_cannot_read_is_refused_with_a_remedy_that_helps(tensor):
    with pytest.raises(ValueError, match=r"not this Tensor; of a tensor, give ([.\w()]+)$") as caught:
        prepare(tensor)
    assert str(caught.value).endswith("give .detach().cpu().to_dense().float()")
    assert np.array_equal(prepare(tensor.detach().cpu().to_dense().float()), prepare(np.eye(28)))


def test_grey_images_of_pil_are_read_as_their_arrays(test_digits):
    digit = Image.fromarray(test_digits.images[0])
    for mode in ("L", "F", "I"):
        assert np.array_equal(prepare(digit.convert(mode)), test_digits.images[0])
    assert prepare(digit.convert("1")).any()


MEMORY = """
import resource, sys
import numpy as np
from mnist_study.images import prepare
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{call}
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)  # MB, on Linux
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "megabytes"),
    [
        ("prepare(np.broadcast_to(np.uint8(7), (200_000, 1, 1)))", 350),  # 157 are the images themselves
        ("prepare(np.zeros((3000, 4000), np.uint8))", 400),
        ("prepare(np.eye(1 << 15, 1000, dtype=np.uint8))", 800),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="counts in other units there")
def test_the_memory_of_a_preparation_is_bounded(call, megabytes):
    done = subprocess.run([sys.executable, "-c", MEMORY.format(call=call)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < megabytes


def test_a_preparation_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="raw, cropped, centred"):
        prepare(np.zeros((28, 28)), "centered")
