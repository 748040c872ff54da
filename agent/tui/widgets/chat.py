"""The chat: what the advisor said, what was decided, what the person asked. Frozen blocks of text."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events

from agent.tui.messages import Note
from agent.tui.text import wrap
from agent.tui.widgets.lines import Line, Lines

_INDENT = 2
_MOST = 1_000  # blocks kept


class Chat(Lines):
    """Blocks wrapped to the width; on a resize they are wrapped once more."""

    def __init__(self) -> None:
        super().__init__(id="chat")
        self._notes: list[Note] = []
        self._width = 0
        self._tall = False  # the last block has more than one line

    def load(self, notes: Sequence[Note]) -> None:
        """Replaces all blocks, and goes to the end."""
        self._notes = list(notes)[-_MOST:]
        self._lay_out(to_end=True)

    def say(self, notes: Sequence[Note]) -> None:
        """Adds blocks at the end."""
        self._notes += notes
        for note in notes:
            self.add(self._spaced(note))
        surplus = len(self._notes) - _MOST
        if surplus > 0:
            del self._notes[:surplus]
            self._lay_out()

    def _lay_out(self, *, to_end: bool = False) -> None:
        self._width, self._tall = self.row_width, False
        self.put([line for note in self._notes for line in self._spaced(note)], to_end=to_end)

    def _spaced(self, note: Note) -> list[Line]:
        """One-liners stand close; an empty line goes before and after anything taller."""
        block = self._block(note)
        before, self._tall = self._tall, len(block) > 1
        return [(), *block] if before or self._tall else block

    def _block(self, note: Note) -> list[Line]:
        """The glyph, and the text hanging beside it."""
        width = max(self.row_width - _INDENT - 1, 10)
        lines = wrap(note.parts, width)
        first: Line = [(note.lead[0] + " ", note.lead[1]), *lines[0]]
        return [first, *([(" " * _INDENT, ""), *line] for line in lines[1:])]

    def on_resize(self, event: events.Resize) -> None:
        if self.row_width != self._width:
            self._lay_out(to_end=self.following)
        else:
            super().on_resize(event)
