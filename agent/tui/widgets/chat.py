"""The chat: what the advisor said, what was decided, what the person asked. Frozen blocks of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from agent.tui.commands import bindings
from agent.tui.ink.colours import colours
from agent.tui.messages import Note
from agent.tui.text import Part
from agent.tui.widgets.chat_blocks import ChatBlocks
from agent.tui.widgets.drawing import strip

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_STEP = 3  # lines by which a block higher than the view is moved


class Chat(ChatBlocks):
    """With the focus, up and down go from block to block, left and right from link to link of one. What is
    pasted, or typed and no key here, goes to the input line."""

    BINDINGS = bindings("chat")

    class EarlierWanted(Message):
        """The reader has come to the top."""

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

    @property
    def is_choosing(self) -> bool:
        """Whether a block is under the cursor."""
        return self._at is not None

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
            case _ if event.character and event.is_printable and event.key not in self.screen.active_bindings:
                cast("TunewrightApp", self.app).study.composer.take(event.character)  # no key of the chat: it is text
            case _:
                return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        cast("TunewrightApp", self.app).study.composer.take(event.text)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        if self.scroll_offset.y == 0:
            self.post_message(self.EarlierWanted())

    def on_focus(self) -> None:
        self._redraw_block()

    def on_blur(self) -> None:
        self._turn_to(None)
