"""The chat: what the advisor said, what was decided, what the person asked. Frozen blocks of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual import events

from agent.tui.messages import Note
from agent.tui.text import wrap
from agent.tui.widgets.lines import Line, Lines

_INDENT = 2
_MOST = 1_000  # blocks kept


@dataclass(frozen=True)
class _Placed:
    """A block and where it stands. `turn` is the id of the turn it shows, None for a note."""

    note: Note
    turn: int | None
    start: int  # its first line
    end: int


class Chat(Lines):
    """Blocks wrapped to the width; on a resize they are wrapped once more. Only a turn that grows is laid out
    again by itself."""

    def __init__(self) -> None:
        super().__init__(id="chat")
        self._blocks: list[_Placed] = []
        self._width = 0
        self._tall = False  # the last block has more than one line

    def load(self, notes: Sequence[tuple[int | None, Note]]) -> None:
        """Replaces all blocks, and goes to the end. Each comes with the id of its turn, if it is one."""
        self._blocks = [_Placed(note, turn, 0, 0) for turn, note in notes[-_MOST:]]
        self._lay_out(to_end=True)

    def say(self, notes: Sequence[Note]) -> None:
        """Adds blocks at the end."""
        for note in notes:
            self._append(note, None)
        self._trim()

    def say_turn(self, turn: int, note: Note) -> None:
        """Adds the block of a turn, or replaces it where it stands."""
        index = next((i for i in range(len(self._blocks) - 1, -1, -1) if self._blocks[i].turn == turn), None)
        if index is None:
            self._append(note, turn)
            self._trim()
            return
        placed = self._blocks[index]
        lines = self._block(note, turn)
        grown = len(lines) - (placed.end - placed.start)
        self._blocks[index] = replace(placed, note=note, end=placed.end + grown)
        for after in range(index + 1, len(self._blocks)):
            moved = self._blocks[after]
            self._blocks[after] = replace(moved, start=moved.start + grown, end=moved.end + grown)
        self.splice(placed.start, placed.end, lines)

    def _append(self, note: Note, turn: int | None) -> None:
        spaced = self._spaced(note, turn)
        start = len(self._lines)
        self._blocks.append(_Placed(note, turn, start + (spaced[0] == ()), start + len(spaced)))
        self.add(spaced)

    def _trim(self) -> None:
        surplus = len(self._blocks) - _MOST
        if surplus > 0:
            del self._blocks[:surplus]
            self._lay_out()

    def _lay_out(self, *, to_end: bool = False) -> None:
        self._width, self._tall = self.row_width, False
        lines: list[Line] = []
        for index, placed in enumerate(self._blocks):
            spaced = self._spaced(placed.note, placed.turn)
            start = len(lines) + (spaced[0] == ())
            lines += spaced
            self._blocks[index] = replace(placed, start=start, end=len(lines))
        self.put(lines, to_end=to_end)

    def _spaced(self, note: Note, turn: int | None) -> list[Line]:
        """One-liners stand close; an empty line goes before and after anything taller, and before every turn."""
        block = self._block(note, turn)
        before, self._tall = self._tall, turn is not None or len(block) > 1
        return [(), *block] if before or self._tall else block

    def _block(self, note: Note, turn: int | None = None) -> list[Line]:
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
