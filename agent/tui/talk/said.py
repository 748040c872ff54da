"""A turn of the chat as the screen shows it."""

from __future__ import annotations

from agent.study.nouns import Turn, TurnState
from agent.tui.messages import Note
from agent.tui.talk.notes import ADVISOR
from agent.tui.text import Part, neutral

PERSON: Part = ("›", "ask")
_UNDONE = 60  # characters left of a turn that was taken back


def note(turn: Turn) -> Note:
    """The turn as a block of the chat."""
    text = neutral(turn.text)
    person = turn.role == "person"
    if turn.state is TurnState.UNDONE:
        return _undone(turn.at, PERSON[0] if person else ADVISOR[0], text)
    if person:
        return Note(turn.at, PERSON, ((text, "strong"),))
    tail: list[Part] = []
    if turn.state is TurnState.CUT:
        tail = [(f"– cut short: {neutral(turn.note) or 'interrupted'}", "bad")]
    elif turn.note:
        tail = [(f"– {neutral(turn.note)}", "muted")]
    return Note(turn.at, ADVISOR, tuple(tail), text, growing=turn.state is TurnState.WRITING)


def _undone(at: float, glyph: str, text: str) -> Note:
    """One line of a turn that was taken back: it was said, and counts no more."""
    line = " ".join(text.split())
    shown = line if len(line) <= _UNDONE else f"{line[:_UNDONE].rstrip()}…"
    return Note(at, (glyph, "faint"), ((shown, "faint+strike"), (" – taken back", "faint")))
