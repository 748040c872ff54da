"""One letter to any panel: the letters stand on the panels while they are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from agent.tui.actions.screen import PANELS
from agent.tui.ink.colours import colours
from agent.tui.screens.page import Page
from agent.tui.text import Part
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.screens.study import StudyScreen


class JumpScreen(Page):
    """Any key that is no panel's letter goes back to where one was."""

    CSS_PATH = "../styles/pages.tcss"

    def __init__(self, study: StudyScreen) -> None:
        super().__init__()
        self._study = study

    def compose(self) -> ComposeResult:
        yield Static(id="jump-box")

    def on_mount(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        parts: list[Part] = [("jump to  ", "muted")]
        for letter, name in PANELS.items():
            parts += [(letter, "ask+bold"), (f" {name}   ", "text")]
        self.query_one(Static).update(text(parts, colours(self.app.theme)))

    async def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        self.leave()
        if event.key in PANELS:
            app = cast("TunewrightApp", self.app)
            self.app.call_later(app.run_command, "jump", event.key)
