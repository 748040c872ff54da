"""A turn of the chat as the screen shows it."""

from __future__ import annotations

from agent.study.nouns import Turn, TurnState
from agent.tui.marks import marked
from agent.tui.messages import Note
from agent.tui.notes import ADVISOR
from agent.tui.text import Part, neutral

PERSON: Part = ("›", "ask")


def note(turn: Turn) -> Note:
    """The turn as a block of the chat."""
    text = neutral(turn.text)
    if turn.role == "person":
        return Note(turn.at, PERSON, ((text, "strong"),))
    parts = [*marked(text)]
    if turn.state is TurnState.WRITING:
        parts.append(("▌", "primary"))
    if turn.state is TurnState.CUT:
        parts += [("\n", "")] * bool(text)
        parts.append((f"– cut short: {neutral(turn.note) or 'interrupted'}", "bad"))
    elif turn.note:
        parts.append((f"\n– {neutral(turn.note)}", "muted"))
    return Note(turn.at, ADVISOR, tuple(parts))
