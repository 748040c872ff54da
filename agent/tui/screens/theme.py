"""/theme: all themes, each shown as the cursor passes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from agent.settings.person import THEMES
from agent.tui.ink.colours import colours
from agent.tui.ink.looks import ASK, BEST
from agent.tui.ink.themes import ABOUT, chosen
from agent.tui.screens.page import Page
from agent.tui.text import Part
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp
    from agent.tui.preferences import Preferences


class ThemeScreen(Page):
    """Up and down show a theme, enter keeps it, escape goes back to the one there was."""

    CSS_PATH = "../styles/settings.tcss"

    def compose(self) -> ComposeResult:
        with Vertical(id="theme-box"):
            yield OptionList(*(Option(Text(f"{name:<9} {ABOUT[name]}"), id=name) for name in THEMES), id="themes")
            yield Static(id="theme-sample")

    def on_mount(self) -> None:
        box = self.query_one("#theme-box")
        box.border_title = "Theme"
        box.border_subtitle = "enter keeps · esc leaves"
        listed = self.query_one(OptionList)
        listed.highlighted = THEMES.index(self._preferences["look.theme"])
        listed.focus()

    @property
    def _preferences(self) -> Preferences:
        return cast("TunewrightApp", self.app).preferences

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.app.theme = chosen(event.option_id or "auto", self._preferences.kind)
        self.query_one(Static).update(text(self._sample(), colours(self.app.theme)))

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        self.leave()
        self.app.call_later(cast("TunewrightApp", self.app).run_command, "theme", event.option_id or "auto")

    def leave(self) -> None:
        self.app.theme = self._preferences.theme
        super().leave()

    def on_unmount(self) -> None:
        self.app.theme = self._preferences.theme

    def _sample(self) -> list[Part]:
        parts: list[Part] = [
            *((f"{BEST.glyph} best  ", "best"), ("▶ running  ", "run"), ("✓ done  ", "good"), ("✗ failed  ", "bad")),
            *((f"{ASK.glyph} ask  ", "ask"), ("○ queued\n", "muted")),
            *(("text  ", "text"), ("title  ", "title"), ("hint  ", "faint"), ("key  ", "primary"), ("link\n", "link")),
        ]
        parts += [(f"━━ t{i} ", f"curve:{i}") for i in range(8)]
        if self._preferences.kind.no_color:
            parts.append(("\nNO_COLOR is set: no theme has colours.", "muted"))
        return parts
