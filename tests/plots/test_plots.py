"""Every figure is drawn from real digits and made-up results; each says what it shows and labels its axes."""

import inspect
from base64 import b64decode
from io import BytesIO

import matplotlib
import numpy as np
import pytest
from PIL import Image

from mnist_study import data, plots
from mnist_study.analysis import (
    Accuracy,
    Confidence,
    Probe,
    Robustness,
    calibration,
    confidence,
    confusion,
    effects,
    named,
    risk_coverage,
)
from mnist_study.images.changes import Change
from mnist_study.plots.style import NARROW, is_picture
from mnist_study.training import SCHEDULES, Epoch, History


def history(epochs=20):
    rows = [Epoch(i, 0.1, 2 / i, 1 - 1 / (i + 1), 2.1 / i, 1 - 1.2 / (i + 1), 0.5) for i in range(1, epochs + 1)]
    return History(rows, [2 / i for i in range(1, 101)])


def guessed():
    probability = np.linspace(0.3, 1, 50)
    return Confidence(probability, np.arange(50) % 7 > 0)


def stood():
    rights = (Accuracy(2, 10), Accuracy(9, 10))
    return Robustness((8, 16), rights, rights[::-1], rights)


def probed():
    return [Probe(name, 9, Accuracy(5 - n, 10), Accuracy(4 - n, 10)) for n, name in enumerate(("pixels", "2 ReLU"))]


DRAWINGS = {
    "samples": lambda digits: plots.samples(digits, "by many hands"),
    "label_counts": lambda digits: plots.label_counts({"train": data.label_counts(digits.labels)}, "even"),
    "pixel_values": lambda digits: plots.pixel_values(digits.images, "paper"),
    "means_and_spreads": lambda digits: plots.means_and_spreads(
        *data.class_means(digits.images, digits.labels), "blurred"
    ),
    "ink_geometry": lambda digits: plots.ink_geometry(data.ink_geometry(digits.images), "centred"),
    "neighbours": lambda digits: plots.neighbours(digits.images[:4], digits.images[4:8], np.arange(4), "close"),
    "image_grid": lambda digits: plots.image_grid(
        digits.images[:6].reshape(2, 3, 28, 28), ["a", "b"], ["c", "d", "e\n7"], "side by side"
    ),
    "confused_digits": lambda digits: plots.confused_digits(
        digits, (digits.labels + 1) % 10, [(3, 4), (8, 9)], "misread"
    ),
    "captioned_digits": lambda digits: plots.captioned_digits(
        digits.images[:5], [*"abcde"], "five", 3, np.eye(5)[0] > 0
    ),
    "failure_map": lambda digits: plots.failure_map(
        np.random.default_rng(0).random((9, 2)), digits.images[:9], named([0, 1, 1] * 3, ["a", "b", "b"] * 3), "near"
    ),
    "class_weights": lambda digits: plots.class_weights(np.random.default_rng(0).normal(size=(784, 10)), "templates"),
    "learning_curves": lambda digits: plots.learning_curves(history(), "falls", plateau=10),
    "batch_losses": lambda digits: plots.batch_losses({"one": history().batch_losses}, "falls", zoom=(0, 10)),
    "rates_and_accuracy": lambda digits: plots.rates_and_accuracy({"one": history()}, "rises"),
    "confusion_matrix": lambda digits: plots.confusion_matrix(
        confusion(digits.labels, np.roll(digits.labels, 1)), "mixed up"
    ),
    "confidence": lambda digits: plots.confidence(
        {"one": confidence(np.full((len(digits), 10), 0.1), digits.labels)}, "unsure"
    ),
    "reliability": lambda digits: plots.reliability({"a": calibration(guessed(), 5, 20)}, "too sure"),
    "risk_against_coverage": lambda digits: plots.risk_against_coverage({"a": risk_coverage(guessed())}, "falls"),
    "change_curves": lambda digits: plots.change_curves(
        {"a": {"blur": [Accuracy(0, 9), Accuracy(5, 9)]}}, {"blur": Change("pixels", (0, 1), None)}, "falls"
    ),
    "shares": lambda digits: plots.shares({"fog": {"a": 20.0, "b": 90.0}}, "fog is worst", "misread [%]"),
    "through_the_years": lambda digits: plots.through_the_years(
        {"LeNet": (1998, 0.95, "as printed"), "record": (2020, 0.1, "chosen on the test digits")},
        {"ours": 0.4},
        0.15,
        "falls",
    ),
    "confusions_compared": lambda digits: plots.confusions_compared([(4, 9)], {"a": [3], "b": [1]}, "fewer"),
    "validation_curves": lambda digits: plots.validation_curves({"one": history()}, "rises"),
    "losses_fall": lambda digits: plots.losses_fall({"one": history()}, "falls", 2.3),
    "schedules": lambda digits: plots.schedules(SCHEDULES, "falls"),
    "drift": lambda digits: plots.drift({"one": np.geomspace(1e-12, 1, 99)}, "grows"),
    "stopping": lambda digits: plots.stopping(history(), 5, "in time"),
    "convolution": lambda digits: plots.convolution(digits.images[0] / 255, np.eye(3), 7, 14, "slides"),
    "filters": lambda digits: plots.filters(np.random.default_rng(0).normal(size=(20, 1, 3, 3)), "edges"),
    "feature_maps": lambda digits: plots.feature_maps(
        digits.images[0], {"one": np.random.default_rng(0).random((9, 28, 28))}, "seen"
    ),
    "saliency_maps": lambda digits: plots.saliency_maps(
        digits.images[:4],
        {"one": np.random.default_rng(0).normal(size=(4, 28, 28)), "none": np.zeros((4, 28, 28))},
        "a",
    ),
    "forgetting": lambda digits: plots.forgetting({"all": {"a": np.ones((3, 4))}, "ink": {"a": np.eye(3)}}, "forgets"),
    "robustness": lambda digits: plots.robustness({"a": stood()}, "falls"),
    "transfer": lambda digits: plots.transfer(np.eye(3), ["a", "b", "c"], "travels"),
    "layer_probes": lambda digits: plots.layer_probes({"a": probed()}, "clearer"),
    "digits_in_layers": lambda digits: plots.digits_in_layers(
        {"one": np.random.default_rng(0).normal(size=(len(digits.labels), 2))}, digits.labels, "apart"
    ),
    "effects": lambda digits: plots.effects(
        effects({"up": [0.9, 0.91, 0.92], "down": [0.5, 0.52, 0.51]}, [0.8, 0.81, 0.83]), "apart"
    ),
    "accuracy_against_cost": lambda digits: plots.accuracy_against_cost(
        {"fc": {"a": (1.0, 0.9), "b": (2.0, 0.95)}}, "costs", "seconds", {"fc": {"a": "A"}}
    ),
    "gaps": lambda digits: plots.gaps(
        {"a": (np.array([1, 0.99]), np.array([0.9, 0.91])), "b": (np.ones(2), np.ones(2))}, "closes"
    ),
    "errors_by_size": lambda digits: plots.errors_by_size(
        [10, 100], {"a": [np.array([0.5, 0.6]), np.array([0.8, 0.9])]}, "more"
    ),
    "shifted_accuracy": lambda digits: plots.shifted_accuracy([-1, 0, 1], {"one": [0.5, 1, 0.5]}, "moved"),
    "weight_sizes": lambda digits: plots.weight_sizes({"a": np.ones(9), "b": -np.ones((3, 3))}, "small"),
    "gradient_errors": lambda digits: plots.gradient_errors({"a": {"W1": 1e-9, "b1": 0.5}}, 1e-6, "caught"),
}


def test_every_figure_is_tested_here():
    assert set(DRAWINGS) == set(plots.__all__)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_is_titled_labelled_opaque_and_draws_itself(name, mnist):
    before = dict(matplotlib.rcParams)
    drawing = DRAWINGS[name](mnist.test[:300])
    assert drawing.get_suptitle()
    assert drawing.get_facecolor() == (1, 1, 1, 1)
    for axis in drawing.axes:
        pictured = bool(axis.images) or not axis.axison
        assert pictured or axis.get_label() == "<colorbar>" or (axis.get_xlabel() and _row_label(axis))
    png, size = drawing._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert size["width"] == 768
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", DRAWINGS)
def test_on_a_phone_a_figure_is_narrow_its_panels_one_below_the_other_and_nothing_else_changes(name, mnist):
    drawing = DRAWINGS[name](mnist.test[:300])
    before = look_of(drawing)
    _, about = drawing._repr_png_()
    assert look_of(drawing) == before
    panels = [axis for axis in drawing.axes if axis.axison and axis.get_subplotspec()]
    if not panels or (any(map(is_picture, panels)) and not drawing.flows):
        assert NARROW not in about
        return
    width, height = image_size(about[NARROW])
    assert width == 768  # half of the width, two pixels for one of the page
    assert height > width or len(panels) == 1 or drawing.flows
    below = drawing.narrow().axes
    assert [axis.get_title() for axis in below[: len(panels)]] == [axis.get_title() for axis in panels]
    if drawing.flows:
        columns = [axes[0].get_subplotspec().get_gridspec().ncols for axes in (panels, below)]
        assert columns[1] == columns[0] // 2
        return
    assert all(axis.get_subplotspec().get_gridspec().ncols == 1 for axis in below)
    assert all(axis.get_xlabel() and _row_label(axis) for axis in below[: len(panels)])
    assert legends(drawing.narrow()) == legends(drawing)


def look_of(drawing):
    places = [axis.get_subplotspec() for axis in drawing.axes]
    return tuple(drawing.get_size_inches()), places, [axis.get_ylabel() for axis in drawing.axes], legends(drawing)


def image_size(png):
    return Image.open(BytesIO(b64decode(png))).size


def legends(drawing):
    found = [*drawing.legends, *(axis.get_legend() for axis in drawing.axes if axis.get_legend())]
    return sorted(text.get_text().replace("\n", " ") for legend in found for text in legend.get_texts())


def _row_label(axis):
    """The y label of an axis, of the leftmost one in its row, or the names of its bars."""
    row = axis.get_subplotspec().rowspan
    neighbours = [other for other in axis.figure.axes if other.get_subplotspec() and other.get_label() != "<colorbar>"]
    labels = [other.get_ylabel() for other in neighbours if other.get_subplotspec().rowspan == row]
    return any(labels) or any(tick.get_text() for tick in axis.get_yticklabels())


def test_plots_take_arrays_and_results_and_never_a_network():
    for name in plots.__all__:
        assert not {"network", "model", "engine"} & set(inspect.signature(getattr(plots, name)).parameters)


def test_a_class_has_one_colour_in_its_dots_and_its_ring_in_every_layer():
    labels = np.arange(60) % 12
    places = np.random.default_rng(0).normal(size=(60, 2))
    drawing = plots.digits_in_layers({"one": places, "two": places}, labels, "apart")
    seen = [
        ([tuple(dots.get_facecolor()[0][:3]) for dots in axis.collections], [ring_of(text) for text in axis.texts])
        for axis in drawing.axes[:2]
    ]
    assert seen[0] == seen[1]
    assert seen[0][0] == seen[0][1]
    assert len(set(seen[0][0][:10])) == 10


def ring_of(text):
    return tuple(text.get_bbox_patch().get_edgecolor()[:3])
