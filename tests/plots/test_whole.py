"""A figure shows all that it is given: what is drawn is counted on matplotlib's own objects."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox

from mnist_study import data, plots
from mnist_study.analysis import (
    Accuracy,
    Confidence,
    Confusion,
    Probe,
    Robustness,
    calibration,
    confusion,
    effects,
    named,
    risk_coverage,
)
from mnist_study.data import Digits, InkGeometry, Task
from mnist_study.images.changes import Change
from mnist_study.plots.style import MOST_SERIES, OFF_SCALE, edges_around, limit, looks
from mnist_study.training import Epoch, History

NAMES = [f"run {number}" for number in range(9)]
WIDE = Task("wide", (6, 10), tuple(f"{label:02}" for label in range(12)), load=None)


def history(**columns):
    """A History of five epochs; ``columns`` replaces some of its values."""
    usual = {"train_loss": 0.5, "train_accuracy": 0.9, "validation_loss": 0.6, "validation_accuracy": 0.8}
    rows = []
    for number in range(5):
        values = {name: columns.get(name, [value] * 5)[number] for name, value in usual.items()}
        rows.append(Epoch(epoch=number + 1, learning_rate=0.1, seconds=1.0, **values))
    return History(rows, [1.0, 0.5])


def nine(values):
    """The same values under nine names."""
    return dict.fromkeys(NAMES, values)


def drawn(axis):
    """The lines of series: neither those across an axis nor marks of what is off it."""
    lines = [line for line in axis.get_lines() if line.get_transform() == axis.transData]
    return [line for line in lines if line.get_gid() != OFF_SCALE]


def marks(axis):
    """What is off the scale: dict from marker to the places of its points."""
    found = {}
    for line in axis.get_lines():
        if line.get_gid() == OFF_SCALE:
            found.setdefault(line.get_marker(), []).extend(zip(*line.get_data(), strict=True))
    return found


def note(axis):
    return axis.get_title(loc="right")


def legend(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


def pictures(drawing):
    return [axis for axis in drawing.axes if axis.images and axis.get_label() != "<colorbar>"]


def total(axis, number):
    """Of the values in one histogram of an axis."""
    bars = [container for container in axis.containers if len(container)]
    return sum(bar.get_height() for bar in bars[number])


@pytest.mark.parametrize("first", [(), ("#E69F00", "#0072B2"), ("#0072B2", "#D55E00")])
def test_no_two_looks_are_alike_in_colour_and_line_nor_in_colour_and_marker_or_hatch(first):
    found = looks(MOST_SERIES, first)
    for field in ("line", "marker", "hatch"):
        assert len({(look.colour, getattr(look, field)) for look in found}) == MOST_SERIES
    assert tuple(look.colour for look in found[: len(first)]) == first


def test_a_colour_alone_tells_the_first_eight_apart_and_more_than_32_are_refused():
    assert len({look.colour for look in looks(8)}) == 8
    with pytest.raises(ValueError, match="at most 32 series apart, and here are 33"):
        looks(33)


SERIES = {
    "layer_probes": lambda: plots.layer_probes(
        nine(
            [Probe("pixels", 9, Accuracy(5, 10), Accuracy(4, 10)), Probe("1 ReLU", 9, Accuracy(2, 10), Accuracy(1, 10))]
        ),
        "nine",
    ),
    "forgetting": lambda: plots.forgetting({"all": nine(np.ones((3, 4)))}, "nine"),
    "batch_losses": lambda: plots.batch_losses(nine((2.0, 1.0)), "nine"),
    "rates_and_accuracy": lambda: plots.rates_and_accuracy(nine(history()), "nine"),
    "validation_curves": lambda: plots.validation_curves(nine(history()), "nine"),
    "losses_fall": lambda: plots.losses_fall(nine(history()), "nine", 2.3),
    "schedules": lambda: plots.schedules(nine(lambda progress: progress), "nine"),
    "drift": lambda: plots.drift(nine(np.ones(3)), "nine"),
    "gradient_errors": lambda: plots.gradient_errors(nine({"W1": 1e-9}), 1e-6, "nine"),
    "errors_by_size": lambda: plots.errors_by_size(
        [10, 100], {name: [np.array([0.5, 0.6])] * 2 for name in NAMES}, "nine"
    ),
    "shifted_accuracy": lambda: plots.shifted_accuracy([0, 1], nine((1.0, 0.5)), "nine"),
}


@pytest.mark.parametrize("name", SERIES)
def test_nine_series_are_nine_lines_of_different_looks_with_nine_names(name):
    drawing = SERIES[name]()
    for axis in drawing.axes:
        lines = drawn(axis)
        assert len({(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines}) == 9
    assert legend(next(axis for axis in drawing.axes[::-1] if axis.get_legend())) == NAMES


def test_every_network_stands_in_all_panels_of_robustness_with_its_intervals():
    rights = (
        (Accuracy(2, 10), Accuracy(10, 10)),
        (Accuracy(5, 10), Accuracy(9, 10)),
        (Accuracy(0, 10), Accuracy(1, 10)),
    )
    found = Robustness((8, 16), *rights)
    drawing = plots.robustness(nine(found), "nine")
    for axis, expected in zip(drawing.axes, ([80, 0], [50, 10], [100, 90]), strict=True):
        assert len(axis.containers) == 9
        for line, _, bars in axis.containers:
            assert line.get_ydata() == pytest.approx(expected)
            assert all((piece[:, 1] >= 0).all() for piece in bars[0].get_segments())
    assert legend(drawing.axes[-1]) == NAMES


def test_every_digit_and_class_of_a_layer_is_there():
    points, labels = np.random.default_rng(0).normal(size=(50, 2)), np.arange(50) % 10
    drawing = plots.digits_in_layers({"one": points, "two": points, "three": points, "four": points}, labels, "all")
    shown = [axis for axis in drawing.axes if axis.axison]
    assert [axis.get_title() for axis in shown] == ["one", "two", "three", "four"]
    for axis in shown:
        assert sum(len(cloud.get_offsets()) for cloud in axis.collections) == 50
        assert [text.get_text() for text in axis.texts] == list("0123456789")


def test_every_share_of_a_transfer_is_written_down():
    axis = plots.transfer(np.array([[0.1, 0.9], [0.5, 0.25]]), ["a", "b"], "four").axes[0]
    assert [text.get_text() for text in axis.texts] == ["10", "90", "50", "25"]


def test_each_map_has_its_own_scale_about_zero():
    maps = np.stack([np.full((5, 5), 2.0), np.full((5, 5), -0.5)])
    drawing = plots.saliency_maps(np.zeros((2, 5, 5)) + np.eye(5) * 255, {"one": maps}, "two")
    assert [axis.images[0].get_clim() for axis in drawing.axes[2:]] == [(-2, 2), (-0.5, 0.5)]


def test_the_zoomed_panel_shows_nine_runs_too():
    drawing = plots.batch_losses(nine((3.0, 2.0, 1.0)), "nine", zoom=(1, 3))
    zoomed = drawn(drawing.axes[1])
    assert len(zoomed) == 9
    assert [line.get_xdata().tolist() for line in zoomed] == [[2, 3]] * 9


def test_nine_networks_or_splits_are_nine_rows_of_bars_of_different_looks():
    compared = plots.confusions_compared([(4, 9), (3, 5)], {name: [3, 1] for name in NAMES}, "nine").axes[0]
    counted = plots.label_counts({name: np.array([1, 3]) for name in NAMES}, "nine").axes[0]
    for axis in (compared, counted):
        assert len(axis.patches) == 18
        assert len({(to_hex(bar.get_facecolor()), bar.get_hatch()) for bar in axis.patches}) == 9
    assert legend(compared) == NAMES


def test_tensors_that_only_some_networks_have_stand_under_their_own_names():
    drawing = plots.gradient_errors({"a": {"W1": 1e-9}, "b": {"V1": 1e-8, "W1": 1e-7}}, 1e-6, "two")
    axis = drawing.axes[0]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["W1", "V1"]
    first, second = (np.round(line.get_xdata()).tolist() for line in drawn(axis))
    assert (first, second) == ([0], [1, 0])


def test_a_gradient_error_of_zero_or_beyond_the_limits_is_marked_at_the_edge():
    errors = {"a": {"W1": 0.0, "W2": 1e-20, "W3": 1e-3, "W4": 99.0, "W5": np.nan}}
    axis = plots.gradient_errors(errors, 1e-6, "some").axes[0]
    found = marks(axis)
    assert found == {"v": [(0, 1e-12), (1, 1e-12)], "^": [(3, 8)], "x": [(4, 8)]}
    assert note(axis) == "off the scale: ▲ 1  ▼ 2  × 1"


def test_nothing_is_marked_where_all_is_on_the_scale():
    axis = plots.gradient_errors({"a": {"W1": 1e-12, "W2": 8.0}}, 1e-6, "all").axes[0]
    assert marks(axis) == {}
    assert note(axis) == ""


def test_learning_curves_mark_each_point_beyond_their_limits():
    run = history(train_loss=[3.0, 2.0, 0.3, 0.2, 0.1], validation_accuracy=[0.1, 0.8, 0.9, 0.95, 0.99])
    loss, accuracy = plots.learning_curves(run, "zoomed", losses=(0.2, 1), accuracies=(80, 98)).axes
    assert marks(loss) == {"^": [(1, 1), (2, 1)], "v": [(5, 0.2)]}
    assert marks(accuracy) == {"v": [(1, 80)], "^": [(5, 98)]}
    assert loss.get_ylim() == (0.2, 1)
    assert note(accuracy) == "off the scale: ▲ 1  ▼ 1"


def test_validation_curves_mark_each_point_beyond_their_limits():
    axis = plots.validation_curves({"a": history()}, "zoomed", limits=(85, 100)).axes[0]
    assert marks(axis) == {"v": [(epoch, 85) for epoch in range(1, 6)]}


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_loss_that_a_logarithm_cannot_show_is_marked(bad):
    run = history(train_loss=[2.0, bad, 0.5, 0.2, 0.1])
    for axis in (
        plots.losses_fall({"a": run}, "falls").axes[0],
        plots.batch_losses({"a": run["train_loss"]}, "x").axes[0],
    ):
        (((place, _),),) = marks(axis).values()
        assert place == 2
        assert all(np.isfinite(axis.get_ylim()))


def test_a_diverged_run_is_marked_in_every_curve_over_epochs():
    run = history(validation_loss=[0.6, np.nan, 0.5, np.inf, 0.4], validation_accuracy=[0.8, np.nan, 0.8, 0.8, 0.8])
    assert set(marks(plots.stopping(run, 1, "ended").axes[0])) == {"x", "^"}
    assert set(marks(plots.rates_and_accuracy({"a": run}, "ended").axes[1])) == {"x"}


def test_a_split_that_was_not_measured_says_so_in_the_legend():
    run = history(validation_loss=[np.nan] * 5, validation_accuracy=[np.nan] * 5)
    axis = plots.learning_curves(run, "alone").axes[0]
    assert legend(axis) == ["training", "validation (not measured)"]
    assert marks(axis) == {}


def test_drift_marks_what_is_smaller_than_its_floor_and_has_none_where_all_is_larger():
    axis = plots.drift({"a": np.array([0.0, 1e-12, 1e-9, 1e-3])}, "grows").axes[0]
    assert marks(axis) == {"v": [(1, 1e-9), (2, 1e-9)]}
    assert drawn(axis)[0].get_ydata().tolist() == [0.0, 1e-12, 1e-9, 1e-3]  # as they are
    assert marks(plots.drift({"a": np.array([1e-5, 1e-3])}, "grows").axes[0]) == {}


def test_an_accuracy_that_was_not_measured_at_one_shift_is_marked():
    assert set(marks(plots.shifted_accuracy([0, 1, 2], {"a": [1.0, np.nan, 0.5]}, "moved").axes[0])) == {"x"}


def test_limits_leave_lines_across_the_axis_alone():
    axis = Figure().subplots()
    axis.plot([1, 2], [1, 2])
    axis.axhline(50)
    axis.axvline(99)
    limit(axis, 0, 3)
    assert marks(axis) == {}


def test_bins_keep_their_places_and_reach_every_value():
    np.testing.assert_allclose(edges_around(11, 17, 0.5, np.array([12.0, 16.9])), np.arange(11, 17.1, 0.5))
    wider = edges_around(11, 17, 0.5, np.array([10.0, 12.0]), np.array([17.2]))
    assert wider[0] <= 10
    assert wider[-1] >= 17.2
    assert np.isclose(wider, 11).any()
    np.testing.assert_allclose(np.diff(wider), 0.5)


def test_ink_geometry_counts_every_digit_in_each_of_its_histograms():
    rows, columns = np.array([2.0, 14.0, 14.04, 27.0]), np.array([14.0, 17.0, 25.0, 0.0])
    geometry = InkGeometry(
        rows, columns, np.array([1, 20, 40, 28]), np.array([5, 20, 7, 28]), np.array([1.0, 9, 99, 784])
    )
    centre, box, mass = plots.ink_geometry(geometry, "far").axes
    assert total(centre, 0) == 4
    assert total(box, 0) == 4
    assert total(mass, 0) == 4
    top = max(bar.get_height() for bar in centre.containers[0])
    assert centre.get_ylim()[1] > top


def test_ink_geometry_shows_7000_digits_that_share_one_centre():
    many = np.full(9000, 14.0)
    geometry = InkGeometry(many, many, many.astype(int), many.astype(int), many)
    centre = plots.ink_geometry(geometry, "same").axes[0]
    assert centre.get_ylim()[1] > 9000


def test_ink_geometry_refuses_a_centre_that_is_no_number():
    geometry = InkGeometry(*np.full((2, 3), [14.0, np.nan, 14.0]), *np.full((2, 3), 20), np.full(3, 99.0))
    with pytest.raises(ValueError, match="1 of 3 values do not lie between"):
        plots.ink_geometry(geometry, "none")


def test_ink_geometry_looks_around_the_middle_of_its_task():
    geometry = InkGeometry(np.full(3, 3.0), np.full(3, 5.0), *np.full((2, 3), 4), np.full(3, 9.0))
    centre, box, _ = plots.ink_geometry(geometry, "small", WIDE).axes
    assert centre.get_xlabel() == "pixel index (0 to 9)"
    assert len(box.containers[0]) == 10


def test_confidence_counts_every_digit_also_one_that_rounding_made_more_than_sure():
    answers = Confidence(np.array([0.2, 1.0, 1 + 1e-7, 0.0]), np.array([True, True, True, True]))
    assert total(plots.confidence({"a": answers}, "sure").axes[0], 0) == 4


@pytest.mark.parametrize("bad", [1.5, -0.1, np.nan])
def test_confidence_refuses_what_is_no_probability(bad):
    with pytest.raises(ValueError, match="1 of 2 values do not lie between 0 and 1"):
        plots.confidence({"a": Confidence(np.array([0.5, bad]), np.array([True, True]))}, "sure")


def test_confidence_writes_down_the_share_below_a_threshold():
    answers = Confidence(np.array([0.5, 0.9, 0.79, 0.8]), np.array([True] * 4))
    (text,) = plots.confidence({"a": answers}, "sure", threshold=0.8).axes[0].texts
    assert text.get_text() == "50 % of the digits\nget less than 80 %"


def test_histograms_of_weights_count_all_of_one_network_and_refuse_what_is_no_number():
    axis = plots.weight_sizes({"a": np.array([[-3.0, 0.0], [1.0, 3.0]])}, "all").axes[0]
    assert total(axis, 0) == 4
    with pytest.raises(ValueError, match="1 of 2 values do not lie"):
        plots.weight_sizes({"a": np.array([1.0, np.nan])}, "some")


def test_each_class_that_occurs_has_its_row_of_samples_as_long_as_its_digits_last():
    labels = np.array([3, 11, 11, 3, 11])
    drawing = plots.samples(Digits(np.zeros((5, 6, 10), np.uint8), labels), "few", columns=3)
    shown = [axis.get_subplotspec().rowspan.start for axis in pictures(drawing)]
    assert shown == [0, 0, 1, 1, 1]
    assert len(drawing.axes) == 6


def test_confused_digits_say_how_many_there_are_of_which_they_show_the_first():
    digits = Digits(np.zeros((7, 6, 10), np.uint8), np.array([1, 1, 1, 2, 2, 10, 1]))
    predictions = np.array([2, 2, 2, 1, 1, 11, 1])
    drawing = plots.confused_digits(
        digits, predictions, [(1, 2), (10, 11), (3, 4)], "few", columns=4, classes=WIDE.classes
    )
    rows = np.array(drawing.axes).reshape(3, 4)
    titles = [[axis.get_title() for axis in row if axis.images] for row in rows]
    assert titles == [["01 → 02", "01 → 02", "01 → 02", "02 → 01"], ["10 → 11"], []]
    assert [row[0].get_ylabel() for row in rows] == ["4 of 5", "1 of 1", ""]
    assert [text.get_text() for text in rows[2, 0].texts] == ["no 03 and 04 was taken for the other"]
    with pytest.raises(ValueError, match="at least one pair"):
        plots.confused_digits(digits, predictions, [], "none")


def test_digits_whose_label_people_reject_are_starred_and_framed():
    digits = Digits(np.zeros((4, 6, 10), np.uint8), np.array([1, 1, 2, 1]))
    marked = np.array([False, True, True, False])
    drawing = plots.confused_digits(
        digits, np.array([2, 2, 1, 1]), [(1, 2)], "few", columns=4, classes=WIDE.classes, marked=marked
    )
    assert [axis.get_title() for axis in drawing.axes] == ["01 → 02", "01 → 02 *", "02 → 01 *", ""]
    assert [axis.spines["top"].get_visible() for axis in drawing.axes[:3]] == [False, True, True]


def test_every_digit_has_its_caption_and_those_marked_a_star():
    images = np.arange(7, dtype=np.uint8)[:, None, None] * np.ones((2, 3), np.uint8)
    drawing = plots.captioned_digits(images, [*"abcdefg"], "seven", 3, np.arange(7) == 4)
    shown = pictures(drawing)
    assert [axis.get_title() for axis in shown] == ["a", "b", "c", "d", "e *", "f", "g"]
    assert [int(axis.images[0].get_array()[0, 0]) for axis in shown] == list(range(7))
    assert [axis.spines["left"].get_visible() for axis in shown] == [place == 4 for place in range(7)]
    for captions in ([], ["one"]):
        with pytest.raises(ValueError, match="each digit has a caption"):
            plots.captioned_digits(images[: 2 * len(captions)], captions, "few")


def test_the_map_has_every_digit_with_the_letter_of_its_cluster_and_every_cluster_in_the_legend():
    member = np.array([0, 1, 0, 2, 1, 0, 0])
    places = np.random.default_rng(1).random((7, 2))
    found = named(member, ["x", "y", "x", "z", "y", "x", "w"])
    axis = plots.failure_map(places, np.zeros((7, 4, 4), np.uint8), found, "seven", np.arange(7) == 3).axes[0]
    boxes = [artist for artist in axis.artists if isinstance(artist, AnnotationBbox)]
    np.testing.assert_allclose([box.xy for box in boxes], places)
    assert [text.get_text() for text in axis.texts] == ["A", "B", "A", "C *", "B", "A", "A"]
    assert legend(axis) == ["A: x, 75 % of 4", "B: y, 100 % of 2", "C: z, 100 % of 1"]
    with pytest.raises(ValueError, match="letters for 26 clusters, and here are 27"):
        plots.failure_map(places, np.zeros((7, 4, 4)), named(np.arange(27), [*map(str, range(27))]), "many")


def test_filters_show_every_kernel_and_refuse_those_that_look_at_several_maps():
    assert len(pictures(plots.filters(np.ones((37, 1, 3, 3)), "all"))) == 37
    with pytest.raises(ValueError, match=r"\(4, 2, 3, 3\), look at several"):
        plots.filters(np.ones((4, 2, 3, 3)), "some")


def test_a_kernel_of_zeros_is_white_not_red():
    (axis,) = pictures(plots.filters(np.zeros((1, 1, 3, 3)), "nothing", columns=1))
    (image,) = axis.images
    assert min(image.cmap(image.norm(0.0))[:3]) > 0.9


def test_feature_maps_say_how_many_there_are_and_a_stage_may_have_few():
    maps = np.arange(30.0)[:, None, None] * np.ones((4, 4))
    drawing = plots.feature_maps(np.zeros((6, 10)), {"one": maps, "two": maps[:3]}, "seen", columns=8)
    assert [axis.get_ylabel() for axis in drawing.axes[::9]] == ["one\n8 of 30 maps", "two\n3 of 3 maps"]
    assert len(pictures(drawing)) == 9 + 4
    assert [axis.get_title() for axis in drawing.axes[1:9]] == [f"map {number}" for number in range(22, 30)]


def test_a_map_below_zero_is_on_the_scale_of_its_picture():
    drawing = plots.feature_maps(np.zeros((4, 4)), {"one": np.full((1, 4, 4), -2.0)}, "seen")
    assert drawing.axes[1].images[0].norm.vmin == -2


def test_the_colours_of_a_convolution_reach_its_largest_weight_and_its_darkest_pixel():
    drawing = plots.convolution(np.full((5, 5), -1.0), np.full((3, 3), 7.0), 0, 0, "large")
    whole, _, kernel, _ = (axis.images[0].norm for axis in drawing.axes)
    assert whole.vmin == -1
    assert (kernel.vmin, kernel.vmax) == (-7, 7)


def test_bars_of_label_counts_are_those_of_the_given_classes():
    counts = {"train": np.array([1, 2, 1, 4]), "test": np.zeros(4, int)}
    axis = plots.label_counts(counts, "four", classes=("a", "b", "c", "d")).axes[0]
    assert [bar.get_height() for bar in axis.patches] == [12.5, 25, 12.5, 50, 0, 0, 0, 0]
    assert [tick.get_text() for tick in axis.get_xticklabels()] == ["a", "b", "c", "d"]
    assert axis.get_lines()[0].get_ydata()[0] == 25
    assert axis.get_ylim()[1] > 50


@pytest.mark.parametrize("count", [1, 10, 23])
def test_every_class_has_its_mean_and_its_spread(count):
    images = np.arange(count)[:, None, None] * np.ones((6, 10))
    drawing = plots.means_and_spreads(images, images, "some")
    titles = [axis.get_title() for axis in pictures(drawing) if axis.get_title()]
    assert len(pictures(drawing)) == 2 * count
    assert titles == [str(number) for number in range(count)]


def test_class_weights_have_the_shape_and_the_names_of_their_task():
    weights = np.zeros((60, 12))
    weights[13, 4] = 2.0
    shown = pictures(plots.class_weights(weights, "twelve", WIDE))
    assert [axis.get_title() for axis in shown] == list(WIDE.classes)
    assert shown[4].images[0].get_array()[1, 3] == 2.0
    with pytest.raises(ValueError, match=r"'mnist' are those of 784 pixels and 10 classes; these are \(60, 12\)"):
        plots.class_weights(weights, "none")


def test_neighbours_may_be_one_pair():
    drawing = plots.neighbours(np.zeros((1, 6, 10)), np.ones((1, 6, 10)), [3.0], "one")
    assert len(pictures(drawing)) == 2


def test_a_grid_of_wide_images_is_as_high_as_they_need():
    square, wide = (plots.image_grid(np.zeros((2, 2, 6, width)), title="grid").get_figheight() for width in (6, 12))
    assert wide == pytest.approx(square - 4)


def test_the_confusion_figure_has_labels_in_rows_and_predictions_in_columns():
    drawing = plots.confusion_matrix(confusion([2, 2, 2, 7], [5, 5, 2, 1]), "where")
    axis = drawing.axes[0]
    numbers = {(round(t.get_position()[1] - 0.5), round(t.get_position()[0] - 0.5)): t.get_text() for t in axis.texts}
    assert len(numbers) == 90
    assert {place: text for place, text in numbers.items() if text != "0"} == {(2, 5): "2", (7, 1): "1"}
    cells = axis.collections[0].get_array().reshape(10, 10)
    assert (cells[2, 5], cells[5, 2], cells[7, 1]) == (2, 0, 1)
    assert (axis.get_ylabel(), axis.get_xlabel()) == ("label", "read as")
    for labels in (axis.get_xticklabels(), axis.get_yticklabels()):
        assert [label.get_text() for label in labels] == list("0123456789")


def test_a_hundred_classes_stay_legible():
    names = tuple(f"{label:02}" for label in range(100))
    drawing = plots.confusion_matrix(confusion([7, 99, 99], [70, 1, 99], names), "many")
    axis = drawing.axes[0]
    assert drawing.get_figheight() == 8
    assert not axis.texts
    cells = axis.collections[0].get_array().reshape(100, 100)
    assert {tuple(map(int, place)) for place in np.argwhere(~np.ma.getmaskarray(cells))} == {(7, 70), (99, 1)}
    faintest = axis.collections[0].cmap(0.0)[:3]
    assert min(faintest) < 0.8  # a single mistake is not white on white
    for labels, places in ((axis.get_xticklabels(), axis.get_xticks()), (axis.get_yticklabels(), axis.get_yticks())):
        assert [label.get_text() for label in labels] == list(names[::5])
        assert places.tolist() == [place + 0.5 for place in range(0, 100, 5)]


@pytest.mark.parametrize("classes", [("a", "b"), tuple(map(str, range(30)))])
def test_a_network_without_a_mistake_has_a_confusion_figure(classes):
    drawing = plots.confusion_matrix(Confusion(np.eye(len(classes), dtype=int), classes), "none")
    assert drawing._repr_png_()[0].startswith(b"\x89PNG")


def test_pairs_of_classes_have_their_names():
    axis = plots.confusions_compared([(0, 1)], {"a": [3]}, "pairs", classes=("ah", "oh")).axes[0]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["ah and oh"]


def test_figures_of_the_digits_make_no_claim_of_their_own(mnist):
    digits = mnist.test[:50]
    for drawing in (
        lambda: plots.samples(digits),
        lambda: plots.label_counts({"test": data.label_counts(digits.labels)}),
        lambda: plots.pixel_values(digits.images),
        lambda: plots.ink_geometry(data.ink_geometry(digits.images)),
        lambda: plots.neighbours(digits.images[:2], digits.images[2:4], [1, 2]),
        lambda: plots.confused_digits(digits, digits.labels, [(1, 2)]),
        lambda: plots.class_weights(np.zeros((784, 10))),
        lambda: plots.means_and_spreads(np.zeros((10, 28, 28)), np.zeros((10, 28, 28))),
    ):
        with pytest.raises(TypeError, match="title"):
            drawing()


def test_each_effect_has_a_mark_its_interval_and_its_name_and_the_largest_gain_is_on_top():
    base = np.array([0.9, 0.91, 0.92, 0.9])
    values = {f"change {n}": base + n / 1000 + np.array([1, -1, 1, -1]) * 1e-4 for n in range(-20, 21)}
    found = effects(values, base)
    axis = plots.effects(found, "all").axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == list(values)
    marks = {float(row): float(x) for line in axis.lines if line.get_marker() in "osD" for x, row in line.get_xydata()}
    assert {row: pytest.approx(n / 10) for row, n in enumerate(range(-20, 21))} == marks
    spans = [segment for container in axis.containers for bar in container[2] for segment in bar.get_segments()]
    assert len(spans) == 41


def test_each_recipe_is_a_point_at_its_cost_and_error():
    points = {"a": (1.0, 0.9), "b": (2.0, 0.99), "c": (4.0, 0.5)}
    axis = plots.accuracy_against_cost({"fc": points, "cnn": points}, "all", "seconds", {"cnn": {"b": "B"}}).axes[0]
    for line in axis.lines:
        assert line.get_xydata().tolist() == [
            [1.0, pytest.approx(10)],
            [2.0, pytest.approx(1)],
            [4.0, pytest.approx(50)],
        ]
    assert [text.get_text() for text in axis.texts] == ["B"]


def test_the_gap_of_each_recipe_is_drawn_from_its_smallest_to_its_largest_seed():
    recipes = {"wide": (np.array([1.0, 0.98]), np.array([0.8, 0.9])), "none": (np.ones(3), np.ones(3))}
    axis = plots.gaps(recipes, "closes").axes[0]
    means = {container.get_label(): container.lines[0].get_xdata().tolist() for container in axis.containers}
    assert means == {"training": [pytest.approx(99), 100], "validation": [pytest.approx(85), 100]}
    spans = [segment[:, 0].tolist() for segment in axis.containers[1].lines[2][0].get_segments()]
    assert spans[0] == [pytest.approx(80), pytest.approx(90)]
    joined = axis.collections[0].get_segments()[0][:, 0].tolist()
    assert sorted(joined) == [pytest.approx(85), pytest.approx(99)]
    assert [label.get_text() for label in axis.get_yticklabels()] == list(recipes)
    top, bottom = (axis.transData.transform((0, row))[1] for row in (0, 1))
    assert top > bottom


def test_a_reliability_diagram_shows_every_bin_that_has_digits_and_says_the_error():
    found = Confidence(np.array([0.9, 0.9, 0.6, 0.6]), np.array([True, False, True, True]))
    axis = plots.reliability({"a": calibration(found, 5, 20)}, "off").axes[0]
    assert axis.collections[0].get_offsets().tolist() == [[pytest.approx(60), 100], [pytest.approx(90), 50]]
    assert "a: off by 40.00 points" in axis.get_legend().get_texts()[0].get_text()


def test_risk_is_drawn_against_what_is_refused():
    found = Confidence(np.array([0.5, 0.9, 0.7, 0.8]), np.array([True, True, False, True]))
    axis = plots.risk_against_coverage({"a": risk_coverage(found)}, "falls").axes[0]
    assert axis.lines[0].get_xydata().tolist() == [[25, pytest.approx(100 / 3)]]


def test_every_network_has_a_line_under_every_change_and_a_name_in_the_legend():
    changes = {"blur": Change("pixels", (0, 1, 2), None), "size": Change("of it", (1, 0.5), None, 1.0)}
    curves = {name: [Accuracy(each, 9) for each in range(len(rule.amounts))] for name, rule in changes.items()}
    drawing = plots.change_curves(nine(curves), changes, "falls")
    blur, size, legend = drawing.axes[:3]
    assert [len(drawn(axis)) for axis in (blur, size)] == [9, 9]
    assert size.xaxis_inverted()  # what is done grows to the right
    assert not blur.xaxis_inverted()
    assert [text.get_text() for text in legend.get_legend().get_texts()] == NAMES


def test_every_cell_of_a_table_of_shares_says_its_number_and_is_legible():
    rows = {f"row {number}": {"a": 10.0 * number, "b": 5.0} for number in range(10)}
    (axis, _) = plots.shares(rows, "grows", "misread [%]").axes
    assert [text.get_text() for text in axis.texts] == [
        f"{value:.1f}" for each in rows.values() for value in each.values()
    ]
    assert [text.get_color() for text in axis.texts[::2]] == ["black"] * 7 + ["white"] * 3


def test_every_printed_error_stands_at_its_year_and_ours_behind_the_last():
    kinds = ["as printed"] * 3 + ["mean of a large sample", "chosen on the test digits"]
    printed = {f"net {number}": (2000 + number, 1.0 + number, kind) for number, kind in enumerate(kinds)}
    (axis,) = plots.through_the_years(printed, {"a": 0.5, "b": 0.2}, 0.15, "falls").axes
    found = {line.get_label(): np.array(line.get_data()).T.tolist() for line in drawn(axis)}
    assert found["as printed"] == [[2000, 1.0], [2001, 2.0], [2002, 3.0]]
    assert found["mean of a large sample"] == [[2003, 4.0]]
    assert found["chosen on the test digits"] == [[2004, 5.0]]
    assert found["ours, mean of all seeds"] == [[2008, 0.5], [2008, 0.2]]
    assert {text.get_text() for text in axis.texts} == {*printed, "a", "b"}
