"""Line plots as vectors: axes, ticks, a legend, logarithmic or linear; several beside each other where asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from agent.scales import Scale, scale, ticks
from agent.tui.charts import xaxis
from agent.tui.ink.colours import Colours
from agent.tui.pictures.strokes import Ground, left_out, stroke, stroke_mark
from agent.tui.pictures.svg import Svg, colour, path, rect, text
from agent.tui.text import param, plural

_SINGLE, _SMALL = (960.0, 540.0), (620.0, 360.0)
_LEFT, _RIGHT, _BOTTOM = 66.0, 20.0, 46.0
_LETTER, _SMALL_LETTER = 13.0, 11.5
_ADVANCE = 0.602  # of a letter of fixed width, as a share of its size


@dataclass(frozen=True, kw_only=True)
class Line:
    """One curve: all its points, rising in x. `raw` are its values before they were smoothed, drawn faintly."""

    label: str
    role: str
    xs: Sequence[float]
    ys: Sequence[float]
    raw: Sequence[float] = ()
    dashed: bool = False
    note: str = ""  # said after its label
    broken: bool = False  # ends badly: a cross where its last finite value is


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One plot. `x_window` and `y_window` are what is looked at; all of it where None."""

    title: str
    lines: Sequence[Line]
    x_kind: str = xaxis.STEP
    log_x: bool = False
    log_y: bool = False
    x_window: tuple[float, float] | None = None
    y_window: tuple[float, float] | None = None
    notes: Sequence[str] = field(default=())


def plots(figures: Sequence[Figure], ink: Colours) -> Svg:
    """One figure large, several in a grid as square as it can be."""
    width, height = _SINGLE if len(figures) == 1 else _SMALL
    columns = math.ceil(math.sqrt(len(figures)))
    out: list[str] = []
    for number, figure in enumerate(figures):
        down, across = divmod(number, columns)
        out += _plot(figure, ink, across * width, down * height, (width, height), number)
    rows = math.ceil(len(figures) / columns)
    return Svg("\n".join(line for line in out if line), columns * width, rows * height, ink.background)


def _plot(figure: Figure, ink: Colours, x: float, y: float, size: tuple[float, float], number: int) -> list[str]:
    strong, muted = ink.roles["strong"], ink.roles["muted"]
    legend, rows = _legend(figure, ink, x + _LEFT, y + 44, size[0] - _LEFT - _RIGHT)
    top = 44 + rows * 18 + 4
    x_scale, y_scale = _scales(figure)
    ground = Ground(x + _LEFT, y + top, size[0] - _LEFT - _RIGHT, size[1] - top - _BOTTOM, x_scale, y_scale)
    out = [text(x + _LEFT, y + 24, figure.title, strong, size=15, bold=True), *legend, *_axes(ground, figure, ink)]
    if not any(math.isfinite(v) for line in figure.lines for v in line.ys):
        middle = (ground.x + ground.width / 2, ground.y + ground.height / 2)
        out.append(text(*middle, "no reports yet", muted, anchor="middle", size=_LETTER))
        return out
    clip = f"plot{number}"
    out.append(
        f'<clipPath id="{clip}">{rect(ground.x, ground.y - 2, ground.width, ground.height + 4, "#000")}</clipPath>'
    )
    out.append(f'<g clip-path="url(#{clip})" stroke-linejoin="round" stroke-linecap="round">')
    for line in figure.lines:
        shade = colour(ink, line.role)
        if line.raw:
            out.append(path(stroke(ground, line.xs, line.raw), shade, width=1.0, more='stroke-opacity="0.3"'))
        dashes = 'stroke-dasharray="8 5"' if line.dashed else ""
        out.append(path(stroke(ground, line.xs, line.ys), shade, width=1.8, more=dashes))
    out.append("</g>")
    out += [
        path(stroke_mark(ground, li.xs, li.ys), colour(ink, li.role), width=2.2) for li in figure.lines if li.broken
    ]
    said = "  ·  ".join([*figure.notes, *_left_out(figure)])
    return [*out, text(x + _LEFT, y + size[1] - 8, said, muted, size=_SMALL_LETTER)]


def _scales(figure: Figure) -> tuple[Scale, Scale]:
    """The axes that hold what is in the window, or the window itself."""
    window = figure.x_window
    xs = [v for line in figure.lines if len(line.xs) for v in (line.xs[0], line.xs[-1])]
    if figure.log_x:  # the first that a logarithm has
        positive = [v for line in figure.lines for v in line.xs if v > 0]
        xs = [min(positive), *xs] if positive else xs
    low, high = window or (min((v for v in xs if v > 0 or not figure.log_x), default=0.0), max(xs, default=1.0))
    log_x = figure.log_x and low > 0
    x_scale = Scale(low, high, log_x) if high > low else Scale(low - 1, low + 1)
    seen = [
        v
        for line in figure.lines
        for x, v in zip(line.xs, line.ys, strict=True)
        if low <= x <= high and math.isfinite(v)
    ]
    shown = [v for v in seen if v > 0] if figure.log_y else seen
    if figure.y_window is not None and (figure.y_window[0] > 0 or not figure.log_y):
        return x_scale, Scale(*figure.y_window, figure.log_y)
    if not shown:
        return x_scale, Scale(0.0, 1.0)
    return x_scale, scale(min(shown), max(shown), log=figure.log_y)


def _axes(ground: Ground, figure: Figure, ink: Colours) -> list[str]:
    muted, out = ink.roles["muted"], []
    grid: list[str] = []
    for value in ticks(ground.y_scale, max(int(ground.height // 45), 2)):
        y = ground.down(value)
        grid.append(f"M{ground.x:.1f} {y:.1f}h{ground.width:.1f}")
        out.append(text(ground.x - 8, y + 4, param(value), muted, anchor="end", size=_SMALL_LETTER))
    for value, said in xaxis.labels(ground.x_scale, max(int(ground.width // 90), 2), figure.x_kind):
        x = ground.across(value)
        grid.append(f"M{x:.1f} {ground.y:.1f}v{ground.height:.1f}")
        out.append(text(x, ground.bottom + 16, said, muted, anchor="middle", size=_SMALL_LETTER))
    name = xaxis.NAMES[figure.x_kind] + (", log" if ground.x_scale.log else "")
    out.append(text(ground.x + ground.width, ground.bottom + 34, name, muted, anchor="end", size=_SMALL_LETTER))
    if ground.y_scale.log:
        out.append(text(ground.x - 8, ground.y - 8, "log", muted, anchor="end", size=_SMALL_LETTER))
    edge = f"M{ground.x:.1f} {ground.y:.1f}v{ground.height:.1f}h{ground.width:.1f}"
    return [path(grid, ink.edge, more='stroke-opacity="0.6"'), path([edge], ink.roles["faint"]), *out]


def _legend(figure: Figure, ink: Colours, x: float, y: float, width: float) -> tuple[list[str], int]:
    """Swatches with their labels, in as many rows as they need; the rows."""
    out: list[str] = []
    at, row = 0.0, count(1)
    rows = next(row) if figure.lines else 0
    for line in figure.lines:
        said = f"{line.label}  {line.note}".rstrip()
        size = 34 + len(said) * _LETTER * _ADVANCE
        if at and at + size > width:
            at, rows = 0.0, next(row)
        down = y + (rows - 1) * 18
        dashes = 'stroke-dasharray="6 4"' if line.dashed else ""
        out.append(path([f"M{x + at:.1f} {down - 4:.1f}h22"], colour(ink, line.role), width=2.2, more=dashes))
        out.append(text(x + at + 28, down, said, ink.roles["text"], size=_LETTER - 1))
        at += size + 14
    return out, rows


def _left_out(figure: Figure) -> list[str]:
    """What a logarithm cannot show, counted."""
    said = []
    if figure.log_y and (values := sum(left_out(line.ys) for line in figure.lines)):
        said.append(f"{plural(values, 'value')} ≤ 0 not drawn: a logarithm has none")
    if figure.log_x and (points := sum(left_out(line.xs) for line in figure.lines)):
        said.append(f"{plural(points, 'point')} at x ≤ 0 not drawn")
    return said
