"""A digit to be dragged, turned, thinned and blurred in a page of the book, while its networks read it."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import numpy as np

from mnist_study.analysis import Accuracy
from mnist_study.data import Digits, StudyError
from mnist_study.images import CHANGES
from mnist_study.models import load_model

from .tasks import MODELS
from .walk import PAGE, Page

Curve = Mapping[str, Sequence[Accuracy]]  # by the names and amounts of CHANGES
SIDES: dict[
    str, tuple[str | None, str]
] = {  # of each property, in the order in which the page changes them: what goes down from 0, what goes up
    "stroke": ("thinning", "thickening"),
    "rotation": ("rotation", "rotation"),
    "shift": ("shift", "shift"),
    "blur": (None, "blur"),
}
SLIDERS: dict[str, list[tuple[str, float, str, str]]] = {  # label, step, what stands behind an amount below 0 and above
    "stroke": [("Thin or thick", 0.25, CHANGES["thinning"].unit, CHANGES["thickening"].unit)],
    "rotation": [("Turn", 1, "degrees anticlockwise", "degrees clockwise")],
    "shift": [
        ("Move left or right", 1, "pixels to the left", "pixels to the right"),
        ("Move up or down", 1, "pixels up", "pixels down"),
    ],
    "blur": [("Blur", 0.1, "", "pixels")],
}
WORDS = {
    "title": "Drag a digit",
    "loading": "The networks are being loaded …",
    "problem": "There is no digit to drag, because {problem}.",
    "digits": "Which digit",
    "digit": "test digit, a {label}",
    "drawing": "your drawing",
    "paper": "The digit: drag it, or move it with the arrow keys",
    "shown": "{digit}, as the networks see it",
    "unchanged": "as it is",
    "reset": "Put it back",
    "right": "✓ right",
    "wrong": "✗ wrong",
    "answer": "{network} reads {answer}, {share} sure{verdict}",
    "curve": "{amounts}. Alone, of {total} digits: {shares}",
    "order": "The digit is first made thinner or thicker, then turned, then moved, then blurred; the networks read "
    "what comes of it, and a bar is how sure they are. A curve shows one change alone: what share of {total} test "
    "digits is still read. They were turned to one side or the other at random, and moved along both axes by the same "
    "amount, so both halves of those curves show the same numbers, and the mark of a move stands at the longer of the "
    "two. Thin lines, each of which says its name under a pointer: {others}.",
}
INSTEAD = (
    "Here one could drag a digit and see what the networks read; it needs JavaScript, pad.js, digits.js and changes.js."
)


def drag_a_digit(digits: Digits, curves: Mapping[str, Curve]) -> Page:
    """The piece that ``book/_static/changes/changes.js`` makes of a page, where the page's pad has its scripts too.

    Parameters
    ----------
    digits : from which one of each class is taken, the first that all the page's networks read as it is
    curves : dict from network to what ``examined(network).changes`` says

    Raises
    ------
    StudyError
        The digits are not 28 × 28, there is no such digit of some class, or no curve.
    """
    if digits.images.shape[1:] != PAGE:
        raise StudyError(f"the page drags digits of 28 × 28 pixels; these are {digits.images.shape[1:]}")
    if not curves:
        raise StudyError("there is no curve of any network to show; make records with: mnist-study analyse")
    chosen = _one_of_each(digits)
    images = base64.b64encode(chosen.images.tobytes()).decode()
    labels = ",".join(map(str, chosen.labels))
    total = max(each.total for curve in curves.values() for each in curve["shift"])
    said = escape(json.dumps({"words": WORDS, "total": total, "properties": list(_properties(curves))}))
    return Page(
        f'<div class="mnist-changes" data-images="{images}" data-labels="{labels}" data-said="{said}">'
        f"<p>{INSTEAD}</p></div>"
    )


def _one_of_each(digits: Digits) -> Digits:
    """The first of each class that all the page's networks read right."""
    right = np.logical_and.reduce([load_model(name).predict(digits.images) == digits.labels for name in MODELS[1]])
    labels, first = np.unique(np.where(right, digits.labels, -1), return_index=True)
    read = labels >= 0
    if missing := set(digits.labels) - set(labels):
        raise StudyError(f"no digit of class {min(missing)} is read by all of {', '.join(MODELS[1])}; give more digits")
    return digits[first[read]]


def _properties(curves: Mapping[str, Curve]) -> Iterator[dict[str, object]]:
    """Each property's sliders, the amounts of its curves from the least to the most, and each network's shares."""
    for name, (down, up) in SIDES.items():
        lower = CHANGES[down].amounts[:0:-1] if down else ()  # without the nothing that both sides begin with
        keys = ("label", "step", "less", "more")
        yield {
            "name": name,
            "sliders": [dict(zip(keys, slider, strict=True)) for slider in SLIDERS[name]],
            "amounts": [*(-amount for amount in lower), *CHANGES[up].amounts],
            "curves": {
                network: [round(each.fraction, 4) for each in [*(curve[down][:0:-1] if down else ()), *curve[up]]]
                for network, curve in curves.items()
            },
        }
