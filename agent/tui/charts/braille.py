"""A canvas of braille dots: two by four to a cell, each cell with one colour."""

from __future__ import annotations

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # [row in cell][column in cell]
# The dots of one side of a cell from one row to another: [side][from][to].
_RUNS = tuple(
    tuple(tuple(sum(_DOTS[y][side] for y in range(top, bottom + 1)) for bottom in range(4)) for top in range(4))
    for side in (0, 1)
)
BLANK = "\u2800"


def in_dash(x: int) -> bool:
    """Whether a dashed line is drawn in this column of dots."""
    return x % 9 < 6


class Canvas:
    """`width` × `height` cells; dots from (0, 0) at the top left to (2·width − 1, 4·height − 1).

    Where two curves share a cell, the one drawn last gives the colour.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.dots_wide, self.dots_high = 2 * width, 4 * height
        self._masks = [[0] * width for _ in range(height)]
        self._roles: list[list[str]] = [[""] * width for _ in range(height)]
        self._glyphs: dict[tuple[int, int], str] = {}

    def dot(self, x: int, y: int, role: str) -> None:
        """Sets one dot; dots outside the canvas are ignored."""
        if 0 <= x < self.dots_wide and 0 <= y < self.dots_high:
            self._masks[y >> 2][x >> 1] |= _DOTS[y & 3][x & 1]
            self._roles[y >> 2][x >> 1] = role

    def column(self, x: int, top: int, bottom: int, role: str) -> None:
        """A vertical run of dots, both ends included."""
        if not 0 <= x < self.dots_wide:
            return
        cell, side = x >> 1, x & 1
        if top > bottom:
            top, bottom = bottom, top
        top, bottom = max(top, 0), min(bottom, self.dots_high - 1)
        if top > bottom:
            return
        first, last, runs = top >> 2, bottom >> 2, _RUNS[side]
        if first == last:
            self._masks[first][cell] |= runs[top & 3][bottom & 3]
            self._roles[first][cell] = role
            return
        for row in range(first, last + 1):
            mask = runs[top & 3 if row == first else 0][bottom & 3 if row == last else 3]
            self._masks[row][cell] |= mask
            self._roles[row][cell] = role

    def line(self, x0: int, y0: int, x1: int, y1: int, role: str, *, dashed: bool = False) -> None:
        """A straight line; a dashed one leaves columns out."""
        if x1 < x0:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = (y1 - y0) / (x1 - x0) if x1 > x0 else 0.0
        first, last = max(x0, 0), min(x1, self.dots_wide - 1)  # what is beyond the canvas takes no time
        previous = y0 if first == x0 else round(y0 + slope * (first - x0))
        for x in range(first, last + 1):
            y = y1 if x == x1 else round(y0 + slope * (x - x0))
            if not dashed or in_dash(x):
                top = y if abs(y - previous) <= 1 else previous + (1 if y > previous else -1)
                self.column(x, top, y, role)
            previous = y

    def glyph(self, column: int, row: int, text: str, role: str) -> None:
        """A character in place of a cell's dots, such as a mark where a curve ends."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self._glyphs[column, row] = text
            self._roles[row][column] = role

    def rows(self) -> list[list[tuple[str, str]]]:
        """Each row as runs of (text, role); blank cells have the role ''."""
        return [self._row(y) for y in range(self.height)]

    def _row(self, y: int) -> list[tuple[str, str]]:
        masks, roles = self._masks[y], self._roles[y]
        text = "".join([chr(0x2800 + mask) if mask else " " for mask in masks])
        drawn = [role if mask else "" for mask, role in zip(masks, roles, strict=True)]
        for (x, row), glyph in self._glyphs.items():
            if row == y:
                text, drawn[x] = text[:x] + glyph + text[x + 1 :], roles[x]
        runs: list[tuple[str, str]] = []
        start = 0
        for x in range(1, len(drawn) + 1):
            if x == len(drawn) or drawn[x] != drawn[start]:
                runs.append((text[start:x], drawn[start]))
                start = x
        return runs
