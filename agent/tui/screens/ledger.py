"""Ledger and budgets: what may be spent, what was, and every call to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.widgets import Static

from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.paging import ledger_read, ledger_text
from agent.tui.paging.ledger_read import LedgerRead
from agent.tui.screens.page import Page
from agent.tui.text import neutral
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class LedgerScreen(Page):
    """Up and down go from row to row; enter changes a budget or reads a call, and from a call goes back to the list."""

    CSS_PATH = "../styles/ledger.tcss"
    BINDINGS = bindings("ledger")

    def __init__(self, read: LedgerRead) -> None:
        super().__init__()
        self._read = read
        self._cursor = 0
        self.call: str | None = None  # the text of the one that is read
        self._rows: list[int] = []
        self._box, self._text = VerticalScroll(id="ledger-box"), Static(id="ledger-text", markup=False)
        self._keys = Bar(classes="heading")

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._text
        yield self._keys

    def on_mount(self) -> None:
        self._box.border_title = "LEDGER and budgets"
        self._box.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self.show)

    def redraw(self) -> None:
        self.show()

    def show(self) -> None:
        app = cast("TunewrightApp", self.app)
        width = self._box.scrollable_content_region.width
        if self.call is not None:
            self._text.update(neutral(self.call))
        else:
            found, self._rows = ledger_text.lines(self._read, self._cursor, width)
            self._text.update(text(ledger_text.plain(found), colours(app.theme), wrap=False))
            if self._rows:
                self._box.scroll_to_region(Region(0, max(self._rows[self._cursor] - 1, 0), 1, 3), animate=False)
        word = " back to the list " if self.call is not None else " read or change "
        key = Piece(f" {app.key_name('detail')}", "primary", "detail", 6)
        self._keys.show(
            [key, Piece(word, "muted", "detail", 6), Piece(" ↑↓", "primary"), Piece(" move  esc back", "muted")]
        )

    def detail(self, number: int | None = None) -> None:
        """Reads the call under the cursor, or that of a number; on a budget, writes the command that changes it."""
        app = cast("TunewrightApp", self.app)
        if self.call is not None and number is None:
            self.call = None
            self.show()
            return
        if number is None and self._cursor < len(self._read.limits):
            change = self._read.limits[self._cursor].change
            self.leave()
            app.study.composer.write(change)
            app.call_later(app.study.composer.focus)
            return
        number = number if number is not None else self._read.calls[self._cursor - len(self._read.limits)].id
        assert app.desk is not None
        app.desk.errand(ledger_read.text_of(number), self._told)

    def _told(self, said: str) -> None:
        self.call = said
        if self.is_open:
            self.show()
            self._box.scroll_home(animate=False)

    async def on_key(self, event: events.Key) -> None:
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -(10**6), "end": 10**6}
        if self.call is None and event.key in steps and self._rows:
            self._cursor = min(max(self._cursor + steps[event.key], 0), len(self._rows) - 1)
            self.show()
            event.stop()
            event.prevent_default()
            return
        await super().on_key(event)
