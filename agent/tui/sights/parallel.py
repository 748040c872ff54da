"""Parallel coordinates: a vertical axis a parameter, the objective last, a line a trial, the best on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from agent.tui.sights.field import Field
from agent.tui.sights.placed import FAINT, ROLES, STRONG, Axis, Placed
from agent.tui.text import DASH, Part, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

PITCH = 11  # cells from one axis to the next, at least
_LABEL = 6  # cells of a tick's words
_FLAT = 1e-9


@dataclass(frozen=True)
class Brush:
    """The stretch of an axis whose trials stay lit: places from 0 to 1."""

    low: float
    high: float

    def holds(self, places: Floats) -> Bools:
        return np.asarray((places >= self.low - _FLAT) & (places <= self.high + _FLAT))


@dataclass(frozen=True)
class Look:
    """`names` is the order of the axes, `chosen` the one that keys act on, `selected` a trial's number."""

    names: Sequence[str]
    chosen: str = ""
    brushes: Mapping[str, Brush] = field(default_factory=dict)
    selected: int | None = None


def lit(placed: Placed, brushes: Mapping[str, Brush]) -> Bools:
    """Which trials lie within every brush; shape (n,)."""
    found = np.ones(len(placed.numbers), dtype=bool)
    for name, brush in brushes.items():
        found &= brush.holds(_places(placed, name))
    return found


def pages(names: Sequence[str], width: int) -> list[list[str]]:
    """Names of the parameters that have room beside the objective, page by page."""
    room = max((width - _LABEL - 1) // PITCH, 1)
    return [list(names[i : i + room]) for i in range(0, len(names), room)] or [[]]


def page(placed: Placed, names: Sequence[str], chosen: str, width: int) -> list[str]:
    """The axes on the screen: those of the page of the chosen one, and the objective, which ends each page."""
    found = pages(names, width)
    last = found[-1] if chosen == placed.objective.name else found[0]
    return [*next((p for p in found if chosen in p), last), placed.objective.name]


def draw(placed: Placed, look: Look, width: int, height: int) -> list[list[Part]]:
    """`height` rows of `width` cells: names, the axes, and below them a level for what does not apply."""
    if width < 2 * PITCH or height < 5:
        return [[(" " * width, "")] for _ in range(height)]
    if not len(placed.numbers):
        return _said("no trials yet", width, height)
    shown = page(placed, look.names, look.chosen, width)
    columns = axis_columns(len(shown), width)
    places = [_places(placed, name) for name in shown]
    gone = any(bool(np.isnan(p).any()) for p in places)
    canvas = Field(width, height - 1, ROLES)
    high = 4 * (height - 1 - (2 if gone else 0))
    _lines(canvas, placed, look, columns, [_dots(p, high, canvas.high) for p in places])
    for name, column in zip(shown, columns, strict=True):
        _axis(canvas, _of(placed, name), column, high // 4, look, gone=gone)
    _selected(canvas, placed, look, columns, [_dots(p, high, canvas.high) for p in places])
    return [_heading(shown, columns, width, look, placed), *canvas.rows()]


def _places(placed: Placed, name: str) -> Floats:
    return placed.heights if name == placed.objective.name else placed.column(name)


def _of(placed: Placed, name: str) -> Axis:
    return next((a for a in placed.axes if a.name == name and name != placed.objective.name), placed.objective)


def axis_columns(count: int, width: int) -> list[int]:
    """The cells in which the axes stand, the first behind its labels, the last at the end."""
    if count == 1:
        return [width - 2]
    return [round(_LABEL + i * (width - _LABEL - 2) / (count - 1)) for i in range(count)]


def _dots(places: Floats, high: int, whole: int) -> NDArray[np.int64]:
    """Rows of dots; what has no place lies on the level below all axes."""
    known = np.nan_to_num(places, nan=0.0)
    return np.where(np.isnan(places), whole - 2, np.round((1 - known) * (high - 1))).astype(np.int64)


def _lines(
    canvas: Field, placed: Placed, look: Look, columns: Sequence[int], rows: Sequence[NDArray[np.int64]]
) -> None:
    bright = lit(placed, look.brushes)
    dim, clear = placed.order[~bright[placed.order]], placed.order[bright[placed.order]]
    for i in range(len(columns) - 1):
        x0, x1 = 2 * columns[i] + 1, 2 * columns[i + 1]
        faint = np.full(len(dim), FAINT, dtype=np.int64)
        canvas.lines(x0, x1, rows[i][dim], rows[i + 1][dim], faint, sparse=True)
    for i in range(len(columns) - 1):
        x0, x1 = 2 * columns[i] + 1, 2 * columns[i + 1]
        canvas.lines(x0, x1, rows[i][clear], rows[i + 1][clear], placed.shades[clear])


def _axis(canvas: Field, axis: Axis, column: int, high: int, look: Look, *, gone: bool) -> None:
    brush = look.brushes.get(axis.name)
    chosen = axis.name == look.chosen
    for row in range(high):
        canvas.put(column, row, "│", "primary" if chosen else "faint")
    taken: set[int] = set()
    for place, text in axis.marks:
        row = min(max(round((1 - place) * (4 * high - 1)) // 4, 0), high - 1)
        if row in taken:
            continue
        taken.add(row)
        label = fit(text, min(len(text), _LABEL))
        canvas.put(column - len(label), row, label, "text" if chosen else "muted")
        canvas.put(column, row, "┤", "primary" if chosen else "faint")
    if brush is not None:
        top, bottom = (min(max(round((1 - p) * (4 * high - 1)) // 4, 0), high - 1) for p in (brush.high, brush.low))
        for row in range(top, bottom + 1):
            canvas.put(column, row, "┃", "ask+bold")
    if gone:
        canvas.put(column, canvas.height - 1, DASH, "muted")


def _selected(
    canvas: Field, placed: Placed, look: Look, columns: Sequence[int], rows: Sequence[NDArray[np.int64]]
) -> None:
    found = np.flatnonzero(placed.numbers == look.selected)
    if not len(found):
        return
    role = np.array([STRONG], dtype=np.int64)
    for i in range(len(columns) - 1):
        y0, y1 = rows[i][found], rows[i + 1][found]
        canvas.lines(2 * columns[i] + 1, 2 * columns[i + 1], y0, y1, role)
    for column, row in zip(columns, rows, strict=True):
        canvas.put(column, int(row[found[0]]) // 4, "●", "strong")


def _heading(shown: Sequence[str], columns: Sequence[int], width: int, look: Look, placed: Placed) -> list[Part]:
    """Each name ends above its axis."""
    parts: list[Part] = []
    at = 0
    for name, column in zip(shown, columns, strict=True):
        room = column + 1 - at
        log = " log" if _of(placed, name).log and len(name) + 5 <= room else ""
        text = fit(name + log, min(len(name + log), room - 1 if at else room))
        role = "primary+reverse" if name == look.chosen else "ask" if name in look.brushes else "strong"
        parts += [(" " * (room - len(text)), ""), (text, role)]
        at = column + 1
    return [*parts, (" " * (width - at), "")]


def _said(text: str, width: int, height: int) -> list[list[Part]]:
    rows: list[list[Part]] = [[(" " * width, "")] for _ in range(height)]
    rows[height // 2] = [(text.center(width)[:width], "faint")]
    return rows
