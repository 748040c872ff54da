"""TRIALS: a heading with counts, the filter, the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from agent.study.nouns import Trial
from agent.tui import rows
from agent.tui.commands import BY_NAME
from agent.tui.model import StudyModel
from agent.tui.text import plural
from agent.tui.view import ViewState
from agent.tui.widgets.bar import Bar, Piece, title
from agent.tui.widgets.field import Field
from agent.tui.widgets.table import TrialTable
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


_MEANT = {"trial": "why"}  # the command that shows one, where none is called so


def _every(trial: Trial) -> bool:
    return True


def _nothing_left(words: str) -> TunewrightError:
    """What to do where no trial passes a filter: it may have been meant as a command."""
    first, _, rest = words.removeprefix("/").partition(" ")
    remedy = "esc leaves the table for the input line; /filter there shows all trials again."
    meant = _MEANT.get(first, first)
    if meant in BY_NAME:
        remedy = f"For the command press esc and write /{f'{meant} {rest}'.strip()}; /filter there shows all again."
    return TunewrightError(f"no trial passes the filter '{words}'", remedy=remedy)


class TrialsPanel(Vertical):
    """The table of one study."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(id="trials")
        self.heading = Bar(classes="heading")
        self.field = Field("/", "failed gp lr>1e-3", id="filter")
        self.table = TrialTable(now)
        self._keep: Callable[[Trial], bool] = _every
        self._cursor: int | None = None

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.field
        yield self.table

    def load(self, model: StudyModel, view: ViewState) -> None:
        self.table.model, self.table.view = model, view
        self._keep = _every
        if view.filter:
            try:
                self._keep = rows.keeper(model, view.filter)
            except TunewrightError:
                view.filter = ""  # a filter remembered from another space

    def update(self, cursor: int | None) -> None:
        """Shows the model as it is now, with the cursor on that trial."""
        self._cursor = cursor
        self.table.update(self._keep, cursor)
        self._head()

    def _head(self) -> None:
        model, view = self.table.model, self.table.view
        if model is None:
            return
        live = len(model.live)
        counted = plural(len(model.trials), "trial") + (f", {live} live" if live else "")
        arrow = "↓" if view.descending else "↑"
        left = [*title(self, "TRIALS"), Piece(f" {counted} ", "muted", "", 6)]
        if view.filter and not self.field.is_open:
            left.append(Piece(f" / {view.filter} ({len(self.table.numbers)}) ", "ask", "filter", 8))
        self.heading.show(
            left, [Piece(" / filter ", "muted", "filter", 3), Piece(f" sort {view.sort}{arrow} ", "muted", "sort", 4)]
        )

    # -- the filter --------------------------------------------------------------

    def ask_filter(self) -> None:
        self.field.open(self.table.view.filter)
        self._head()

    def set_filter(self, text: str) -> None:
        """Raises TunewrightError when it names a column there is not."""
        model = self.table.model
        if model is None:
            return
        self._keep = rows.keeper(model, text) if text else _every
        self.table.view.filter = text
        self.update(self._cursor)

    @on(Field.Changed)
    def _typed(self, event: Field.Changed) -> None:
        event.stop()
        try:
            self.set_filter(event.value)
        except TunewrightError:
            return  # half a word is no filter yet; enter says what is wrong
        if isinstance(event, Field.Taken):
            self._close()

    @on(Field.Taken)
    def _taken(self, event: Field.Taken) -> None:
        event.stop()
        try:
            self.set_filter(event.value)
        except TunewrightError as error:
            cast("TunewrightApp", self.app).complain(error)
            return
        self._close()
        if event.value.strip() and not self.table.numbers:
            cast("TunewrightApp", self.app).complain(_nothing_left(event.value.strip()))

    @on(Field.Left)
    def _left(self, event: Field.Left) -> None:
        event.stop()
        self.set_filter("")
        self._close()

    def _close(self) -> None:
        self.field.close()
        self.table.focus()
        self._head()
