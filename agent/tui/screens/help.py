"""F1: every key and slash command, made from the table that also makes them work."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from agent.tui.colours import colours
from agent.tui.commands import COMMANDS, SCOPES
from agent.tui.commands.command import Command
from agent.tui.keymap import keys_file
from agent.tui.screens.page import Page
from agent.tui.text import Part, fit, wrap
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_MOVING = (
    "Tab and shift+tab go from panel to panel; arrows, page up and down, home and end move in one.\n"
    "In the input line enter sends, ctrl+j breaks the line, up and down recall, tab completes."
)
_KEYS = 'In {path}, under [keys], write command = "key". For example: proposal = "ctrl+y".'


class HelpScreen(Page):
    """F1 again closes it, as do escape and q."""

    CSS_PATH = "../styles/pages.tcss"

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help-box"):
            yield Static(id="help-text")

    def on_mount(self) -> None:
        self.query_one("#help-box").border_title = "Help"
        self.query_one("#help-box").border_subtitle = "esc closes"
        self.query_one("#help-box").focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        shown = self.query_one("#help-text", Static)
        shown.update(text(self.parts(shown.size.width), colours(self.app.theme)))

    def parts(self, width: int) -> list[Part]:
        app = cast("TunewrightApp", self.app)
        parts: list[Part] = []
        for scope, title in SCOPES.items():
            parts.append((f"{title}\n", "title"))
            for command in COMMANDS:
                if command.acts_in(scope):
                    parts += _line(command, app.key_name(command.name), width)
            parts.append(("\n", ""))
        for heading, words in (("Moving", _MOVING), ("Keys of your own", _KEYS.format(path=keys_file()))):
            parts.append((f"{heading}\n", "title"))
            for line in wrap([(words, "muted")], max(width - 2, 20)):
                parts += [("  ", ""), *line, ("\n", "")]
            parts.append(("\n", ""))
        return parts


def _line(command: Command, key: str, width: int) -> list[Part]:
    """Key, usage, and what it does beside them; below them where the screen is narrow."""
    usage = f"/{command.name} {command.arguments}".rstrip()
    beside = width >= 100
    indent = 50 if beside else 10
    said: list[Part] = [(command.title, "text"), (f"  {command.help}", "muted")]
    lines = wrap(said, max(width - indent, 20))
    parts: list[Part] = [(f"  {fit(key, 8)}", "primary"), (fit(usage, 40) if beside else usage + "\n", "strong")]
    for i, line in enumerate(lines):
        parts += [(" " * (0 if beside and i == 0 else indent), ""), *line, ("\n", "")]
    return parts
