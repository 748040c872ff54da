"""Draws curves into rows of coloured text: axes, braille lines, labels at their ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.scales import Scale, scale, wants_log
from agent.tui.charts import xaxis
from agent.tui.charts.braille import Canvas, in_dash
from agent.tui.charts.buckets import Bucket, Buckets, merged
from agent.tui.charts.plot_labels import end_labels, x_axis, y_labels
from agent.tui.text import Part


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
    """How to draw: `log` None chooses by the values; `axis` says what x is. `x_window` and `y_window` are what is
    looked at, all of it where None; the buckets are those of that stretch."""

    log: bool | None = None
    axis: str = xaxis.STEP
    mark: float | None = None  # an x to point at with a vertical line
    log_x: bool = False
    x_window: tuple[float, float] | None = None
    y_window: tuple[float, float] | None = None
    cursor: float | None = None  # where the cursor stands
    margin: int = 0  # cells for values at least, so that plots below one another have their axes in line


@dataclass(frozen=True)
class Frame:
    """A plot as rows of text, and where its canvas lies in them: cells from the left, and both scales; None where
    there was nothing to draw."""

    rows: list[list[Part]] = field(repr=False)
    left: int = 0
    width: int = 0
    height: int = 0
    x_scale: Scale | None = None
    y_scale: Scale | None = None

    def x_at(self, cell: float) -> float | None:
        """The x under a cell of the rows, held to the canvas."""
        if self.x_scale is None or self.width < 2:
            return None
        return self.x_scale.value(min(max((cell - self.left + 0.5) / self.width, 0.0), 1.0))

    def y_at(self, row: float) -> float | None:
        if self.y_scale is None or self.height < 2:
            return None
        return self.y_scale.value(1 - min(max((row + 0.5) / self.height, 0.0), 1.0))


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
    return frame(series, width, height, view).rows


def frame(series: Sequence[Series], width: int, height: int, view: View) -> Frame:
    """What `draw` draws, with its scales."""
    shown = [s for s in series if s.buckets.count]
    if not any(s.buckets.low <= s.buckets.high for s in shown) or height < 3 or width < 24:
        return Frame([[(" " * width, "")] for _ in range(height)])
    y_scale, x_scale = _scales(shown, is_log(shown, view), view)
    labels = y_labels(y_scale, height - 1)
    left = max(view.margin, *(len(text) for text in labels.values())) + 1
    right = max(len(s.label) for s in shown) + 1
    canvas = Canvas(width - left - right, height - 1)
    for x, role in ((view.mark, "faint"), (view.cursor, "text")):
        if x is not None and x_scale.low <= x <= x_scale.high:
            _draw_upright(canvas, x_scale, x, role)
    for one in shown:
        _draw_series(canvas, one, x_scale, y_scale)
    ends = end_labels([(s.label, s.role, s.buckets.last) for s in shown], y_scale, height - 1)
    rows = []
    for y, runs in enumerate(canvas.rows()):
        axis: list[Part] = [(labels.get(y, "").rjust(left - 1), "muted"), ("┤" if y in labels else "│", "faint")]
        label, role = ends.get(y, ("", ""))
        rows.append([*axis, *runs, (f" {label}".ljust(right), role)])
    rows.append(x_axis(x_scale, left, canvas.width, right, view.axis))
    return Frame(rows, left, canvas.width, canvas.height, x_scale, y_scale)


def _scales(series: Sequence[Series], log: bool, view: View) -> tuple[Scale, Scale]:
    drawn = [s.buckets for s in series if s.buckets.low <= s.buckets.high]
    low = min(b.low_positive if log else b.low for b in drawn)
    if view.y_window is not None and (view.y_window[0] > 0 or not log):
        y_scale = Scale(*view.y_window, log)
    else:
        y_scale = scale(low, max(b.high for b in drawn), log=log)
    x_low, x_high = min(s.buckets.x_low for s in series), max(s.buckets.x_high for s in series)
    if view.x_window is not None:
        x_low, x_high = view.x_window
    if x_high <= x_low:  # one report yet: it stands at the right end
        x_low, x_high = min(x_low - 1, 0.0), x_high
    return y_scale, Scale(x_low, x_high, view.log_x and x_low > 0)


def _column(canvas: Canvas, x_scale: Scale, x: float) -> int:
    unit = x_scale.unit(x)
    return -1 if unit is None else math.floor(unit * (canvas.dots_wide - 1) + 0.5)


def _rower(canvas: Canvas, y_scale: Scale) -> Callable[[float], int]:
    """Gives the dot row of a value; one that a logarithm cannot show lies just below the canvas."""
    bottom, high = canvas.dots_high - 1, canvas.dots_high
    if y_scale.log:
        log, base = math.log, math.log(y_scale.low)
        size = bottom / (math.log(y_scale.high) - base)
        return lambda value: round(bottom - (log(value) - base) * size) if value > 0 else high
    low, span = y_scale.low, y_scale.high - y_scale.low
    return lambda value: round(bottom - bottom * ((value - low) / span))  # divided first: a span may be next to nothing


def _columns(canvas: Canvas, buckets: Buckets, x_scale: Scale) -> Iterator[tuple[int, Bucket]]:
    """The buckets, those that fall into one column of dots made one."""
    x0, per_unit = x_scale.low, (canvas.dots_wide - 1) / (x_scale.high - x_scale.low)
    held: Bucket | None = None
    at = -1
    for bucket in buckets:
        if x_scale.log:
            x = _column(canvas, x_scale, bucket.x_first)
        else:
            x = math.floor((bucket.x_first - x0) * per_unit + 0.5)
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
    row_of, role, dashed = _rower(canvas, y_scale), one.role, one.dashed
    for x, (_, _, first, last, lowest, highest, gap) in _columns(canvas, one.buckets, x_scale):
        if lowest <= highest:
            high, low = row_of(highest), row_of(lowest)
            end = high if high == low else row_of(last)
            if before is not None and not dashed and before[0] == x - 1:  # neighbours: one run, up to the one before
                canvas.column(x, min(high, before[1] + 1), max(low, before[1] - 1), role)
            else:
                if before is not None:
                    canvas.line(*before, x, high if high == low else row_of(first), role, dashed=dashed)
                if not dashed or low - high > 2 or in_dash(x):
                    canvas.column(x, high, low, role)
            before = (x, end)
        if gap:
            before = None
    if one.buckets.count == 1 and before is not None:
        canvas.glyph(before[0] // 2, before[1] // 4, "•", one.role)  # one dot would hardly be seen
    if one.mark:
        _draw_mark(canvas, one, x_scale, y_scale)


def _draw_mark(canvas: Canvas, one: Series, x_scale: Scale, y_scale: Scale) -> None:
    x = one.buckets.gap[0] if one.buckets.gap else one.buckets.x_high
    if not x_scale.low <= x <= x_scale.high:
        return  # out of the window
    value = one.buckets.last
    row = _rower(canvas, y_scale)(value) // 4 if value is not None else 0
    row = min(max(row, 0), canvas.height - 1)
    canvas.glyph(_column(canvas, x_scale, x) // 2, row, one.mark, one.role)


def _draw_upright(canvas: Canvas, x_scale: Scale, at: float, role: str) -> None:
    x = _column(canvas, x_scale, at)
    for y in range(0, canvas.dots_high, 2):
        canvas.dot(x, y, role)
