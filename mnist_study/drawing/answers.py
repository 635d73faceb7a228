"""What the networks of a pad answer, as the widget's HTML: a verdict in words, and a card for each of them.

Every text that comes from outside goes through ``escape``.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from mnist_study.data import Task
from mnist_study.models import Classifier

from .tasks import digits_of, reads_apart
from .words import invitation, places, refused_by, way_of_reading

LIKELIEST = 3  # numbers that a card names with their shares


def verdict(guesses: Mapping[str, np.ndarray], task: Task, refusing: Sequence[str] = ()) -> str:
    """What the networks say of a drawing of that task, in words; ``refusing`` are those that take it for no digit."""
    doubt = f' <span class="pad-refusal">{escape(refused_by(refusing))}</span>' if refusing else ""
    return f'<p class="pad-verdict" role="status">{_agreement(guesses, task)}{doubt}</p>'


def _agreement(guesses: Mapping[str, np.ndarray], task: Task) -> str:
    if not guesses:
        return escape(f"{invitation(task)} Mouse, finger or pen will do.")
    answers = {name: task.classes[int(np.argmax(probabilities))] for name, probabilities in guesses.items()}
    if len(set(answers.values())) > 1:
        each = ", ".join(f"{escape(name)} reads {escape(answer)}" for name, answer in answers.items())
        return f'<strong class="pad-mark">They disagree:</strong> {each}.'
    who = "All networks read" if len(answers) > 1 else "The network reads"
    return f"{who} <strong>{escape(next(iter(answers.values())))}</strong>."


def cards(models: Mapping[str, Classifier], guesses: Mapping[str, np.ndarray], task: Task) -> str:
    """For each network its guess, large, and how likely it finds each class: a bar, or of a number a place in a map.

    Parameters
    ----------
    models : dict from name to network
    guesses : dict from name to probabilities ``(classes,)``; empty without a drawing
    task : what they read
    """
    shown = "".join(_card(name, model, guesses.get(name), task) for name, model in models.items())
    return f'<div class="pad-cards">{shown}</div>'


def _card(name: str, model: Classifier, probabilities: np.ndarray | None, task: Task) -> str:
    guess = None if probabilities is None else int(np.argmax(probabilities))
    answer = "" if guess is None else escape(task.classes[guess])
    head = f'<span class="pad-name">{escape(name)}</span><span class="pad-guess">{answer}</span>'
    shares = [None] * len(task.classes) if probabilities is None else probabilities.tolist()
    number = digits_of(task) == 2
    if number:
        how = way_of_reading(task, reads_apart(model))
        share = "" if probabilities is None else _percent(probabilities.max())
        head += f'<span class="pad-how"><strong>{share}</strong> {how}</span>'
        body = _map(name, shares, guess, task) + _in_words(probabilities, task)
    else:
        body = "".join(
            _bar(each, share, label == guess)
            for label, (each, share) in enumerate(zip(task.classes, shares, strict=True))
        )
    return (
        f'<div class="pad-card{" pad-number" if number else ""}" data-model="{escape(name)}" data-guess="{answer}">'
        f'<div class="pad-head">{head}</div>{body}</div>'
    )


def _bar(answer: str, share: float | None, chosen: bool) -> str:
    filled = f'<span class="pad-track"><span class="pad-fill" style="width:{100 * (share or 0):.1f}%"></span></span>'
    percent = f'<span class="pad-percent">{"" if share is None else _percent(share)}</span>'
    return f'<div class="pad-bar{" pad-chosen" if chosen else ""}"><span>{escape(answer)}</span>{filled}{percent}</div>'


def _map(name: str, shares: Sequence[float | None], guess: int | None, task: Task) -> str:
    """A table of all numbers, a row for each first digit, a column for each second; the likelier, the stronger."""
    (down, tens), (across, ones) = places(task).items()
    cells = [
        _cell(escape(number), share, label == guess)
        for label, (number, share) in enumerate(zip(task.classes, shares, strict=True))
    ]
    rows = "".join(
        f'<tr><th scope="row">{escape(ten)}</th>{"".join(cells[row * len(ones) :][: len(ones)])}</tr>'
        for row, ten in enumerate(tens)
    )
    heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in ones)
    caption = f"<caption><span>{escape(name)}: </span>{down} down, {across} across</caption>"
    return f'<table class="pad-map">{caption}<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _cell(number: str, share: float | None, chosen: bool) -> str:
    """The root of a share is how strong its colour is, so that one per cent is seen."""
    said = number if share is None else f"{number}: {_percent(share)}"
    strength = f' style="--strength:{(share or 0) ** 0.5:.2f}"'
    return f'<td title="{said}"{strength}{" class=pad-chosen" if chosen else ""}><span>{said}</span></td>'


def _in_words(probabilities: np.ndarray | None, task: Task) -> str:
    """The likeliest numbers, and the likeliest digit of each place whatever the other is; room for them till then."""
    if probabilities is None:
        return '<div class="pad-words"></div>'
    best = np.argsort(-probabilities, kind="stable")[:LIKELIEST]
    numbers = [f"{escape(task.classes[label])}: {_percent(probabilities[label])}" for label in best]
    table, digits = probabilities.reshape([len(letters) for letters in task.places]), []
    for axis, (place, letters) in enumerate(places(task).items()):
        alone = table.sum(axis=1 - axis)
        digits.append(f"{place} {escape(letters[int(alone.argmax())])}: {_percent(alone.max())}")
    return f'<div class="pad-words">{_list("The likeliest", numbers)}{_list("Each digit by itself", digits)}</div>'


def _list(label: str, lines: Iterable[str]) -> str:
    return f'<ul aria-label="{label}">{"".join(f"<li>{line}</li>" for line in lines)}</ul>'


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
