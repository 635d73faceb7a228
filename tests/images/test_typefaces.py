import re
from pathlib import Path

import numpy as np

import mnist_study as ms
from mnist_study.images import lettered_digits, typeface_digits
from mnist_study.images.typefaces import GLYPHS, PEN, ROOM, _written, glyphs

SOURCES = Path(__file__).parents[2] / "data" / "typefaces.md"


def rng(seed=0):
    return np.random.default_rng(seed)


def test_those_as_designed_are_as_large_as_mnists_and_in_the_middle():
    for image in typeface_digits().images.astype(float):
        extents = [np.ptp(np.flatnonzero(image.any(axis=axis))) + 1 for axis in (0, 1)]
        assert max(extents) in (19, 20)
        for axis in (0, 1):
            assert abs(image.sum(axis=axis) @ np.arange(28) / image.sum() - 14) < 1  # else it would leave the image


def test_those_held_out_are_trained_on_by_nobody():
    trained, held_out = glyphs(held_out=False), glyphs(held_out=True)
    assert len(typeface_digits()) == 10 * len(held_out)
    assert len(trained) > 2 * len(held_out) > 100
    assert not {glyph.tobytes() for hand in trained for glyph in hand} & {
        g.tobytes() for hand in held_out for g in hand
    }


def test_networks_that_never_saw_them_read_nearly_all_so_they_are_digits():
    for digits in (lettered_digits(500, rng(2)), typeface_digits()):
        assert np.mean(ms.load_model("cnn").predict(digits.images) == digits.labels) > 0.9


def test_a_pen_adds_ink_and_takes_none_away():
    thin = min(glyphs(held_out=False)[:, 3], key=np.sum)
    inks = _written(thin, np.exp([rng(seed).uniform(*np.log(PEN)) for seed in range(20)]))
    assert all((ink[np.pad(thin, ROOM)] == 255).all() for ink in inks)
    assert len({ink.sum() for ink in inks}) == 20


def test_every_typeface_has_its_source_and_its_licence():
    rows = re.findall(
        r"^\| (\*\*)?([\w-]+?)(?:\*\*)? \| [\d.]+ \| ([\w. ]+) \| (.+) \|$", SOURCES.read_text(), re.MULTILINE
    )
    with np.load(GLYPHS) as saved:
        assert [name for _, name, _, _ in rows] == saved["names"].tolist()
        assert [bool(bold) for bold, _, _, _ in rows] == saved["held_out"].tolist()
    assert {licence for _, _, licence, _ in rows} == {"OFL 1.1", "Apache 2.0"}
    assert f"{len(rows)} typefaces" in SOURCES.read_text()
    assert f"the {sum(bool(bold) for bold, _, _, _ in rows)} in **bold**" in SOURCES.read_text()
