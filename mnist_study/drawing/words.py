"""What the widget says, as HTML. Every text that comes from outside goes through ``escape``."""

import base64
import io
from html import escape

import numpy as np
from PIL import Image

from mnist_study.analysis.diagnosis import MEASURES, diagnose
from mnist_study.data import StudyError
from mnist_study.images.preparation import SIDE
from mnist_study.models.shapes import CLASSES

KINDS = {".npz": "application/octet-stream", ".json": "application/json"}  # of files for download


def picture(image):
    """The image that the networks saw, as ink on paper, every pixel six wide."""
    file = io.BytesIO()
    Image.fromarray(255 - image).save(file, "PNG")
    told = f"The image of {SIDE} by {SIDE} pixels that the networks saw" if image.any() else "No drawing yet"
    return f'<img class="pad-seen" alt="{told}" width="168" height="168" src="{_link(file.getvalue(), "image/png")}">'


def verdict(guesses):
    """What the networks say, in one line of words."""
    if not guesses:
        return "Draw a digit: mouse, finger or pen."
    answers = {name: int(np.argmax(probabilities)) for name, probabilities in guesses.items()}
    if len(set(answers.values())) > 1:
        told = ", ".join(f"{escape(name)} reads {digit}" for name, digit in answers.items())
        return f'<strong class="pad-mark">They disagree:</strong> {told}.'
    who = "All networks read" if len(answers) > 1 else "The network reads"
    return f"{who} <strong>{next(iter(answers.values()))}</strong>."


def cards(names, guesses):
    """For each network its guess, large, and a bar for each probability."""
    shown = "".join(_card(name, guesses.get(name)) for name in names)
    return f'<p class="pad-verdict" role="status">{verdict(guesses)}</p><div class="pad-cards">{shown}</div>'


def _card(name, probabilities):
    digit = "" if probabilities is None else int(np.argmax(probabilities))
    shares = [None] * CLASSES if probabilities is None else probabilities
    bars = "".join(_bar(number, share, number == digit) for number, share in enumerate(shares))
    head = f'<div class="pad-head"><span>{escape(name)}</span><span class="pad-guess">{digit}</span></div>'
    return f'<div class="pad-card" data-model="{escape(name)}" data-guess="{digit}">{head}{bars}</div>'


def _bar(number, share, chosen):
    filled = f'<span class="pad-track"><span class="pad-fill" style="width:{100 * (share or 0):.1f}%"></span></span>'
    percent = f'<span class="pad-percent">{"" if share is None else f"{100 * share:.1f} %"}</span>'
    return f'<div class="pad-bar{" pad-chosen" if chosen else ""}"><span>{number}</span>{filled}{percent}</div>'


def measures(image):
    """What makes the drawing unlike MNIST's digits, marked in words; why not, where MNIST is not there."""
    try:
        told = diagnose(image) if image.any() else dict.fromkeys(MEASURES)
    except StudyError as error:
        return f"<p>No comparison with MNIST: {escape(str(error))}</p>"
    rows = [
        (
            name.replace("_", " "),
            "–" if one is None else one.amount,
            "" if one is None else _usual(one),
        )
        for name, one in told.items()
    ]
    return _table("Is it like MNIST's digits?", ("measure", "here", "among MNIST's"), rows)


def _usual(one):
    return f'<strong class="pad-mark">unusual: {one.compared}</strong>' if one.unusual else one.compared


def logits_table(logits):
    """Logits of the image as it is, a column for each network."""
    rows = [
        (digit, *(f"{values[digit]:+.2f}".replace("-", "−") for values in logits.values())) for digit in range(CLASSES)
    ]
    return _table("Logits of the image", ("digit", *map(escape, logits)), rows)


def hand_table(own, models):
    """How well each network reads the digits of one hand, with what so few digits allow to say."""
    if not len(own):
        return "<p>No digit of your hand yet: draw one, say which it is, and save it.</p>"
    rows = []
    for name, model in models.items():
        result = own.accuracy(model)
        low, high = result.wilson()
        shares = (f"{100 * result.fraction:.1f} %", f"{100 * low:.1f} to {100 * high:.1f} %")
        rows.append((escape(name), f"{result.right} of {result.total}", *shares))
    return _table("Accuracy on your hand", ("network", "right", "share", "95 % interval (Wilson)"), rows)


def downloads(own, stem):
    """Links that hold both files themselves, for where the kernel's folder is not the reader's."""
    links = [
        f'<a download="{escape(stem + suffix)}" href="{_link(own.encode(suffix), kind)}">{escape(stem + suffix)}</a>'
        for suffix, kind in KINDS.items()
    ]
    return f"Download: {' · '.join(links)}"


def _link(content, kind):
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _table(caption, heads, rows):
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
