"""A look inside a network, for a page of the book: what its maps see in a digit, and which squares the answer needs."""

import base64

from mnist_study.analysis.saliency import PATCH, STRIDE
from mnist_study.data import Digits, StudyError

from .tasks import MODELS
from .walk import Page


def look_inside(digits: Digits, network: str = "cnn_hand") -> Page:
    """The piece that ``book/_static/inside/inside.js`` makes of a page, where the page's pad has its scripts too.

    Parameters
    ----------
    digits : from which the reader picks; a few
    network : name of one that the page's pad carries

    Raises
    ------
    StudyError
        The page carries no such network.
    """
    if network not in MODELS[1]:
        raise StudyError(f"the page carries no network {network}; it has {', '.join(MODELS[1])}")
    values = {
        "network": network,
        "images": base64.b64encode(digits.images.tobytes()).decode(),
        "labels": ",".join(map(str, digits.labels)),
        "patch": PATCH,
        "stride": STRIDE,
    }
    attributes = " ".join(f'data-{name}="{value}"' for name, value in values.items())
    return Page(f'<div class="mnist-inside" {attributes}><p>You can look inside in the page of the book.</p></div>')
