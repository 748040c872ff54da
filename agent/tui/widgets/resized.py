"""A widget that hears of every change of its size.

Textual (8.2) sends a Resize to the widgets whose size differs between two layouts it remembers. Where a scroll and
a layout fall together it may have worked out the second one before it compares, and then sends none.
"""

from __future__ import annotations

from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget


class Resized(Widget):
    """After each layout it looks whether it was told, and where not sends itself the Resize."""

    _told: Size | None = None

    def on_mount(self) -> None:
        self.screen.screen_layout_refresh_signal.subscribe(self, self._look)

    def on_resize(self, event: Resize) -> None:
        self._told = event.size

    def _look(self, screen: Screen[object]) -> None:
        if self.outer_size and self.outer_size != self._told:
            self._told = self.outer_size
            self.post_message(Resize(self.outer_size, self.virtual_size, self.container_size))
