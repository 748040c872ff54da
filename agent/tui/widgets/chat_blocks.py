"""The blocks of the chat: laid out, grown in place, folded where they are long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from textual import events
from textual.selection import Selection

from agent.tui.messages import Note
from agent.tui.talk import folds, said
from agent.tui.talk.markdown import render
from agent.tui.text import wrap
from agent.tui.widgets.lines import Line, Lines

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_INDENT = 2
_MOST = 1_000  # blocks kept


@dataclass(frozen=True)
class _Placed:
    """A block and where it stands. `turn` is the id of the turn it shows, None for a note. One that is `folded` shows
    its beginning, where it is long; `hidden` are the lines that it does not show."""

    note: Note
    turn: int | None
    start: int = 0  # its first line
    end: int = 0
    folded: bool = False
    hidden: tuple[Line, ...] = ()


class ChatBlocks(Lines):
    """Blocks wrapped to the width; on a resize they are wrapped once more. Only a turn that grows is laid out
    again by itself, and of it only what has changed is drawn. Long turns but the last are folded."""

    def __init__(self) -> None:
        super().__init__(id="chat")
        self._blocks: list[_Placed] = []
        self._width = 0
        self._tall = False  # the last block has more than one line
        self._head: Line = ()  # above the first block
        self._at: int | None = None  # the block under the cursor
        self._link = 0  # which of its links is

    def load(self, notes: Sequence[tuple[int | None, Note]], head: Line = (), *, to_end: bool = True) -> None:
        """Replaces all blocks, below `head`. Goes to the end, or leaves the first block in sight where it is. Each
        comes with the id of its turn, if it is one."""
        seen = self._first_seen() if self._blocks else None
        anchor = (
            None if seen is None or to_end else (self._blocks[seen], self._blocks[seen].start - self.scroll_offset.y)
        )
        self._head, self._at = head, None
        open_ones = {b.turn for b in self._blocks if not b.folded}
        shown = notes[-_MOST:]
        last = next((turn for turn, _ in reversed(shown) if turn is not None), None)
        self._blocks = [
            _Placed(note, turn, folded=turn is not None and turn != last and turn not in open_ones)
            for turn, note in shown
        ]
        self._lay_out(to_end=to_end)
        if anchor is not None:
            kept, row = anchor
            at = next((b.start for b in self._blocks if (b.turn, b.note.at) == (kept.turn, kept.note.at)), 0)
            self.following = False
            self.scroll_to(y=max(at - row, 0), animate=False, immediate=True)

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
        self._put_block(index, replace(self._blocks[index], note=note))

    def reveal(self, note: Note) -> None:
        """Scrolls to the block of a note, where it is out of sight."""
        placed = next((b for b in self._blocks if b.note is note), None)
        top, high = self.scroll_offset.y, self.scrollable_content_region.height
        if placed is not None and not top <= placed.start <= max(placed.end - 1, placed.start) < top + high:
            self.scroll_to(y=max(placed.start - 1, 0), animate=False, immediate=True)

    def _put_block(self, index: int, changed: _Placed) -> None:
        """A block as it is now; those below it move."""
        placed = self._blocks[index]
        lines, hidden = self._block(changed)
        grown = len(lines) - (placed.end - placed.start)
        self._blocks[index] = replace(changed, end=placed.end + grown, hidden=hidden)
        for after in range(index + 1, len(self._blocks)):
            moved = self._blocks[after]
            self._blocks[after] = replace(moved, start=moved.start + grown, end=moved.end + grown)
        same = self._unchanged(placed, lines)
        if same < max(len(lines), placed.end - placed.start):
            self.splice(placed.start + same, placed.end, lines[same:])

    def _unchanged(self, placed: _Placed, lines: Sequence[Line]) -> int:
        """How many lines at the beginning of a block are as they were."""
        shown = self._lines[placed.start : placed.end]
        pairs = enumerate(zip(shown, lines, strict=False))
        return next((i for i, (old, new) in pairs if old != new), min(len(shown), len(lines)))

    def _append(self, note: Note, turn: int | None) -> None:
        if turn is not None and note.lead == said.PERSON and self.following:
            for index, placed in enumerate(self._blocks):  # what is read through gives way to what is asked next
                if placed.turn is not None and not placed.folded and not placed.note.growing:
                    self._put_block(index, replace(placed, folded=True))
        spaced, placed = self._spaced(_Placed(note, turn))
        start = len(self._lines)
        self._blocks.append(replace(placed, start=start + (spaced[0] == ()), end=start + len(spaced)))
        self.add(spaced)

    def _trim(self) -> None:
        surplus = len(self._blocks) - _MOST
        if surplus > 0:
            del self._blocks[:surplus]
            self._at = None
            self._lay_out()

    def _lay_out(self, *, to_end: bool = False) -> None:
        self._width, self._tall = self.row_width, False
        lines: list[Line] = [self._head, ()] if self._head else []
        for index, placed in enumerate(self._blocks):
            spaced, laid_out = self._spaced(placed)
            start = len(lines) + (spaced[0] == ())
            lines += spaced
            self._blocks[index] = replace(laid_out, start=start, end=len(lines))
        self.put(lines, to_end=to_end)

    def _spaced(self, placed: _Placed) -> tuple[list[Line], _Placed]:
        """One-liners stand close; an empty line goes before and after anything taller, and before every turn."""
        block, hidden = self._block(placed)
        before, self._tall = self._tall, placed.turn is not None or len(block) > 1
        return [(), *block] if before or self._tall else block, replace(placed, hidden=hidden)

    def _block(self, placed: _Placed) -> tuple[list[Line], tuple[Line, ...]]:
        """What stands for a block, and what of it is folded away."""
        lines, turn = self._whole(placed.note), placed.turn
        if turn is None or placed.note.growing or len(lines) <= folds.LONG:
            return lines, ()
        key = cast("TunewrightApp", self.app).key_name("fold")
        if placed.folded:
            return folds.folded(lines, turn, key), tuple(lines[folds.SHOWN :])
        return folds.unfolded(lines, turn, key), ()

    def _whole(self, note: Note) -> list[Line]:
        """The glyph, and the text hanging beside it; a cursor at the end of what is still written."""
        width = max(self.row_width - _INDENT - 1, 10)
        lines: list[Line] = render(note.source, width, growing=note.growing) if note.source else []
        if note.growing:
            lines = [*lines[:-1], [*(lines[-1] if lines else ()), ("▌", "primary")]]
        if note.parts or not lines:
            lines = [*lines, *wrap(note.parts, width)]
        first: Line = [(note.lead[0] + " ", note.lead[1]), *lines[0]]
        return [first, *([(" " * _INDENT, ""), *line] for line in lines[1:])]

    # -- folding ---------------------------------------------------------------------

    def fold(self, turn: int | None) -> bool:
        """Folds a long turn, or shows all of it again: the one named, under the cursor, or else the last. Whether there
        is one."""
        long = [i for i, b in enumerate(self._blocks) if self._is_long(b)]
        if turn is None:
            index = self._at if self._at in long else long[-1] if long and self._at is None else None
        else:
            index = next((i for i in long if self._blocks[i].turn == turn), None)
        if index is None:
            return False
        self._put_block(index, replace(self._blocks[index], folded=not self._blocks[index].folded))
        self._link = 0
        placed, top = self._blocks[index], self.scroll_offset.y
        if placed.start < top or placed.start >= top + self.scrollable_content_region.height:
            self.scroll_to(y=max(placed.start - 1, 0), animate=False, immediate=True)
        return True

    def fold_all(self, *, folded: bool) -> None:
        """Every long turn."""
        for index, placed in enumerate(self._blocks):
            if self._is_long(placed) and placed.folded != folded:
                self._put_block(index, replace(placed, folded=folded))

    def _is_long(self, placed: _Placed) -> bool:
        return bool(placed.hidden) or (
            placed.turn is not None and not placed.note.growing and placed.end - placed.start > folds.LONG
        )

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """With what is folded away, where the selection goes through it."""
        folded = {b.end - 1: b.hidden for b in self._blocks if self._is_long(b)}
        found: list[str] = []
        for number, line in enumerate(self._lines):
            if (span := selection.get_span(number)) is None:
                continue
            if number in folded:
                found += ["".join(part for part, _ in hidden).rstrip() for hidden in folded[number]]
            else:
                text = "".join(part for part, _ in line)
                found.append(text[span[0] : span[1] if span[1] >= 0 else None].rstrip())
        return "\n".join(found), "\n"

    def on_resize(self, event: events.Resize) -> None:
        if self.row_width != self._width:
            self._lay_out(to_end=self.following)
        else:
            super().on_resize(event)

    def _first_seen(self) -> int:
        return next((i for i, b in enumerate(self._blocks) if b.end > self.scroll_offset.y), len(self._blocks) - 1)
