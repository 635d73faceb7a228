"""A drawing and what the networks make of it: all of the pad that is no widget."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import cast

import numpy as np

from mnist_study.analysis import Refusal
from mnist_study.analysis.examination import refusal_of
from mnist_study.data import StudyError
from mnist_study.images import rasterise
from mnist_study.images.strokes import PEN
from mnist_study.models import ask, load_model
from mnist_study.models.classifier import BaseNetwork, Classifier

from .guesses import guess, variants
from .tasks import digits_of, first_stage, on_one_pad

Point = tuple[float, float]


class Sketch:
    """A drawing, how it is prepared, and what each network makes of it.

    Parameters
    ----------
    models : names as for ``load_model``, or networks with ``predict_proba`` or ``logits``; or one of these
    digits : that stand side by side, 1 or 2; None for as many as the networks read

    Attributes
    ----------
    strokes : list of lists of (x, y), in units of the pad, 280 high and 280 wide for each digit
    task : Task, what all networks read
    pen : pixels of the image
    stage : "raw", "cropped" or "centred"; for two digits also "apart"
    averaged : whether a guess is the mean over small variants of the drawing
    image : uint8 ``task.shape``, what the networks saw
    guesses : dict from name to probabilities ``(classes,)``; empty without strokes
    refusing : list of the networks that take the drawing for no digit; those that ship can say so, of a single digit
    """

    def __init__(self, models: str | Classifier | Iterable[str | Classifier], digits: int | None = None) -> None:
        self.task, self.models = on_one_pad(_named(models), digits)
        self.refusals = refusals(self.models) if digits_of(self.task) == 1 else {}
        stroke = rasterise([[(0, 0), (0, 1)]], digits=digits_of(self.task))
        for model in self.models.values():  # refuses what gives no answer, and makes the first stroke quick
            guess(model, stroke[None])
        self.strokes: list[list[Point]] = []
        self.pen, self.stage, self.averaged = PEN, first_stage(self.task), False
        self.read()

    def read(self) -> None:
        """Compute image and guesses anew."""
        self.image = self._rasterised(rasterise)
        self.guesses: dict[str, np.ndarray] = {}
        if self.strokes:
            images = self._rasterised(variants) if self.averaged else self.image[None]
            self.guesses = {name: guess(model, images) for name, model in self.models.items()}
        drawn = self.refusals if self.strokes else {}
        networks = {name: cast(BaseNetwork, self.models[name]) for name in drawn}
        self.refusing = [name for name, each in drawn.items() if each.refuses(networks[name], self.image[None])[0]]

    def logits(self) -> dict[str, np.ndarray]:
        """dict from name to the logits ``(classes,)`` of the image, for the networks that have them."""
        having = {name: model for name, model in self.models.items() if hasattr(model, "logits")}
        return {
            name: ask(model, "logits", self.image[None], len(self.task.classes))[0] for name, model in having.items()
        }

    def _rasterised(self, how: Callable[..., np.ndarray]) -> np.ndarray:
        return how(self.strokes, self.pen, stage=self.stage, digits=digits_of(self.task))


def refusals(models: Mapping[str, Classifier]) -> dict[str, Refusal]:
    """How each network that ships, by its name, refuses what is no digit."""
    known = {}
    for name, model in models.items():
        with suppress(StudyError):
            if isinstance(model, BaseNetwork):
                known[name] = refusal_of(name)
    return known


def _named(models: str | Classifier | Iterable[str | Classifier]) -> dict[str, Classifier]:
    """Networks by the names they are shown under."""
    named: dict[str, Classifier] = {}
    for model in [models] if isinstance(models, str) or not isinstance(models, Iterable) else models:
        name, network = (model, load_model(model)) if isinstance(model, str) else (_name(model), model)
        again = sum(shown == name or shown.startswith(f"{name} (") for shown in named)
        named[f"{name} ({again + 1})" if again else name] = network
    return named


def _name(model: object) -> str:
    if not (hasattr(model, "predict_proba") or hasattr(model, "logits")):
        raise StudyError(
            f"{model!r:.60} is no network: it has neither predict_proba nor logits; name one of the study's"
        )
    return str(getattr(model, "name", None) or type(model).__name__)
