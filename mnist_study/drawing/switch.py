"""One pad for a digit and one for two, in the same place: the other keeps what was drawn and saved on it."""

import ipywidgets as widgets

from .board import Trouble
from .pad import Pad

CHOICES = {"One digit": 1, "Two digits": 2}


class PadSwitch(widgets.VBox):
    """A pad for one digit or for two; a switch above it says which. A cell's last line shows it.

    Attributes
    ----------
    pads : dict from 1 or 2 to Pad; each is made when it is first asked for
    digits : ToggleButtons; its ``value``, 1 or 2, says which pad is shown

    Raises
    ------
    StudyError
        As for ``Pad``.
    """

    def __init__(self) -> None:
        self.pads: dict[int, Pad] = {}
        self.trouble = Trouble()
        self.digits = widgets.ToggleButtons(options=CHOICES)
        self.digits.observe(self.trouble.guarded(lambda _: self._show()), "value")
        super().__init__()
        self.add_class("mnist-pad-switch")
        self._show()

    @property
    def pad(self) -> Pad:
        """The one that is shown."""
        return self.pads[self.digits.value]

    def _show(self) -> None:
        digits = self.digits.value
        self.trouble.show(None)
        if digits not in self.pads:
            self._place(widgets.HTML('<p role="status">Fetching the networks …</p>'))
            try:
                self.pads[digits] = Pad(digits=digits)
            finally:
                self._place()
        self._place(self.pads[digits])

    def _place(self, *under: widgets.Widget) -> None:
        self.children = (self.digits, self.trouble, *under)

    def __repr__(self) -> str:
        return f"PadSwitch({self.pad!r})"
