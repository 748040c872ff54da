"""Several plots in one picture: a title over each, as square a grid as fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.tui.charts.plot import Frame, Series, View, frame
from agent.tui.text import Part, fit

NARROWEST, LOWEST = 40, 8  # cells of a plot in a grid, its title with it
MOST = 9
_GAP = 2  # cells between neighbours


@dataclass(frozen=True)
class Pane:
    """One plot. `title` is written above it, where there is one; `picked` in the grid is the one keys are about."""

    name: str
    series: tuple[Series, ...]
    view: View
    title: tuple[Part, ...] = ()
    picked: bool = False


@dataclass(frozen=True)
class Placed:
    """A plot where it lies: cells from the left and the top, its size, and the frame under its title."""

    pane: Pane
    left: int
    top: int
    width: int
    height: int
    frame: Frame

    def holds(self, x: int, y: int) -> bool:
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height

    def x_at(self, x: int) -> float | None:
        return self.frame.x_at(x - self.left)

    def y_at(self, y: int) -> float | None:
        return self.frame.y_at(y - self.top - bool(self.pane.title))


def grid(width: int, height: int, count: int, *, upright: bool = False) -> tuple[int, int]:
    """Columns and rows for at most `count` plots: as many as can be read. `upright` puts them below one another first,
    as wide as they can be."""
    if upright:
        rows = max(1, min(count, height // LOWEST))
        columns = max(1, min(-(-count // rows), (width + _GAP) // (NARROWEST + _GAP)))
        return columns, min(rows, -(-count // columns))
    columns = max(1, min(count, (width + _GAP) // (NARROWEST + _GAP)))
    rows = max(1, min(-(-count // columns), height // LOWEST))
    while columns > 1 and (columns - 1) * rows >= count:
        columns -= 1  # wider plots rather than an empty place
    return columns, rows


def room(width: int, height: int, *, upright: bool = False) -> int:
    """How many plots can be read at once."""
    columns, rows = grid(width, height, MOST, upright=upright)
    return min(columns * rows, MOST)


def place(panes: Sequence[Pane], width: int, height: int, *, upright: bool = False) -> list[Placed]:
    """Each plot in its part of the picture."""
    if len(panes) == 1:
        return [_placed(panes[0], 0, 0, width, height)]
    columns, rows = grid(width, height, len(panes), upright=upright)
    found = []
    for number, pane in enumerate(panes[: columns * rows]):
        down, across = divmod(number, columns)
        left = across * (width + _GAP) // columns
        right = (across + 1) * (width + _GAP) // columns - _GAP
        top, bottom = down * height // rows, (down + 1) * height // rows
        found.append(_placed(pane, left, top, right - left, bottom - top))
    return found


def _placed(pane: Pane, left: int, top: int, width: int, height: int) -> Placed:
    inner = height - bool(pane.title)
    return Placed(pane, left, top, width, height, frame(pane.series, width, max(inner, 0), pane.view))


def compose(placed: Sequence[Placed], width: int, height: int) -> list[list[Part]]:
    """All of them as rows of `width` cells."""
    rows: list[list[Part]] = [[] for _ in range(height)]
    filled = [0] * height
    for one in sorted(placed, key=lambda p: p.left):
        lines = [_title(one.pane.title, one.width)] if one.pane.title else []
        for y, line in enumerate([*lines, *one.frame.rows], one.top):
            if y < height:
                rows[y] += [(" " * (one.left - filled[y]), ""), *line]
                filled[y] = one.left + one.width
    return rows


def _title(parts: Sequence[Part], width: int) -> list[Part]:
    """Cut at the width, and filled to it."""
    line: list[Part] = []
    left = width
    for text, role in parts:
        if left <= 0:
            break
        shown = text if len(text) <= left else fit(text, left)
        line.append((shown, role))
        left -= len(shown)
    return [*line, (" " * left, "")]
