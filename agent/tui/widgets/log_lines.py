"""Numbered lines of a log, shown as they are: no markup, no escapes. A long line is cut with a count of the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from rich.style import Style
from textual import events
from textual.strip import Strip

from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip
from agent.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_MOST_CHARS = 24_000_000
_SHIFT = 20


class LogLines(Lines):
    """Left and right scroll sideways; with ctrl to the ends of the longest line in sight."""

    BINDINGS = bindings("log")

    def __init__(self) -> None:
        super().__init__(id="lines")
        self.texts: list[str] = []
        self.first = 1
        self.counted = True  # the numbers are the file's own
        self.partial = ""
        self.marked: int | None = None  # line number that is pointed at
        self.needle = ""
        self._shift = 0
        self._chars = 0

    # -- content -----------------------------------------------------------------

    def replace(self, first: int, texts: list[str], *, to_end: bool, counted: bool = True) -> None:
        self.first, self.texts, self.partial, self.counted = first, texts, "", counted
        self._shift, self._chars = 0, sum(map(len, texts))
        self.put([()] * len(texts), to_end=to_end)
        self._forget_oldest()

    def grow(self, texts: list[str], partial: str) -> None:
        """Adds whole lines; `partial` is the unfinished one after them."""
        if self.partial:
            self._lines.pop()
            self._strips.pop(len(self._lines), None)
        self.texts += texts
        self._chars += sum(map(len, texts))
        self.partial = partial
        self.add([()] * (len(texts) + bool(partial)), len(texts))
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        most = cast("TunewrightApp", self.app).preferences["log.lines"]
        surplus = max(len(self.texts) - most, 0)
        chars = self._chars - sum(map(len, self.texts[:surplus]))
        while chars > _MOST_CHARS and surplus < len(self.texts) - 1:
            chars -= len(self.texts[surplus])
            surplus += 1
        if surplus:
            del self.texts[:surplus]
            self.first, self._chars = self.first + surplus, chars
            self.drop_first(surplus)

    # -- pointing ----------------------------------------------------------------

    def mark(self, line: int) -> None:
        """Points at a line and brings it to the middle, and what is searched for into sight."""
        self.marked = line
        self._strips.clear()
        if 0 <= (number := line - self.first) < len(self.texts) and self.needle:
            found = self._pattern().search(self.texts[number])
            self._show_column(found.start() if found else 0, found.end() if found else 0)
        height = self.scrollable_content_region.height
        self.scroll_to(y=max(line - self.first - height // 2, 0), animate=False, immediate=True)
        self.refresh()

    def _show_column(self, start: int, end: int) -> None:
        room = self._room - 12  # the count at the end of a long line
        if end <= room:
            self._shift = 0
        elif not self._shift <= start <= end <= self._shift + room:
            self._shift = max(start - room // 3, 0)

    def _pattern(self) -> re.Pattern[str]:
        return re.compile(re.escape(self.needle), re.IGNORECASE)

    def matches(self) -> list[int]:
        """The numbers of the lines that hold what is searched for."""
        found = self._pattern()
        return [self.first + i for i, text in enumerate(self.texts) if found.search(text)]

    # -- drawing -----------------------------------------------------------------

    @property
    def _digits(self) -> int:
        return max(len(str(self.first + len(self._lines))), 3)

    @property
    def _room(self) -> int:
        return max(self.row_width - self._digits - 2, 1)

    def line_strip(self, number: int, width: int, base: Style) -> Strip:
        text = self.texts[number] if number < len(self.texts) else self.partial
        line, marked = self.first + number, self.first + number == self.marked
        name = str(line) if self.counted else "·"
        parts: list[Part] = [
            (f"{'▶' if marked else ' '}{name:>{self._digits}} ", "ask+bold" if marked else "faint"),
            *self._found(text, self._shift, self._shift + self._room, "strong" if marked else "text"),
        ]
        beyond = len(text) - self._shift - self._room
        palette = colours(self.app.theme)
        if beyond <= 0:
            return strip(parts, width, base, palette)
        tag = f" …+{beyond:,}"
        shown = strip(parts, max(width - len(tag), 0), base, palette)
        return Strip.join([shown, strip([(tag, "ask")], len(tag), base, palette)]).adjust_cell_length(width, base)

    def _found(self, text: str, start: int, end: int, role: str) -> list[Part]:
        """The text from `start` to `end` with every match of the search reversed."""
        if not self.needle:
            return [(text[start:end], role)]
        parts: list[Part] = []
        at = start
        for match in self._pattern().finditer(text, max(start - len(self.needle), 0), end + len(self.needle)):
            first, last = max(match.start(), start), min(match.end(), end)
            if first < last:
                parts += [(text[at:first], role), (text[first:last], "ask+reverse")]
                at = last
        return [*parts, (text[at:end], role)]

    def on_key(self, event: events.Key) -> None:
        to = {"left": self._shift - _SHIFT, "right": self._shift + _SHIFT, "ctrl+left": 0}.get(event.key)
        if event.key == "ctrl+right":
            to = self._widest - self._room
        if to is None:
            return
        event.stop()
        event.prevent_default()
        self._shift = max(min(to, max(self._widest - self._room // 2, 0)), 0)
        self._strips.clear()
        self.refresh()

    @property
    def _widest(self) -> int:
        """The length of the longest line in sight."""
        top = self.scroll_offset.y
        seen = self.texts[top : top + self.scrollable_content_region.height]
        return max((len(text) for text in [*seen, self.partial]), default=0)

    @property
    def shown(self) -> str:
        height = self.scrollable_content_region.height
        return "\n".join(self.render_line(y).text.rstrip() for y in range(height))
