"""Ledger and budgets: what may be spent, what was, and every call to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region

from agent.tui import commands
from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.paging import ledger_read, ledger_text
from agent.tui.paging.ledger_read import LedgerRead, Limit
from agent.tui.screens.page import Page
from agent.tui.text import neutral
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.clicked import Clicked
from agent.tui.widgets.drawing import text
from agent.tui.widgets.field import Field
from agent.tui.widgets.notice import Notice
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class LedgerScreen(Page):
    """Up and down go from row to row; enter changes a budget in place or reads a call, and from a call goes back to the
    list. A click chooses a row, another one opens it."""

    CSS_PATH = ["../styles/fields.tcss", "../styles/ledger.tcss"]  # noqa: RUF012 – as Textual has it
    BINDINGS = bindings("ledger")

    def __init__(self, read: LedgerRead) -> None:
        super().__init__()
        self._read = read
        self._cursor = 0
        self.call: str | None = None  # the text of the one that is read
        self._rows: list[int] = []
        self._box, self._text = VerticalScroll(id="ledger-box"), Clicked(id="ledger-text", markup=False)
        self._field = Field("", "none", id="ledger-field")
        self._changed: Limit | None = None  # what the field is open for
        self.notice, self._keys = Notice(), Bar(classes="heading")

    def compose(self) -> ComposeResult:
        with self._box:
            yield self._text
        yield self._field
        yield self.notice
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
        """Reads the call under the cursor, or that of a number; on a budget, opens it for writing."""
        app = cast("TunewrightApp", self.app)
        if self.call is not None and number is None:
            self.call = None
            self.show()
            return
        if number is None and self._cursor < len(self._read.limits):
            self._open(self._read.limits[self._cursor])
            return
        number = number if number is not None else self._read.calls[self._cursor - len(self._read.limits)].id
        assert app.desk is not None
        app.desk.errand(ledger_read.text_of(number), self._told)

    def _told(self, said: str) -> None:
        self.call = said
        if self.is_open:
            self.show()
            self._box.scroll_home(animate=False)

    # -- changing a budget -----------------------------------------------------------

    def _open(self, limit: Limit) -> None:
        self._changed = limit
        self._field._label.update(f" {limit.name} ")
        self._field.open("" if limit.limit == "none" else limit.limit)
        self._keys.show([Piece(" enter sets it · empty is no limit · esc leaves it as it is", "muted", "", 6)])

    @on(Field.Taken)
    def _taken(self, event: Field.Taken) -> None:
        """As the slash command would; what is wrong is said, and the field stays open."""
        limit, app = self._changed, cast("TunewrightApp", self.app)
        assert limit is not None
        self.notice.clear()
        value = event.value.strip() or "none"
        if value != limit.limit:
            name, _, assigned = limit.change.removeprefix("/").partition(" ")
            what = assigned.partition("=")[0]
            try:
                commands.find(name).function()(app, f"{what}={value}")
            except TunewrightError as error:
                self.notice.complain(str(error))
                return
            assert app.desk is not None
            app.desk.errand(ledger_read.read, lambda read: self._took(read, f"{limit.name}: {value}"))
        self._close()

    @on(Field.Left)
    def _close(self) -> None:
        self._field.close()
        self._box.focus()
        self.show()

    def _took(self, read: LedgerRead, said: str) -> None:
        """The budgets as they are now; a study that refused the change has said why."""
        self._read = read
        if self.is_open:
            refused = cast("TunewrightApp", self.app).study.notice
            if refused.is_fault:
                self.notice.complain(refused.said)
            else:
                self.notice.say(said)
            self.show()

    @on(Clicked.Line)
    def _clicked(self, event: Clicked.Line) -> None:
        event.stop()
        if self.call is not None or event.number not in self._rows:
            return
        row = self._rows.index(event.number)
        if row == self._cursor:
            self.detail()
        else:
            self._cursor = row
            self.show()

    async def on_key(self, event: events.Key) -> None:
        steps = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -(10**6), "end": 10**6}
        if self.call is None and event.key in steps and self._rows and not self._field.is_open:
            self._cursor = min(max(self._cursor + steps[event.key], 0), len(self._rows) - 1)
            self.show()
            event.stop()
            event.prevent_default()
            return
        await super().on_key(event)
