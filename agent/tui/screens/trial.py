"""One trial in full: what it was, what became of it and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from agent.tui.colours import colours
from agent.tui.commands import bindings
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.notes import marker
from agent.tui.requests import ReadTrial
from agent.tui.screens.page import Page
from agent.tui.trial_text import evidence, page
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.drawing import text

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class TrialScreen(Page):
    """Its keys are those of the scope "trial"; besides, a digit follows a piece of evidence."""

    CSS_PATH = "../styles/pages.tcss"

    BINDINGS = bindings("trial")

    def __init__(self, read: TrialRead, model: StudyModel, now: float) -> None:
        super().__init__()
        self._read, self._model, self._now = read, model, now
        self._number = read.trial.number  # the one asked for, which may not have come yet
        self._keys = Bar(classes="heading")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="trial-box"):
            yield Static(id="trial-text")
        yield self._keys

    def on_mount(self) -> None:
        self.show(self._read)
        self.query_one("#trial-box").focus()

    def show(self, read: TrialRead) -> None:
        """Turns to a trial, unless another has been asked for since."""
        if read.trial.number != self._number:
            return
        self._read = read
        box = self.query_one("#trial-box", VerticalScroll)
        box.border_title = f"TRIAL {read.trial.number}"
        box.scroll_home(animate=False)
        self.query_one("#trial-text", Static).update(text(page(read, self._model, self._now), colours(self.app.theme)))
        self._keys.show(self._pieces(read))

    def _pieces(self, read: TrialRead) -> list[Piece]:
        app = cast("TunewrightApp", self.app)
        turning = f" {app.key_name('earlier')} {app.key_name('later')}"
        pieces = [Piece(turning, "primary", "", 6), Piece(" neighbours ", "muted", "", 6)]
        if evidence(read):
            pieces += [Piece(f" {_digits(len(evidence(read)))}", "primary", "", 5), Piece(" evidence ", "muted", "", 5)]
        if read.diagnosis is not None and read.diagnosis.suggested_params:
            pieces += [
                Piece(f" {app.key_name('suggest')}", "primary", "suggest", 5),
                Piece(" suggest ", "muted", "suggest", 5),
            ]
        if not read.trial.state.ended:
            pieces += [Piece(f" {app.key_name('stop')}", "primary", "stop", 5), Piece(" stop ", "muted", "stop", 5)]
        return [
            *pieces,
            Piece(f" {app.key_name('read')}", "primary", "read", 4),
            Piece(" log ", "muted", "read", 4),
            Piece(" esc back", "muted", "back", 3),
        ]

    async def on_key(self, event: events.Key) -> None:
        places = {str(i + 1): e for i, e in enumerate(evidence(self._read))}
        if event.key in places:
            mark = marker(places[event.key], self._read.trial.number)
            assert mark is not None  # `evidence` lists only what can be followed
            self._leave_for("go", mark[1].partition("#")[2])
            event.stop()
            event.prevent_default()

    def turn(self, by: int) -> None:
        """To a neighbour."""
        numbers = sorted(self._model.trials)
        at = numbers.index(self._number) + by
        if 0 <= at < len(numbers):
            self._number = numbers[at]
            study = cast("TunewrightApp", self.app).study
            study.side.select(numbers[at])
            study.send(ReadTrial(numbers[at]))

    def _leave_for(self, command: str, args: str) -> None:
        self.leave()
        self.app.call_later(cast("TunewrightApp", self.app).run_command, command, args)


def _digits(count: int) -> str:
    return "1" if count == 1 else f"1–{count}"
