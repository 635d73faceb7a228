"""What ``mnist-study inspect`` shows of other people's digits."""

import json

import numpy as np
import pytest

from mnist_study import cli
from mnist_study.data import Digits
from mnist_study.plots.report import inspection, statistics


@pytest.fixture
def splits(mnist):
    """Two splits of wide images, one of them blank, two of them the same; and a class that is missing."""
    images = np.concatenate([mnist.test.images[:40], mnist.test.images[40:80]], axis=2)
    labels = mnist.test.labels[:40].copy()
    labels[labels == 3] = 12
    images[5] = 0
    return {"small": Digits(images[:4], labels[:4]), "large": Digits(images, labels)}


def test_the_numbers_are_those_of_chapter_1_and_json_holds_them(splits):
    found = json.loads(json.dumps(statistics(splits)))
    large = found["large"]
    assert (large["digits"], large["shape"], large["blank"]) == (40, [28, 56], 1)
    assert len(large["labels"]) == 13
    assert large["labels"][3] == 0
    assert sum(large["labels"]) == 40
    assert large["pixels"]["mean"] == pytest.approx(splits["large"].images.mean())
    assert large["ink"]["width"][4] <= 56
    assert found["repeated"] == 4  # the small split is part of the large one


def test_every_figure_is_drawn_of_the_largest_split_also_where_a_class_is_missing_or_an_image_blank(splits):
    drawn = dict(inspection(splits))
    assert list(drawn) == ["label_counts", "pixel_values", "ink_geometry", "samples", "means_and_spreads"]
    assert drawn["samples"].get_suptitle() == "large: the first of each class"
    blank = {"all": Digits(np.zeros((3, 28, 28), np.uint8), np.array([0, 0, 1]))}
    assert "ink_geometry" not in dict(inspection(blank))
    assert statistics(blank)["all"]["ink"] == {}


def test_the_command_writes_numbers_and_figures_and_says_a_line_for_each_split(root, tmp_path, capsys):
    assert cli.main(["inspect", str(root / "data"), "--out", str(tmp_path / "here")]) == 0
    out = capsys.readouterr().out
    assert (
        "train: 60,000 images of 28 x 28 pixels, 10 of 10 classes occur, 5,421 to 6,742 times; grey values 33.3 ± 78.6"
        in out
    )
    assert "0 images repeat another one" in out
    names = {path.name for path in (tmp_path / "here").iterdir()}
    assert "statistics.json" in names
    assert sum(name.endswith(".png") for name in names) == 5
    assert json.loads((tmp_path / "here" / "statistics.json").read_text())["t10k"]["digits"] == 10_000


def test_what_is_no_folder_of_digits_is_one_line_and_nothing_is_written(tmp_path, capsys):
    assert cli.main(["inspect", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    assert cli.main(["inspect", "--out", str(tmp_path / "file")]) == 1
    assert "cannot be written" in capsys.readouterr().err
