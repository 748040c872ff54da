"""A view of lines that scrolls by itself only while the reader is at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip, target_at
from agent.tui.widgets.resized import Resized

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

Line = Sequence[Part]


class Lines(Resized, ScrollView, can_focus=True):
    """Frozen lines with cached strips: what has been shown once is never laid out again.

    New lines below an away reader are counted, and said as `↓ 3 new` in the last row.
    """

    DEFAULT_CSS = "Lines { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self.unseen = 0
        self.following = True  # the reader was at the end when last seen

    # -- content -----------------------------------------------------------------

    def put(self, lines: Sequence[Line], *, to_end: bool) -> None:
        """Replaces everything."""
        at_end = to_end or self.following
        self._lines = list(lines)
        self._strips.clear()
        self.unseen = 0
        self._resized(at_end)

    def add(self, lines: Sequence[Line], count: int = 1) -> None:
        """Adds lines at the end; they are `count` new things to a reader who is elsewhere."""
        if not lines:
            return
        self._lines += lines
        if not self.following:
            self.unseen += count
        self._resized(self.following)

    def splice(self, start: int, end: int, lines: Sequence[Line], *, news: int = 0) -> None:
        """Replaces lines `start` to `end`, such as a block that grows."""
        self._lines[start:end] = lines
        self._strips = {n: strip for n, strip in self._strips.items() if n < start}
        if not self.following:
            self.unseen += news
        self._resized(self.following)

    def drop_first(self, count: int) -> None:
        """Forgets the first lines; what the reader sees stays where it is."""
        del self._lines[:count]
        self._strips.clear()
        y = self.scroll_offset.y
        self._resized(self.following)
        if not self.following:
            self.scroll_to(y=max(y - count, 0), animate=False, immediate=True)

    def _resized(self, to_end: bool) -> None:
        """Without a layout of the whole screen: the view keeps its place, and its scrollbar is always there."""
        self.set_reactive(Widget.virtual_size, Size(self.row_width, len(self._lines)))
        self.vertical_scrollbar.window_virtual_size = len(self._lines)
        self.scroll_y = self.validate_scroll_y(self.scroll_y)
        if to_end:
            self.scroll_to_end()
        self.refresh()

    @property
    def row_width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def at_end(self) -> bool:
        return self.scroll_offset.y >= self.max_scroll_y

    def scroll_to_end(self) -> None:
        self.unseen, self.following = 0, True
        self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)

    # -- drawing -----------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, base = self.row_width, self.rich_style
        line_number = self.scroll_offset.y + y
        if self.unseen and y == self.scrollable_content_region.height - 1:
            return self._unseen_strip(line_number, width, base)
        shown = self._strip(line_number, width, base)
        if (selection := self.text_selection) is not None:
            shown = self._selected(shown, selection.get_span(line_number))
        return shown.apply_offsets(0, line_number)

    def _strip(self, number: int, width: int, base: Style) -> Strip:
        if number >= len(self._lines):
            return Strip.blank(width, base)
        if number not in self._strips:
            self._strips[number] = self.line_strip(number, width, base)
        return self._strips[number]

    def line_strip(self, number: int, width: int, base: Style) -> Strip:
        return strip(self._lines[number], width, base, colours(self.app.theme))

    def _unseen_strip(self, number: int, width: int, base: Style) -> Strip:
        tag = f" ↓ {self.unseen} new "
        line = self._strip(number, width, base).crop(0, max(width - len(tag), 0))
        return Strip.join([line, strip([(tag, "ask+reverse")], len(tag), base, colours(self.app.theme))])

    # -- selecting with the mouse ---------------------------------------------------

    @property
    def allow_select(self) -> bool:
        """Although it holds no widgets of its own, Textual takes anything that scrolls for a container."""
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        text = "\n".join("".join(part for part, _ in line) for line in self._lines)
        return "\n".join(line.rstrip() for line in selection.extract(text).split("\n")), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    def _selected(self, shown: Strip, span: tuple[int, int] | None) -> Strip:
        """The strip with the characters of `span` marked; -1 is its end."""
        if span is None:
            return shown
        text = shown.text
        start, end = (cell_len(text[:at]) if at >= 0 else shown.cell_length for at in span)
        style = self.screen.get_component_rich_style("screen--selection")
        middle = Strip([Segment(s.text, (s.style or Style()) + style) for s in shown.crop(start, end)], end - start)
        return Strip.join([shown.crop(0, start), middle, shown.crop(end)])

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    # -- reading -----------------------------------------------------------------

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.following = self.at_end
        if self.following:
            self.unseen = 0
        if self.unseen or round(old_value) != round(new_value):
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        self._strips.clear()
        self._resized(self.following)

    def on_click(self, event: events.Click) -> None:
        if self.unseen and event.y == self.scrollable_content_region.height - 1:
            self.scroll_to_end()
            return
        number = self.scroll_offset.y + event.y
        if number < len(self._lines) and (target := target_at(self._lines[number], event.x)):
            cast("TunewrightApp", self.app).follow_link(target)

    @property
    def shown(self) -> str:
        """The lines as text."""
        return "\n".join("".join(part for part, _ in line) for line in self._lines)
