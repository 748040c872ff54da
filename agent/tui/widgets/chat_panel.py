"""CHAT: a heading with how the study stands, the blocks, what the advisor says now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from agent.study.nouns import Turn
from agent.tui import said
from agent.tui.colours import colours
from agent.tui.messages import Note, Standing
from agent.tui.text import neutral
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.chat import Chat
from agent.tui.widgets.drawing import text

_STATES = {"running": ("▶", "run"), "waiting": ("◆", "ask"), "finished": ("✓", "good"), "idle": ("○", "muted")}


class ChatPanel(Vertical):
    """The chat's place: notes of what happened, and what the person and the agent say."""

    def __init__(self) -> None:
        super().__init__(id="chat-panel")
        self.heading = Bar(classes="heading")
        self.lines = Chat()
        self.advice = Static(id="advice")
        self._advised = ("", "")  # advice and theme

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.lines
        yield self.advice

    def load(self, notes: Sequence[Note], turns: Iterable[Turn]) -> None:
        """Notes and turns, in the order of their times."""
        blocks: list[tuple[int | None, Note]] = [(None, n) for n in notes]
        self.lines.load(sorted([*blocks, *((t.id, said.note(t)) for t in turns)], key=lambda b: b[1].at))

    def say(self, notes: Sequence[Note]) -> None:
        self.lines.say(notes)

    def say_turns(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            self.lines.say_turn(turn.id, said.note(turn))

    def stand(self, standing: Standing) -> None:
        """How the study stands, in the heading; the advice of the moment below the blocks."""
        self.heading.show([Piece(" CHAT ", "title", "chat", 9)], standing_pieces(standing))
        shown = (standing.advice, self.app.theme)
        if shown == self._advised:
            return
        self._advised = shown
        self.advice.display = bool(standing.advice)
        parts = [("● ", "primary"), (neutral(standing.advice), "text")]
        self.advice.update(text(parts, colours(self.app.theme)))


def standing_pieces(standing: Standing) -> list[Piece]:
    """`▶ t12 running`: how the study stands, and why."""
    glyph, role = _STATES.get(standing.state, _STATES["idle"])
    return [Piece(f" {glyph} ", role, "", 5), Piece(f"{neutral(standing.reason)} ", "muted", "", 5)]
