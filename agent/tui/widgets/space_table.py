"""The table of a space: a cursor over its cells, and one input that opens in the cell."""

from __future__ import annotations

from dataclasses import replace

from textual import events, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input, Static

from agent.study.space_draft import CONSTRAINTS
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.space.space_text import Look, Shown, cell_text, keys_of, shown
from agent.tui.widgets.drawing import text

_ROOM = 2  # cells to write on in, beyond what is written


class SpaceTable(VerticalScroll, can_focus=True):
    """Arrows move. Posts what is typed into a cell as it is typed; whoever takes it puts a new look."""

    DEFAULT_CSS = """
    SpaceTable { height: 1fr; scrollbar-size-vertical: 1; }
    SpaceTable > #cells { height: auto; width: 100%; }
    SpaceTable > #cell { position: absolute; height: 1; padding: 0; display: none; }
    SpaceTable > #cell.-open { display: block; }
    """
    BINDINGS = bindings("space")

    class Typed(Message):
        """The text of a cell, (row, key), so far."""

        def __init__(self, cell: tuple[str, str], text: str) -> None:
            super().__init__()
            self.cell, self.text = cell, text

    class Taken(Typed):
        pass

    class Left(Message):
        """The cell stays what it was."""

    class Moved(Message):
        pass

    def __init__(self, look: Look) -> None:
        super().__init__(id="space-table")
        self.look = look
        self._shown = Shown((), {})
        self._lines = Static(id="cells")
        self._input = Input(compact=True, select_on_focus=False, id="cell")
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        yield self._lines
        yield self._input

    # -- drawing -----------------------------------------------------------------

    def put(self, look: Look) -> None:
        """Draws another state; the cursor stays on its cell, or goes to the nearest that is left."""
        self.look = replace(look, cursor=self._valid(look), focused=self.has_focus or self.is_editing)
        self._draw()

    def _valid(self, look: Look) -> tuple[str, str]:
        row, key = self.look.cursor
        rows = [*look.draft.parameters, CONSTRAINTS]
        if row not in rows:
            before = [*self.look.draft.parameters, CONSTRAINTS]
            row = rows[min(before.index(row) if row in before else 0, len(rows) - 1)]
        keys = keys_of(look.draft, row)
        return row, key if key in keys else "choices" if "choices" in keys and key in ("low", "high") else keys[0]

    def _draw(self) -> None:
        width = self.scrollable_content_region.width
        if not width:
            return
        self._shown = shown(self.look, width)
        palette = colours(self.app.theme)
        lines = [part for line in self._shown.lines for part in (*line, ("\n", ""))]
        self._lines.update(text(lines, palette, wrap=False))
        self._place()

    def _place(self) -> None:
        place = self._shown.places.get(self.look.cursor)
        if place is None:
            return
        width = max(place.width, len(self._input.value) + _ROOM if self.is_editing else 0)
        self._input.styles.offset = (min(place.x, max(self.scrollable_content_region.width - width, 0)), place.y)
        self._input.styles.width = width
        self.scroll_to_region(Region(0, max(place.y - 1, 0), 1, 3), animate=False)

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def on_focus(self) -> None:
        self.put(self.look)

    def on_blur(self) -> None:
        self.put(self.look)

    @property
    def written(self) -> str:
        """The table as text."""
        return "\n".join("".join(part for part, _ in line) for line in self._shown.lines)

    # -- moving ------------------------------------------------------------------

    def go(self, row: str, key: str) -> None:
        self.look = replace(self.look, cursor=(row, key))
        self._draw()
        self.post_message(self.Moved())

    def _move(self, down: int, right: int) -> None:
        row, key = self.look.cursor
        rows = [*self.look.draft.parameters, CONSTRAINTS]
        row = rows[min(max(rows.index(row) + down, 0), len(rows) - 1)]
        keys = keys_of(self.look.draft, row)
        if key not in keys:  # the same place in a row of another kind
            key = "choices" if "choices" in keys else "low" if "low" in keys else keys[0]
        self.go(row, keys[min(max(keys.index(key) + right, 0), len(keys) - 1)])

    def on_key(self, event: events.Key) -> None:
        if self.is_editing:
            if event.key == "escape":
                self._close()
                self.post_message(self.Left())
            elif event.key in ("up", "down", "tab"):  # takes what is written, and goes on
                self._take()
                self._move(*{"up": (-1, 0), "down": (1, 0), "tab": (0, 1)}[event.key])
            else:
                return
        elif event.key in (moves := {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}):
            self._move(*moves[event.key])
        elif event.key in ("home", "end"):
            self._move(0, -99 if event.key == "home" else 99)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        x, y = event.x, event.y + self.scroll_offset.y
        for (row, key), place in self._shown.places.items():
            if place.y == y and place.x <= x < place.x + place.width:
                self.go(row, key)
                if event.chain == 2:
                    self.open()

    # -- editing -----------------------------------------------------------------

    @property
    def is_editing(self) -> bool:
        return self._input.has_class("-open")

    def open(self) -> None:
        """The cell under the cursor becomes an input."""
        with self._input.prevent(Input.Changed):
            self._input.value = cell_text(self.look.draft, *self.look.cursor)
        self._input.cursor_position = len(self._input.value)
        self._input.add_class("-open")
        self._place()
        self._input.focus()

    def _close(self) -> None:
        self._input.remove_class("-open")
        self.focus()

    def _take(self) -> None:
        self._close()
        self.post_message(self.Taken(self.look.cursor, self._input.value))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_editing:
            self._place()
            self.post_message(self.Typed(self.look.cursor, event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take()
