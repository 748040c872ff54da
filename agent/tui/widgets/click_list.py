"""A list that tells a click from enter: enter may go on to the next step, a click only takes what it is on."""

from __future__ import annotations

from textual import events
from textual.widgets import OptionList


class ClickList(OptionList):
    """`clicked` is set by a click until whoever takes the selection resets it."""

    clicked = False

    async def _on_click(self, event: events.Click) -> None:
        self.clicked = True  # the list's own handler comes after this one
