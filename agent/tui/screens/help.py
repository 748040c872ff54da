"""F1: every key and slash command, made from the table that also makes them work."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from agent.tui.colours import colours
from agent.tui.commands import COMMANDS, SCOPES, Command
from agent.tui.keymap import keys_file
from agent.tui.text import Part, fit
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class HelpScreen(ModalScreen[None]):
    """Escape, F1 or q closes it."""

    def __init__(self) -> None:
        super().__init__(id="help")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help-box"):
            yield Static(id="help-text")

    def on_mount(self) -> None:
        self.query_one("#help-box").border_title = "Help"
        self.query_one("#help-box").border_subtitle = "esc closes"
        self.query_one("#help-text", Static).update(text(self.parts(), colours(self.app.theme)))
        self.query_one("#help-box").focus()

    def parts(self) -> list[Part]:
        app = cast("TunewrightApp", self.app)
        parts: list[Part] = []
        for scope, title in SCOPES.items():
            parts.append((f"{title}\n", "title"))
            for command in COMMANDS:
                if command.scope == scope:
                    parts += _line(command, app.key_name(command.name))
            parts.append(("\n", ""))
        parts += [
            ("Moving\n", "title"),
            (
                "  tab and shift+tab go from panel to panel; arrows, page up and down, home and end move in one.\n",
                "muted",
            ),
            (
                "  In the input line: enter sends, ctrl+j breaks the line, up and down recall, tab completes.\n\n",
                "muted",
            ),
            ("Keys of your own\n", "title"),
            (f'  In {keys_file()}, under [keys]: command = "key".\n  For example: proposal = "ctrl+y"\n', "muted"),
        ]
        return parts

    def on_key(self, event: events.Key) -> None:
        if event.key in ("escape", "q", "f1"):
            event.stop()
            event.prevent_default()
            self.dismiss()


def _line(command: Command, key: str) -> list[Part]:
    usage = f"/{command.name} {command.arguments}".rstrip()
    return [
        (f"  {fit(key, 8)}", "primary"),
        (f"{fit(usage, 40)} ", "text"),
        (f"{command.title}. {command.help}".rstrip() + "\n", "muted"),
    ]
