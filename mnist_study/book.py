"""What the notebooks need to become a book: numbers for the prose, and the package's own code on the page."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from inspect import getsource
from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from IPython.display import Markdown


@dataclass(frozen=True)
class Text:
    """A value as it stands in a sentence."""

    value: object

    def _repr_html_(self) -> str:
        spaced = re.sub(r"(?<=\d)%", " %", str(self.value))
        unbroken = re.sub(r"(?<=\d) (?=[\d%±×])|(?<=[±×]) ", "\N{NO-BREAK SPACE}", spaced)
        return f'<span class="computed">{escape(unbroken)}</span>'


class _Figure(Protocol):
    """A figure that knows itself as a PNG."""

    def png(self) -> bytes: ...


@dataclass(frozen=True)
class Picture:
    """A figure for another page to show, with the words for those who cannot see it."""

    drawing: _Figure
    alt: str

    def _repr_html_(self) -> str:
        png = base64.b64encode(self.drawing.png()).decode()
        return f'<div class="computed-picture"><img alt="{escape(self.alt)}" src="data:image/png;base64,{png}"></div>'


def glue(**values: object) -> None:
    """Make each value available to the prose under its name: ``{glue}`../notebooks/01_data.ipynb::name` ``.

    A number that wants a format is given as a string: ``glue(accuracy=f"{share:.1%}")``; a figure as a ``Picture``.
    Where the book's builder is not installed there is no such prose, and nothing to do.
    """
    try:
        from myst_nb import glue as myst_glue
    except ModuleNotFoundError:
        return

    for name, value in values.items():
        myst_glue(name, value if isinstance(value, Picture) else Text(value), display=False)


def scientific(value: float) -> str:
    """A small number as it is written by hand: ``9 × 10⁻¹⁰``."""
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def source(*things: Callable[..., object]) -> Markdown:
    """The source code of functions or classes of the package, as they stand, for the page."""
    from IPython.display import Markdown

    return Markdown("```python\n" + "\n\n".join(dedent(getsource(thing)) for thing in things) + "```")
