"""A table written in Markdown, in columns that fit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from agent.tui.talk.marks import inline
from agent.tui.text import Part, wrap

_GAP = 2
_LEAST = 4  # cells of a column
_MOST = 24  # columns
_CELL = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"^[|:\- ]*-[|:\- ]*$")


def table(text: str, width: int) -> Iterator[list[Part]]:
    """Rows of `| a | b |`; the one with dashes says how columns are aligned and stands below the head."""
    rows = [row for row in text.split("\n") if row.strip("| ")]
    ruled = len(rows) > 1 and _RULE.match(rows[1]) is not None
    aligned = [cell.endswith(":") for cell in _cells(rows[1])] if ruled else []
    cells = [_cells(row) for i, row in enumerate(rows) if i != 1 or not ruled]
    if not cells:
        return
    count = min(max(map(len, cells)), _MOST)
    if count * (_LEAST + _GAP) > width + _GAP:
        for plain in cells:  # too many columns: each row as a line of its own
            yield from wrap(inline("  ".join(plain)), width)
        return
    shown = [[list(inline(cell, "strong" if not i else "text")) for cell in row[:count]] for i, row in enumerate(cells)]
    widths = _widths(shown, count, width)
    for i, row in enumerate(shown):
        yield from _row(row, widths, aligned)
        if i == 0:
            yield [("─" * (sum(widths) + _GAP * (count - 1)), "faint")]


def _cells(row: str) -> list[str]:
    """Without the bars at the ends."""
    inner = row.strip().removeprefix("|")
    inner = inner.removesuffix("|") if not inner.endswith("\\|") else inner
    return [cell.strip() for cell in _CELL.split(inner)]


def _widths(rows: Sequence[Sequence[Sequence[Part]]], count: int, width: int) -> list[int]:
    """As wide as the widest cell; where that is too much the widest columns give way."""
    widths = [_LEAST] * count
    for row in rows:
        for i, cell in enumerate(row):
            widths[i] = max(widths[i], sum(cell_len(part) for part, _ in cell))
    over = sum(widths) + _GAP * (count - 1) - width
    while over > 0:
        widest = max(widths)
        columns = [i for i, w in enumerate(widths) if w == widest]
        below = max((w for w in widths if w < widest), default=_LEAST)
        cut = max(min(widest - below, -(-over // len(columns))), 1)
        for i in columns:
            widths[i] -= min(cut, max(over, 0))
            over -= min(cut, max(over, 0))
    return widths


def _row(cells: Sequence[Sequence[Part]], widths: Sequence[int], aligned: Sequence[bool]) -> Iterator[list[Part]]:
    """As many lines as its highest cell has."""
    columns = [wrap(cells[i] if i < len(cells) else (), wide) for i, wide in enumerate(widths)]
    for line in zip_longest(*columns, fillvalue=[]):
        parts: list[Part] = []
        for i, (cell, wide) in enumerate(zip(line, widths, strict=True)):
            space = max(wide - sum(cell_len(part) for part, _ in cell), 0)
            right = i < len(aligned) and aligned[i]
            parts += [(" " * space, "")] * (right and space > 0)
            parts += cell
            last = i == len(widths) - 1
            parts += [(" " * (_GAP * (not last) + (0 if right or last else space)), "")]
        yield [part for part in parts if part[0]]
