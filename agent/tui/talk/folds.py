"""Long turns of the chat, folded: their first lines, and one that says how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

from agent.tui.text import Part, plural

LONG = 20  # lines; a turn of more than that may be folded
SHOWN = 6  # of a folded one
_INDENT: Part = ("  ", "")

Line = Sequence[Part]


def folded(lines: Sequence[Line], turn: int, key: str) -> list[Line]:
    """What stands for a long turn. Its last line unfolds it, and is a link like those of evidence."""
    more = plural(len(lines) - SHOWN, "more line")
    return [*lines[:SHOWN], [_INDENT, ("▸ ", "muted"), (more, f"link#fold:{turn}"), (f"  {key}", "muted")]]


def unfolded(lines: Sequence[Line], turn: int, key: str) -> list[Line]:
    """A long turn in full, with a line below that folds it."""
    return [*lines, [_INDENT, ("▴ ", "muted"), ("fold", f"link#fold:{turn}"), (f"  {key}", "muted")]]
