"""Draws curves into rows of coloured text: axes, braille lines, labels at their ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.tui import xaxis
from agent.tui.axis import Scale, scale, ticks, wants_log
from agent.tui.braille import Canvas, in_dash
from agent.tui.buckets import Bucket, Buckets, merged
from agent.tui.text import Part, fit, param


@dataclass(frozen=True)
class Series:
    """One curve to draw. `mark` stands where it ends badly (`✗`), `label` beside its end."""

    label: str
    role: str
    buckets: Buckets
    dashed: bool = False
    mark: str = ""


@dataclass(frozen=True)
class View:
    """How to draw: `log` None chooses by the values; `axis` says what x is."""

    log: bool | None = None
    axis: str = xaxis.STEP
    cursor: float | None = None  # an x to mark with a vertical line


def is_log(series: Sequence[Series], view: View) -> bool:
    """Whether the y axis is logarithmic; never when there is nothing above 0 to show."""
    shown = [s.buckets for s in series if s.buckets.low <= s.buckets.high]
    lowest = min((b.low_positive for b in shown), default=math.inf)
    if view.log is not None:
        return view.log and math.isfinite(lowest)
    low, high = min((b.low for b in shown), default=0.0), max((b.high for b in shown), default=0.0)
    return wants_log(lowest, low, high)


def draw(series: Sequence[Series], width: int, height: int, view: View) -> list[list[Part]]:
    """`height` rows of `width` cells. Blank rows when there is no room or nothing finite."""
    shown = [s for s in series if s.buckets.count]
    if not any(s.buckets.low <= s.buckets.high for s in shown) or height < 3 or width < 24:
        return [[(" " * width, "")] for _ in range(height)]
    y_scale, x_scale = _scales(shown, is_log(shown, view))
    labels = _y_labels(y_scale, height - 1)
    left = max(len(text) for text in labels.values()) + 1
    right = max(len(s.label) for s in shown) + 1
    canvas = Canvas(width - left - right, height - 1)
    if view.cursor is not None:
        _draw_cursor(canvas, x_scale, view.cursor)
    for one in shown:
        _draw_series(canvas, one, x_scale, y_scale)
    ends = _end_labels(shown, y_scale, height - 1)
    rows = []
    for y, runs in enumerate(canvas.rows()):
        axis: list[Part] = [(labels.get(y, "").rjust(left - 1), "muted"), ("┤" if y in labels else "│", "faint")]
        label, role = ends.get(y, ("", ""))
        rows.append([*axis, *runs, (f" {label}".ljust(right), role)])
    rows.append(_x_axis(x_scale, left, canvas.width, right, view.axis))
    return rows


def _scales(series: Sequence[Series], log: bool) -> tuple[Scale, Scale]:
    drawn = [s.buckets for s in series if s.buckets.low <= s.buckets.high]
    low = min(b.low_positive if log else b.low for b in drawn)
    x_low, x_high = min(s.buckets.x_low for s in series), max(s.buckets.x_high for s in series)
    if x_high <= x_low:  # one report yet: it stands at the right end
        x_low, x_high = min(x_low - 1, 0.0), x_high
    x_scale = Scale(x_low, x_high)
    return scale(low, max(b.high for b in drawn), log=log), x_scale


def _column(canvas: Canvas, x_scale: Scale, x: float) -> int:
    return round((x_scale.unit(x) or 0.0) * (canvas.dots_wide - 1))


def _row(canvas: Canvas, y_scale: Scale, value: float) -> int:
    """The dot row of a value; one that a logarithm cannot show lies just below the canvas."""
    unit = y_scale.unit(value)
    return canvas.dots_high if unit is None else round((1 - unit) * (canvas.dots_high - 1))


def _columns(canvas: Canvas, buckets: Buckets, x_scale: Scale) -> Iterator[tuple[int, Bucket]]:
    """The buckets, those that fall into one column of dots made one."""
    x0, per_unit = x_scale.low, (canvas.dots_wide - 1) / (x_scale.high - x_scale.low)
    held: Bucket | None = None
    at = -1
    for bucket in buckets:
        x = int((bucket.x_first - x0) * per_unit + 0.5)
        if held is not None and x == at:
            held = merged(held, bucket)
            continue
        if held is not None:
            yield at, held
        held, at = bucket, x
    if held is not None:
        yield at, held


def _draw_series(canvas: Canvas, one: Series, x_scale: Scale, y_scale: Scale) -> None:
    """Each column is a vertical run from its lowest to its highest value, joined to the next by a line."""
    before: tuple[int, int] | None = None
    for x, bucket in _columns(canvas, one.buckets, x_scale):
        if bucket.finite:
            high, low = _row(canvas, y_scale, bucket.high), _row(canvas, y_scale, bucket.low)
            flat = high == low
            y = high if flat else _row(canvas, y_scale, bucket.first)
            if before is not None:
                canvas.line(*before, x, y, one.role, dashed=one.dashed)
            if not one.dashed or low - high > 2 or in_dash(x):
                canvas.column(x, high, low, one.role)
            before = (x, high if flat else _row(canvas, y_scale, bucket.last))
        if bucket.gap:
            before = None
    if one.buckets.count == 1 and before is not None:
        canvas.glyph(before[0] // 2, before[1] // 4, "•", one.role)  # one dot would hardly be seen
    if one.mark:
        _draw_mark(canvas, one, x_scale, y_scale)


def _draw_mark(canvas: Canvas, one: Series, x_scale: Scale, y_scale: Scale) -> None:
    x = one.buckets.gap[0] if one.buckets.gap else one.buckets.x_high
    value = one.buckets.last
    row = _row(canvas, y_scale, value) // 4 if value is not None else 0
    row = min(max(row, 0), canvas.height - 1)
    canvas.glyph(_column(canvas, x_scale, x) // 2, row, one.mark, one.role)


def _draw_cursor(canvas: Canvas, x_scale: Scale, at: float) -> None:
    x = _column(canvas, x_scale, at)
    for y in range(0, canvas.dots_high, 2):
        canvas.dot(x, y, "faint")


def _y_labels(y_scale: Scale, height: int) -> dict[int, str]:
    """Tick texts by cell row."""
    found: dict[int, str] = {}
    for value in ticks(y_scale, max(height // 3, 2)):
        unit = y_scale.unit(value)
        if unit is not None and 0 <= unit <= 1:
            found.setdefault(min(int((1 - unit) * height), height - 1), param(value))
    return found or {0: param(y_scale.high)}


def _end_labels(series: Sequence[Series], y_scale: Scale, height: int) -> dict[int, Part]:
    """Each curve's label at the row where it ends, moved up or down where two would share one."""
    wanted: list[tuple[float, Series]] = []
    for one in series:
        unit = None if one.buckets.last is None else y_scale.unit(one.buckets.last)
        wanted.append((min(max(1 - unit, 0.0), 1.0) * (height - 1) if unit is not None else 0.0, one))
    found: dict[int, Part] = {}
    for row, one in sorted(wanted, key=lambda pair: pair[0]):
        near = sorted(range(height), key=lambda y: (abs(y - row), y))
        free = next((y for y in near if y not in found), None)
        if free is not None:
            found[free] = (one.label, one.role)
    return found


def _x_axis(x_scale: Scale, left: int, width: int, right: int, kind: str) -> list[Part]:
    """The line below the plot with its tick texts; the last one names the unit."""
    line = ["─"] * width
    end = -1
    labels = xaxis.labels(x_scale, max(width // 10, 2), kind)
    for place, (value, text) in enumerate(labels, 1):
        text += " steps" if kind == xaxis.STEP and place == len(labels) else ""
        at = round((x_scale.unit(value) or 0.0) * (width - 1))
        start = min(max(at - len(text) // 2, 0), width - len(text))
        if start > end and start >= 0:
            line[start : start + len(text)] = list(text)
            end = start + len(text)
    return [(fit("", left - 1), ""), ("└", "faint"), *_split_rule("".join(line)), (" " * right, "")]


def _split_rule(text: str) -> list[Part]:
    """The rule faint, the numbers on it muted."""
    parts: list[Part] = []
    for char in text:
        role = "faint" if char == "─" else "muted"
        if parts and parts[-1][1] == role:
            parts[-1] = (parts[-1][0] + char, role)
        else:
            parts.append((char, role))
    return parts
