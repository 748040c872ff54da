"""The live table of trials: a line-API view whose strips are cached by what they show."""

from __future__ import annotations

from collections.abc import Callable

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent.study.nouns import Trial
from agent.tui import rows
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.model import StudyModel
from agent.tui.view import ViewState
from agent.tui.widgets.drawing import strip
from agent.tui.widgets.resized import Resized


class TrialTable(Resized, ScrollView, can_focus=True):
    """One row a trial under a heading row. Call `update` when the model or the arrangement has changed."""

    DEFAULT_CSS = "TrialTable { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }"
    BINDINGS = bindings("trials")

    class TrialChosen(Message):
        """The cursor was put on a trial by the person."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(id="table")
        self._now = now
        self.model: StudyModel | None = None
        self.view = ViewState()
        self.numbers: list[int] = []
        self.cursor: int | None = None
        self.colour_of: Callable[[int], int | None] = lambda number: None
        self._asked: tuple[Callable[[Trial], bool], int | None] | None = None
        self._arranged_for: object = None
        self._columns_for: object = None
        self._wanted: list[rows.Column] = []
        self._arranged: tuple[list[rows.Column], list[int]] = ([], [])
        self._columns: list[rows.Column] = []
        self._order = rows.Order()
        self._strips: dict[int, tuple[object, Strip]] = {}

    def update(self, keep: Callable[[Trial], bool], cursor: int | None) -> None:
        """Orders and filters anew; draws only the rows that look different."""
        self._asked = (keep, cursor)
        if self.model is None or not self._row_width:  # not laid out yet: `on_resize` comes back
            return
        if not self.view.runs and cursor in self.model.trials:
            cursor = self.model.groups.head(cursor)  # its line is that of its config
        columns, numbers = self._arrangement(keep)
        if (columns, numbers, cursor) != (self._columns, self.numbers, self.cursor):
            moved = cursor != self.cursor
            self._columns, self.numbers, self.cursor = columns, numbers, cursor
            self.virtual_size = Size(self._row_width, len(numbers) + 1)
            if moved:
                self._reveal()
            self.refresh()
            return
        top = self.scroll_offset.y
        for y in range(1, self._rows_high + 1):
            place = top + y - 1
            if place < len(numbers) and self._is_stale(numbers[place]):
                self.refresh(Region(0, y, self._row_width, 1))

    def _arrangement(self, keep: Callable[[Trial], bool]) -> tuple[list[rows.Column], list[int]]:
        """Columns and order; worked out again only when something they depend on has changed."""
        assert self.model is not None
        view, model = self.view, self.model
        steps = sum(t.last_step or 0 for t in model.running) if view.sort == "step" else 0
        looks = (model.shape, self._row_width, model.spec)
        if looks != self._columns_for:
            self._columns_for, self._wanted = looks, rows.columns(model, self._row_width)
        key = (looks, steps, view.sort, view.descending, keep, view.runs)
        if key != self._arranged_for:
            self._arranged_for = key
            self._arranged = (
                self._wanted,
                self._order.numbers(model, view.sort, view.descending, keep, single=view.runs),
            )
        return self._arranged

    @property
    def _row_width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _rows_high(self) -> int:
        """Rows of trials in sight; the heading takes one."""
        return max(self.scrollable_content_region.height - 1, 1)

    # -- drawing -----------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, base = self._row_width, self.rich_style
        palette = colours(self.app.theme)
        if self.model is None:
            return Strip.blank(width, base)
        if y == 0:
            return strip(rows.heading(self._columns, self.view.sort, self.view.descending), width, base, palette)
        place = self.scroll_offset.y + y - 1
        if place >= len(self.numbers):
            return self._empty(y, width, base)
        return self._row(self.numbers[place], width, base)

    def _empty(self, y: int, width: int, base: Style) -> Strip:
        if y == 1 and not self.numbers and self.model is not None:
            text = "  no trial passes the filter" if self.model.trials else "  no trials yet"
            return strip([(text, "faint")], width, base, colours(self.app.theme))
        return Strip.blank(width, base)

    def _line(self, number: int) -> Trial:
        """The trial of a row, or what stands for all runs of its config."""
        assert self.model is not None
        return self.model.trials[number] if self.view.runs else self.model.groups.line(number)

    def _look_key(self, number: int) -> object:
        """Whatever a row's picture depends on."""
        assert self.model is not None
        trial = self._line(number)
        second = None if trial.state.ended else int(self._now())
        best = self.model.best
        place = (number == self.cursor, self.has_focus, self.app.theme, self._row_width, tuple(self._columns))
        mark = number in self.view.marked
        return trial, second, None if best is None else best.id, self.colour_of(number), mark, place

    def _is_stale(self, number: int) -> bool:
        cached = self._strips.get(number)
        return cached is None or cached[0] != self._look_key(number)

    def _row(self, number: int, width: int, base: Style) -> Strip:
        key = self._look_key(number)
        cached = self._strips.get(number)
        if cached is not None and cached[0] == key:
            return cached[1]
        assert self.model is not None
        palette = colours(self.app.theme)
        if number == self.cursor:
            base = base + palette.cursor(bold=self.has_focus)
        marked = number in self.view.marked
        colour = self.colour_of(number)
        line, single = self._line(number), self.view.runs
        cells = rows.cells(line, self.model, self._columns, self._now(), colour, marked=marked, single=single)
        if number == self.cursor:
            sign = "+" if marked else cells[0][0][0]
            cells[0] = ("▌" + sign, {" ": "primary", "+": "ask"}.get(sign, "best"))
        made = strip(cells, width, base, palette)
        if len(self._strips) > 4 * self._rows_high + 200:
            self._strips.clear()
        self._strips[number] = (key, made)
        return made

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    # -- moving ------------------------------------------------------------------

    def _reveal(self) -> None:
        """Scrolls as little as needed to show the cursor's row."""
        if self.cursor not in self.numbers:
            return
        place, top = self.numbers.index(self.cursor), self.scroll_offset.y
        wanted = min(max(top, place - self._rows_high + 1), place)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, immediate=True)

    def _move(self, by: int) -> None:
        if not self.numbers:
            return
        at = self.numbers.index(self.cursor) if self.cursor in self.numbers else (-1 if by > 0 else len(self.numbers))
        self._choose(self.numbers[min(max(at + by, 0), len(self.numbers) - 1)])

    def _choose(self, number: int) -> None:
        """Moves the cursor at once: the next key may come before the message has reached the screen."""
        self.cursor = number
        self._reveal()
        self.refresh()
        self.post_message(self.TrialChosen(number))

    def on_key(self, event: events.Key) -> None:
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -self._rows_high, "pagedown": self._rows_high}
        steps |= {"home": -len(self.numbers), "end": len(self.numbers)}
        if event.key in steps:
            event.stop()
            event.prevent_default()
            self._move(steps[event.key])

    def on_click(self, event: events.Click) -> None:
        place = self.scroll_offset.y + event.y - 1
        if event.y > 0 and place < len(self.numbers):
            self._choose(self.numbers[place])
            if event.chain == 2:
                self.app.call_later(self.run_action, "app.command('why')")

    def on_resize(self, event: events.Resize) -> None:
        if self._asked is not None:
            self.update(*self._asked)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    @property
    def shown(self) -> str:
        """The rows in sight as text."""
        return "\n".join(self.render_line(y).text.rstrip() for y in range(self.size.height))
