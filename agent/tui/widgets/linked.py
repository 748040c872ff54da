"""A text whose parts lead somewhere: a click on one goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.widgets import Static

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class Linked(Static):
    """Shows what `agent.tui.widgets.drawing.text` made of parts with a `#target`."""

    def on_click(self, event: events.Click) -> None:
        if target := event.style.meta.get("target"):
            event.stop()
            cast("TunewrightApp", self.app).follow_link(target)
