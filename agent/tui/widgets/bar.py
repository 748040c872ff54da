"""One line of pieces, left and right; the least important give way where there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

from rich.cells import cell_len
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from agent.tui.ink.colours import colours
from agent.tui.text import Part
from agent.tui.widgets.drawing import strip

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp


class Piece(NamedTuple):
    """`command` is run by a click (`name` or `name words`); pieces with the lowest `keep` are dropped first."""

    text: str
    role: str = "muted"
    command: str = ""
    keep: int = 5


class Bar(Widget):
    """Height 1. Set its pieces with `show`; it draws again only when they differ."""

    DEFAULT_CSS = "Bar { height: 1; width: 100%; }"

    def __init__(self, left: Sequence[Piece] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._left = tuple(left)
        self._right: tuple[Piece, ...] = ()

    def show(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        if (tuple(left), tuple(right)) != (self._left, self._right):
            self._left, self._right = tuple(left), tuple(right)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if y:
            return Strip.blank(self.size.width, self.rich_style)
        parts: list[Part] = [(piece.text, piece.role) for piece in self._laid_out(self.size.width)]
        return strip(parts, self.size.width, self.rich_style, colours(self.app.theme))

    def _laid_out(self, width: int) -> list[Piece]:
        """The pieces that fit, with the space between left and right as one of them."""
        left, right = list(self._left), list(self._right)
        while left + right and _width(left) + _width(right) + bool(right) > width:
            least = min(reversed(right + left), key=lambda p: p.keep)
            if least.keep >= 9:
                break
            left = [p for p in left if not _goes_with(p, least)]
            right = [p for p in right if not _goes_with(p, least)]
        return [*left, Piece(" " * max(width - _width(left) - _width(right), 0), ""), *right]

    @property
    def shown(self) -> str:
        """What the line says at its present width."""
        return "".join(piece.text for piece in self._laid_out(self.size.width))

    def on_click(self, event: events.Click) -> None:
        x = event.x
        for piece in self._laid_out(self.size.width):
            size = cell_len(piece.text)
            if x < size:
                if piece.command:
                    name, _, args = piece.command.partition(" ")
                    cast("TunewrightApp", self.app).run_command(name, args)
                return
            x -= size


def title(panel: Widget, name: str) -> list[Piece]:
    """The heading's first word; left out where tabs name the panel already."""
    return [Piece(f" {name} ", "title", name.lower(), 9)] if panel.screen.has_class("-wide") else []


def _goes_with(piece: Piece, dropped: Piece) -> bool:
    """A key goes with its word: pieces of one command that matter alike."""
    return piece is dropped or bool(dropped.command and piece.command == dropped.command and piece.keep == dropped.keep)


def _width(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(p.text) for p in pieces)
