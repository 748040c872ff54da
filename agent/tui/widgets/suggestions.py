"""The slash commands that fit what is being written, above the composer."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from agent.tui import commands
from agent.tui.colours import colours
from agent.tui.commands.command import Command
from agent.tui.text import Part, fit
from agent.tui.widgets.drawing import strip

_MOST = 8


class Suggestions(Widget):
    """As high as it has something to say. `chosen` is what tab would complete."""

    class Picked(Message):
        """A command was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__(id="suggestions")
        self._found: list[Command] = []
        self._at = 0

    @property
    def chosen(self) -> Command | None:
        return self._found[self._at] if self._found else None

    def offer(self, text: str) -> None:
        """Shows what fits `text`; nothing unless it is a slash and the beginning of one word."""
        found: list[Command] = []
        if text.startswith("/") and not any(c.isspace() for c in text):
            found = commands.matching(text[1:])
        if found != self._found:
            self._found, self._at = found, 0
            self.styles.height = min(len(found), _MOST)
            self.display = bool(found)
            self.refresh(layout=True)

    def move(self, by: int) -> None:
        self._at = (self._at + by) % len(self._found)
        self.refresh()

    @property
    def _top(self) -> int:
        return max(min(self._at - _MOST // 2, len(self._found) - _MOST), 0)

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        place = self._top + y
        if place >= len(self._found):
            return Strip.blank(width, base)
        command = self._found[place]
        here = place == self._at
        wide = min(max(len(_usage(c)) for c in self._found) + 2, width * 3 // 5)
        parts: list[Part] = [
            ("▌" if here else " ", "primary"),
            (fit(_usage(command), wide), "strong" if here else "text"),
        ]
        parts.append((command.title, "muted"))
        return strip(parts, width, base, colours(self.app.theme))

    def on_click(self, event: events.Click) -> None:
        place = self._top + event.y
        if place < len(self._found):
            self.post_message(self.Picked(self._found[place].name))


def _usage(command: Command) -> str:
    return f"/{command.name} {command.arguments}".rstrip()
