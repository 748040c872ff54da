"""Slices: the objective against each parameter, a panel each, with the best and the middle half of every stretch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from agent.tui.sights.field import Field
from agent.tui.sights.placed import BEST, MUTED, ROLES, Axis, Placed
from agent.tui.text import DASH, Part, fit, percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

LEAST_WIDE, LEAST_HIGH = 34, 9  # cells of a panel
_LEFT = 7  # cells of the objective's words
_BINS = 12
_SINGLE = 150  # trials that are drawn as points one can see singly
_ENOUGH = 4  # trials in a stretch whose middle half is shown
_JITTER = 0.3  # of a choice's strip to either side


@dataclass(frozen=True)
class Sliced:
    """`names` is the order of the panels, `chosen` the one that keys act on, `selected` a trial's number;
    `shares` are importances, where they are known."""

    names: Sequence[str]
    chosen: str = ""
    selected: int | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """Where a panel lies: its first cell, and its size."""

    name: str
    left: int
    top: int
    width: int
    height: int


def panels(look: Sliced, width: int, height: int) -> list[Panel]:
    """Those that have room, on the page of the chosen one."""
    across, down = max(width // LEAST_WIDE, 1), max(height // LEAST_HIGH, 1)
    names = list(look.names)
    if len(names) < across:
        across = max(len(names), 1)
    down = min(down, math.ceil(len(names) / across)) or 1
    room = across * down
    at = names.index(look.chosen) // room * room if look.chosen in names else 0
    wide, high = width // across, height // down
    return [
        Panel(name, i % across * wide, i // across * high, wide, high) for i, name in enumerate(names[at : at + room])
    ]


def draw(placed: Placed, look: Sliced, width: int, height: int) -> list[list[Part]]:
    """`height` rows of `width` cells."""
    if width < LEAST_WIDE - 8 or height < 5:
        return [[(" " * width, "")] for _ in range(height)]
    if not placed.ranked:
        rows: list[list[Part]] = [[(" " * width, "")] for _ in range(height)]
        said = "no trial has a value yet" if len(placed.numbers) else "no trials yet"
        rows[height // 2] = [(said.center(width), "faint")]
        return rows
    canvas = Field(width, height, ROLES)
    for panel in panels(look, width, height):
        _panel(canvas, placed, look, panel)
    return canvas.rows()


def dots(placed: Placed, panel: Panel) -> tuple[Ints, Ints, Ints]:
    """Where each trial's dot lies in the picture: indices into `placed` in drawing order, x and y in dots."""
    axis = next(a for a in placed.axes if a.name == panel.name)
    order = placed.order[~np.isnan(placed.heights[placed.order])]
    places = placed.column(panel.name)[order]
    wide, high = 2 * (panel.width - _LEFT - 2), 4 * (panel.height - 2)
    if axis.levels and axis.marks:
        spread = ((placed.numbers[order] * 0.6180339887) % 1.0 - 0.5) * 2 * _JITTER / len(axis.marks)
        places = places + spread
    known = np.where(np.isnan(places), 0.0, places)
    inner = np.clip(np.round(known * (wide - 1)), 0, wide - 1)
    x = np.where(np.isnan(places), wide + 1, inner) + 2 * (panel.left + _LEFT)
    y = np.round((1 - placed.heights[order]) * (high - 1)) + 4 * (panel.top + 1)
    return order, x.astype(np.int64), y.astype(np.int64)


def _panel(canvas: Field, placed: Placed, look: Sliced, panel: Panel) -> None:
    axis = next(a for a in placed.axes if a.name == panel.name)
    gone = bool(np.isnan(placed.column(panel.name)).any())
    _frame(canvas, axis, placed.objective, look, panel, gone=gone)
    order, x, y = dots(placed, panel)
    _stretches(canvas, placed, panel, axis)
    canvas.points(x, y, placed.shades[order])
    if len(order) <= _SINGLE:  # one dot of braille is hardly seen
        for column, row, shade in zip(x // 2, y // 4, placed.shades[order], strict=True):
            canvas.put(int(column), int(row), "•", ROLES[shade])
    found = np.flatnonzero(placed.numbers[order] == look.selected)
    if len(found):
        canvas.put(int(x[found[0]]) // 2, int(y[found[0]]) // 4, "●", "strong")


def _frame(canvas: Field, axis: Axis, objective: Axis, look: Sliced, panel: Panel, *, gone: bool) -> None:
    left, bottom, chosen = panel.left + _LEFT - 1, panel.top + panel.height - 1, panel.name == look.chosen
    share = f" {percent(look.shares[panel.name])}" if panel.name in look.shares else ""
    title = fit(f"{panel.name}{' log' if axis.log else ''}{share}", panel.width - _LEFT - 1).rstrip()
    canvas.put(left, panel.top, title, "primary+reverse" if chosen else "strong")
    edge = "primary" if chosen else "faint"
    for row in range(panel.top + 1, bottom):
        canvas.put(left, row, "│", edge)
    high = bottom - panel.top - 1
    taken: set[int] = set()
    for place, text in objective.marks:
        row = min(max(round((1 - place) * (4 * high - 1)) // 4, 0), high - 1)
        if row not in taken:
            taken |= {row - 1, row, row + 1}
            label = fit(text, min(len(text), _LEFT - 1))
            canvas.put(left - len(label), panel.top + 1 + row, label, "muted")
            canvas.put(left, panel.top + 1 + row, "┤", edge)
    wide = panel.width - _LEFT - 2
    canvas.put(left, bottom, "└" + "─" * wide, edge)
    end = left
    for place, text in sorted((p, t) for p, t in axis.marks if 0 <= p <= 1):
        start = min(max(left + 1 + round(place * (wide - 1)) - len(text) // 2, left + 1), left + 1 + wide - len(text))
        if start > end:
            canvas.put(start, bottom, text, "muted")
            end = start + len(text)
    if gone:
        canvas.put(left + 1 + wide, bottom, DASH, "muted")


def _stretches(canvas: Field, placed: Placed, panel: Panel, axis: Axis) -> None:
    """The best of each stretch as a line, and two for the middle half where there are enough trials."""
    places, heights = placed.column(panel.name), placed.heights
    known = ~np.isnan(places) & ~np.isnan(heights)
    if int(known.sum()) < 2 * _ENOUGH:
        return
    count = len(axis.marks) if axis.levels else _BINS
    stretch = np.minimum((places[known] * count).astype(np.int64), count - 1)
    ranks = {int(n): i for i, n in enumerate(placed.ranked)}
    order = np.array([ranks.get(int(n), 0) for n in placed.numbers[known]])
    held = heights[known]
    wide, high = 2 * (panel.width - _LEFT - 2), 4 * (panel.height - 2)
    left, top = 2 * (panel.left + _LEFT), 4 * (panel.top + 1)
    for i in range(count):
        mine = np.flatnonzero(stretch == i)
        if len(mine) < 2:
            continue
        x0, x1 = left + round(i * wide / count), left + round((i + 1) * wide / count) - 2
        best = held[mine[order[mine].argmin()]]
        levels = [(float(best), BEST)]
        if len(mine) >= _ENOUGH:
            levels += [(float(np.quantile(held[mine], q)), MUTED) for q in (0.25, 0.75)]
        for level, role in levels[::-1]:
            row = np.array([top + round((1 - level) * (high - 1))], dtype=np.int64)
            canvas.lines(x0, max(x1, x0), row, row, np.array([role], dtype=np.int64), sparse=role == MUTED)
