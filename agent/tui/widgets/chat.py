"""The chat: what the advisor said, what was decided, what the person asked. Frozen blocks of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.messages import Note
from agent.tui.talk.markdown import render
from agent.tui.text import Part, wrap
from agent.tui.widgets.drawing import strip
from agent.tui.widgets.lines import Line, Lines

_INDENT = 2
_MOST = 1_000  # blocks kept
_STEP = 3  # lines by which a block higher than the view is moved


@dataclass(frozen=True)
class _Placed:
    """A block and where it stands. `turn` is the id of the turn it shows, None for a note."""

    note: Note
    turn: int | None
    start: int  # its first line
    end: int


class Chat(Lines):
    """Blocks wrapped to the width; on a resize they are wrapped once more. Only a turn that grows is laid out
    again by itself, and of it only what has changed is drawn.

    With the focus, up and down go from block to block, left and right from link to link of one.
    """

    BINDINGS = bindings("chat")

    class EarlierWanted(Message):
        """The reader has come to the top."""

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
        self._blocks = [_Placed(note, turn, 0, 0) for turn, note in notes[-_MOST:]]
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
        placed = self._blocks[index]
        lines = self._block(note)
        grown = len(lines) - (placed.end - placed.start)
        self._blocks[index] = replace(placed, note=note, end=placed.end + grown)
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
        spaced = self._spaced(note, turn)
        start = len(self._lines)
        self._blocks.append(_Placed(note, turn, start + (spaced[0] == ()), start + len(spaced)))
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
            spaced = self._spaced(placed.note, placed.turn)
            start = len(lines) + (spaced[0] == ())
            lines += spaced
            self._blocks[index] = replace(placed, start=start, end=len(lines))
        self.put(lines, to_end=to_end)

    def _spaced(self, note: Note, turn: int | None) -> list[Line]:
        """One-liners stand close; an empty line goes before and after anything taller, and before every turn."""
        block = self._block(note)
        before, self._tall = self._tall, turn is not None or len(block) > 1
        return [(), *block] if before or self._tall else block

    def _block(self, note: Note) -> list[Line]:
        """The glyph, and the text hanging beside it; a cursor at the end of what is still written."""
        width = max(self.row_width - _INDENT - 1, 10)
        lines: list[Line] = render(note.source, width, growing=note.growing) if note.source else []
        if note.growing:
            lines = [*lines[:-1], [*(lines[-1] if lines else ()), ("▌", "primary")]]
        if note.parts or not lines:
            lines = [*lines, *wrap(note.parts, width)]
        first: Line = [(note.lead[0] + " ", note.lead[1]), *lines[0]]
        return [first, *([(" " * _INDENT, ""), *line] for line in lines[1:])]

    def on_resize(self, event: events.Resize) -> None:
        if self.row_width != self._width:
            self._lay_out(to_end=self.following)
        else:
            super().on_resize(event)

    # -- going from block to block ---------------------------------------------------

    @property
    def chosen(self) -> Note | None:
        """The block under the cursor; without one the last thing that was said."""
        if self._at is not None:
            return self._blocks[self._at].note
        return next((b.note for b in reversed(self._blocks) if b.turn is not None), None)

    @property
    def link(self) -> str:
        """The target under the cursor, or nothing."""
        found = self._links()
        return found[self._link][2] if self._link < len(found) else ""

    def _links(self) -> list[tuple[int, int, str]]:
        """Those of the block under the cursor: line, part of the line, target."""
        if self._at is None:
            return []
        placed = self._blocks[self._at]
        return [
            (number, index, role.partition("#")[2])
            for number in range(placed.start, placed.end)
            for index, (_, role) in enumerate(self._lines[number])
            if "#" in role
        ]

    def move(self, by: int) -> None:
        """To the next block; within one that is higher than the view by some lines."""
        if not self._blocks:
            return
        if self._at is None:
            self._turn_to(len(self._blocks) - 1 if by < 0 else self._first_seen())
            return
        placed, top, high = self._blocks[self._at], self.scroll_offset.y, self.scrollable_content_region.height
        if (placed.start < top) if by < 0 else (placed.end > top + high):
            self.scroll_to(y=top + by * _STEP, animate=False, immediate=True)
        elif 0 <= self._at + by < len(self._blocks):
            self._turn_to(self._at + by)
        elif by < 0:
            self.post_message(self.EarlierWanted())

    def _first_seen(self) -> int:
        return next((i for i, b in enumerate(self._blocks) if b.end > self.scroll_offset.y), len(self._blocks) - 1)

    def _turn_to(self, index: int | None) -> None:
        self._redraw_block()
        self._at, self._link = index, 0
        self._redraw_block()
        if index is not None:
            placed, top, high = self._blocks[index], self.scroll_offset.y, self.scrollable_content_region.height
            if placed.start < top or placed.end - placed.start > high:
                self.scroll_to(y=max(placed.start - 1, 0), animate=False, immediate=True)
            elif placed.end > top + high:
                self.scroll_to(y=placed.end - high, animate=False, immediate=True)

    def _redraw_block(self) -> None:
        if self._at is not None:
            placed = self._blocks[self._at]
            for number in range(placed.start, placed.end):
                self._strips.pop(number, None)
        self.refresh()

    def line_strip(self, number: int, width: int, base: Style) -> Strip:
        if self._at is None or not self.has_focus:
            return super().line_strip(number, width, base)
        placed = self._blocks[self._at]
        if not placed.start <= number < placed.end:
            return super().line_strip(number, width, base)
        theme = colours(self.app.theme)
        here = {(line, part) for i, (line, part, _) in enumerate(self._links()) if i == self._link}
        parts: list[Part] = [
            (text, f"{role.partition('#')[0]}+reverse") if (number, index) in here else (text, role)
            for index, (text, role) in enumerate(self._lines[number])
        ]
        return strip(parts, width, base + theme.cursor(), theme)

    def on_key(self, event: events.Key) -> None:
        match event.key:
            case "up" | "down":
                self.move(-1 if event.key == "up" else 1)
            case "left" | "right":
                count = len(self._links())
                self._link = (self._link + (-1 if event.key == "left" else 1)) % count if count else 0
                self._redraw_block()
            case "home" | "pageup" if self.scroll_offset.y == 0:
                self.post_message(self.EarlierWanted())
            case _:
                return
        event.stop()
        event.prevent_default()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        if self.scroll_offset.y == 0:
            self.post_message(self.EarlierWanted())

    def on_focus(self) -> None:
        self._redraw_block()

    def on_blur(self) -> None:
        self._turn_to(None)
