"""Coloured lines that are worked out anew for the width they have, such as a table above a few sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual import events
from textual.widgets import Static

from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drawing import text


class Sheet(Static):
    """`make` gives the lines for a width; call `redraw` when what they show has changed."""

    DEFAULT_CSS = "Sheet { height: auto; }"

    def __init__(self, make: Callable[[int], Sequence[Sequence[Part]]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._make = make
        self._drawn: object = None

    def redraw(self) -> None:
        """Draws anew where the lines differ from those that are shown."""
        width = self.size.width
        if not width:
            return
        made = [tuple(line) for line in self._make(width)]
        if (made, self.app.theme) == self._drawn:
            return
        self._drawn = made, self.app.theme
        palette = colours(self.app.theme)
        self.update(Text("\n").join(text(line, palette, wrap=False) for line in made))

    def on_resize(self, event: events.Resize) -> None:
        self.redraw()
