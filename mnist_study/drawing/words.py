"""What the pad says: sentences that the page says too, and the widget's HTML.

Every text that comes from outside goes through ``escape``.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from PIL import Image

from mnist_study.analysis.diagnosis import MEASURES, Measure, diagnose
from mnist_study.data import StudyError, Task, place_names
from mnist_study.images.preparation import APART, BOX
from mnist_study.models import Classifier

from .hand import OwnDigits
from .tasks import digits_of, noun

PREPARATIONS = {  # each stage of ``rasterise`` in a sentence; the first to the last is how far it goes
    "raw": "The whole pad, scaled down.",
    "cropped": f"The ink scaled to {BOX} pixels, the middle of its box in the middle of the image.",
    "centred": f"The ink scaled to {BOX} pixels, its centre of mass in the middle of the image: as MNIST was made.",
}
OF_NUMBERS = {
    "raw": PREPARATIONS["raw"],
    "cropped": "Both digits scaled alike, the middle of their common box in the middle of the image.",
    "centred": "Both digits scaled alike, their common centre of mass in the middle of the image.",
    APART: "Cut into two digits, each of them scaled and centred by itself: as MNIST was made.",
}
ZOOM = 6  # pixels of the screen for each of the image
LARGEST = 10  # logits of a network that are shown
KINDS = {".npz": "application/octet-stream", ".json": "application/json"}  # of files for download


def picture(image: np.ndarray) -> str:
    """The image that the networks saw, ink bright on dark as they have it, every pixel ZOOM wide."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    rows, columns = image.shape
    alt = f"The image of {rows} by {columns} pixels that the networks saw" if image.any() else "No drawing yet"
    size = f'width="{ZOOM * columns}" height="{ZOOM * rows}"'
    return f'<img alt="{alt}" {size} src="{_link(file.getvalue(), "image/png")}">'


def preparations(task: Task) -> dict[str, str]:
    """The stages of ``rasterise`` for what a pad of this task shows, each in a sentence; the last goes farthest."""
    return PREPARATIONS if digits_of(task) == 1 else OF_NUMBERS


def invitation(task: Task) -> str:
    """What stands on an empty pad."""
    return f"Draw {'a digit' if digits_of(task) == 1 else 'two digits'}, {task.classes[0]} to {task.classes[-1]}."


REFUSED = "This may be no digit, going by {names}: it is stranger than 99 of 100 MNIST digits."


def refused_by(names: Sequence[str]) -> str:
    """What is said of a drawing that these networks take for no digit."""
    *most, last = names
    return REFUSED.format(names=" and ".join([", ".join(most), last] if most else [last]))


def places(task: Task) -> dict[str, tuple[str, ...]]:
    """The places of a class's name, and the letters that may stand at each."""
    return dict(zip(place_names(digits_of(task)), task.places, strict=True))


def way_of_reading(task: Task, apart: bool) -> str:
    """How a network goes about it that reads each digit by itself, or all at once; nothing, where all do alike."""
    if digits_of(task) == 1:
        return ""
    return "one digit at a time" if apart else "both digits at once"


def compared_with(task: Task) -> str:
    """Whose measures a diagnosis sets beside a drawing's."""
    return "MNIST’s training digits" if digits_of(task) == 1 else "pairs of MNIST’s training digits"


def measures(image: np.ndarray, task: Task) -> str:
    """What makes the drawing unlike the task's digits, marked in words; why not, where they are not there."""
    measured: Mapping[str, Measure | None]
    try:
        measured = diagnose(image, task) if image.any() else dict.fromkeys(MEASURES)
    except StudyError as error:
        return f"<p>No comparison with MNIST: {escape(str(error))}</p>"
    rows = [
        (
            name.replace("_", " "),
            "–" if one is None else one.amount,
            "" if one is None else _usual(one),
        )
        for name, one in measured.items()
    ]
    these = "MNIST's digits" if digits_of(task) == 1 else "pairs of MNIST's digits"
    return _table(f"Is it like {these}?", ("measure", "here", "among MNIST's"), rows)


def _usual(one: Measure) -> str:
    return f'<strong class="pad-mark">unusual: {one.compared}</strong>' if one.unusual else one.compared


def logits_table(logits: Mapping[str, np.ndarray], classes: Sequence[str]) -> str:
    """Logits of the image as it is: a row for each class, a column for each network; of many classes the LARGEST."""
    if len(classes) > LARGEST:
        best = {name: np.argsort(-values, kind="stable")[:LARGEST] for name, values in logits.items()}
        lines = [
            (
                escape(name),
                ", ".join(f"{escape(classes[label])}:&nbsp;{_logit(logits[name][label])}" for label in labels),
            )
            for name, labels in best.items()
        ]
        return _table("Logits of the image", ("network", f"the {LARGEST} largest"), lines)
    rows = [
        (escape(name), *(_logit(values[label]) for values in logits.values())) for label, name in enumerate(classes)
    ]
    return _table("Logits of the image", ("digit", *map(escape, logits)), rows)


def _logit(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def hand_table(own: OwnDigits, models: Mapping[str, Classifier]) -> str:
    """How well each network reads the digits of one hand, with what so few digits allow to say."""
    if not len(own):
        return f"<p>No {noun(own.task)} of your hand yet: draw one, say which it is, and save it.</p>"
    rows = []
    for name, model in models.items():
        result = own.accuracy(model)
        low, high = result.wilson()
        shares = (f"{100 * result.fraction:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %")
        rows.append((escape(name), f"{result.right} of {result.total}", *shares))
    return _table("Accuracy on your hand", ("network", "right", "share", "95 % interval (Wilson)"), rows)


def downloads(own: OwnDigits, stem: str) -> str:
    """Links that hold both files themselves, for where the kernel's folder is not the reader's."""
    links = [
        f'<a download="{escape(stem + suffix)}" href="{_link(own.encode(suffix), kind)}">{escape(stem + suffix)}</a>'
        for suffix, kind in KINDS.items()
    ]
    return f"Download: {' · '.join(links)}"


def _link(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
