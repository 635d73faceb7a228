"""The atlas of failures, and a quiz on some of them: pieces of HTML that carry their digits, style and script along.

They work in a page of the book, from the file system too, and in a notebook whose front end runs scripts.
"""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mnist_study.analysis import misread_by, nearest
from mnist_study.data import REJECTED, Digits, Rated

from .walk import Page

COLUMNS = 32  # pictures in a row of a sheet
GREYS = 16  # of a sheet: four bits a pixel, which nobody sees and which halves the page
FOLDER = Path(__file__).parent
INSTEAD = "Here one could {what}; it needs JavaScript."


def atlas(
    digits: Digits, probabilities: Mapping[str, np.ndarray], training: Digits, rated: Sequence[Rated] = REJECTED
) -> Page:
    """Every digit that some network misreads: to be filtered, sorted by confidence, opened, sent as a link.

    Parameters
    ----------
    digits : Digits of at most ten classes, such as MNIST's test digits
    probabilities : dict from network to ``(N, classes)``
    training : Digits, of which the three that look most like each misread digit are shown beside it
    rated : digits, by their index, whose label raters reject

    Raises
    ------
    ValueError
        A network has not answered exactly these digits.
    """
    answers = {name: each.argmax(axis=1) for name, each in probabilities.items()}
    wrong = np.flatnonzero(misread_by(digits.labels, answers).any(axis=0))
    near, _ = nearest(digits.images[wrong], training.images, 3)
    shown, place = np.unique(near, return_inverse=True)
    content = _content(digits, wrong, probabilities, rated)
    content |= {
        "near": place.reshape(near.shape).tolist(),
        "training": {"index": shown.tolist(), **_pictures(training[shown])},
    }
    return _page("atlas", content, "look through all misread digits")


def quiz(
    digits: Digits, index: np.ndarray, probabilities: Mapping[str, np.ndarray], rated: Sequence[Rated] = REJECTED
) -> Page:
    """What would you say? The digits ``index``, one by one, each label told only after a guess; parameters as above."""
    return _page("quiz", _content(digits, np.asarray(index), probabilities, rated), "guess some digits")


def _content(
    digits: Digits, index: np.ndarray, probabilities: Mapping[str, np.ndarray], rated: Sequence[Rated]
) -> dict[str, Any]:
    """What both pieces know of the digits ``index``."""
    votes = {each.index: str(each) for each in rated}
    return {
        "index": index.tolist(),
        **_pictures(digits[index]),
        "rated": {place: votes[each] for place, each in enumerate(index.tolist()) if each in votes},
        "networks": [
            {
                "name": name,
                "answers": "".join(map(str, each[index].argmax(axis=1))),
                "sure": np.rint(1000 * each[index].max(axis=1)).astype(int).tolist(),  # in thousandths
            }
            for name, each in probabilities.items()
        ],
    }


def _pictures(digits: Digits) -> dict[str, str]:
    """The labels, a letter for each, and the images, as ink on paper, side by side on a sheet in a PNG, in base64."""
    height, width = digits.images.shape[1:]
    rows = max(-(-len(digits) // COLUMNS), 1)
    cells = np.zeros((rows * COLUMNS, height, width), np.uint8)
    cells[: len(digits)] = digits.images
    sheet = cells.reshape(rows, COLUMNS, height, width).swapaxes(1, 2).reshape(rows * height, COLUMNS * width)
    picture = Image.fromarray((255 - sheet) // (256 // GREYS)).convert("P")
    picture.putpalette([level * 255 // (GREYS - 1) for level in range(GREYS) for _ in "rgb"])
    file = io.BytesIO()
    picture.save(file, "PNG", bits=4, optimize=True)
    return {"labels": "".join(map(str, digits.labels)), "sheet": base64.b64encode(file.getvalue()).decode()}


def _page(name: str, content: Mapping[str, Any], what: str) -> Page:
    style, *scripts = ((FOLDER / file).read_text() for file in ("atlas.css", "atlas_parts.js", f"{name}.js"))
    given = escape(json.dumps(content, separators=(",", ":")))
    root = f'<div class="mnist-{name}" data-content="{given}"><p>{INSTEAD.format(what=what)}</p></div>'
    return Page(f"<style>{style}</style>{root}" + "".join(f"<script>{script}</script>" for script in scripts))
