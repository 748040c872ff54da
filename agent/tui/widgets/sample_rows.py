"""Samples as rows with a cursor; what is longer than its column is shown in full below them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from agent.samples import Numbered
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.trial.sample_text import Columns, columns, row
from agent.tui.widgets.drawing import strip
from agent.tui.widgets.lines import Lines


class SampleRows(Lines):
    """Up and down, page up and down, home and end choose a sample, and so does a click."""

    BINDINGS = bindings("samples")

    class Chosen(Message):
        """The cursor stands on another sample."""

    class Measured(Message):
        """The columns have other widths."""

    def __init__(self) -> None:
        super().__init__(id="sample-rows")
        self.samples: list[Numbered] = []
        self.cursor = 0
        self._columns = Columns(0, 0, 0, 0, 0)

    @property
    def chosen(self) -> Numbered | None:
        return self.samples[self.cursor] if self.cursor < len(self.samples) else None

    @property
    def columns(self) -> Columns:
        return self._columns

    def show(self, samples: Sequence[Numbered], number: int | None) -> None:
        """Puts the cursor on the sample of that number, or on the first that comes after it."""
        self.samples = list(samples)
        after = [at for at, one in enumerate(self.samples) if number is not None and one.number >= number]
        self.cursor = after[0] if after else 0
        self.following = False
        self._columns = columns(self.samples, self.row_width)
        self.put([()] * len(self.samples), to_end=False)
        self._reveal()

    def on_resize(self, event: events.Resize) -> None:
        self._columns = columns(self.samples, self.row_width)
        super().on_resize(event)
        self._reveal()
        self.post_message(self.Measured())

    def line_strip(self, number: int, width: int, base: Style) -> Strip:
        palette = colours(self.app.theme)
        if number == self.cursor:
            base = base + palette.cursor(bold=self.has_focus)
        return strip(row(self.samples[number], self._columns), width, base, palette)

    def move(self, by: int) -> None:
        self.go_to(min(max(self.cursor + by, 0), len(self.samples) - 1))

    def go_to(self, at: int) -> None:
        if at == self.cursor or not 0 <= at < len(self.samples):
            return
        for line in (self.cursor, at):
            self._strips.pop(line, None)
        self.cursor = at
        self._reveal()
        self.refresh()
        self.post_message(self.Chosen())

    def _reveal(self) -> None:
        top, height = int(self.scroll_offset.y), self.scrollable_content_region.height
        if height and not top <= self.cursor < top + height:
            to = self.cursor if self.cursor < top else self.cursor - height + 1
            self.scroll_to(y=to, animate=False, immediate=True)

    def on_key(self, event: events.Key) -> None:
        page = max(self.scrollable_content_region.height - 1, 1)
        far = len(self.samples)
        by = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -far, "end": far}.get(event.key)
        if by is not None:
            event.stop()
            event.prevent_default()
            self.move(by)

    def on_click(self, event: events.Click) -> None:
        self.focus()
        self.go_to(int(self.scroll_offset.y) + event.y)

    def on_focus(self) -> None:
        self.notify_style_update()
        self.refresh()

    on_blur = on_focus
