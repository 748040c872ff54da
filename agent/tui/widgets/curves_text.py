"""What is written around the curves: the heading, the legend, and what stands at the cursor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from agent.study.nouns import Trial
from agent.tui.charts import xaxis
from agent.tui.charts.buckets import Buckets
from agent.tui.charts.curve import CurveData
from agent.tui.charts.looked import Looked
from agent.tui.ink.looks import look
from agent.tui.model import StudyModel
from agent.tui.text import Part, number, plural
from agent.tui.view import ViewState
from agent.tui.widgets.bar import Piece

KEYS = (  # of curves, for a line at the bottom; the last number says what is dropped first where it is narrow
    ("cursor", "cursor", 7),
    ("closer", "zoom", 6),
    ("closer-y", "zoom values", 5),
    ("window", "all", 6),
    ("metric", "metric", 5),
    ("grid", "grid", 4),
    ("ylog", "log", 4),
    ("smooth", "smooth", 3),
    ("xaxis", "axis", 3),
)
AXES = {xaxis.STEP: "steps", xaxis.TIME: "time", xaxis.RELATIVE: "since start"}


def options(now: Looked, *, log: bool, zoomed: bool, hidden: int) -> list[Piece]:
    """The right of the heading: axes, smoothing, and what is not to be seen."""
    view = now.view
    pieces = [Piece(f" {plural(hidden, 'value')} ≤ 0 hidden ", "ask", "ylog off", 6)] if hidden else []
    if zoomed:
        pieces.append(Piece(" zoomed, following " if now.chart.follows else " zoomed ", "ask", "window", 7))
    if now.hides_x:
        pieces.append(Piece(" x ≤ 0 hidden ", "ask", "xlog off", 6))
    axis = AXES[view.axis] + (" log" if now.log_x else "")
    smooth = number(view.smooth) if view.smooth else "off"
    return [
        *pieces,
        Piece(f" {axis} ", "muted", "xaxis", 3),
        Piece(f" y {'log' if log else 'linear'} ", "muted", "ylog", 4),
        Piece(f" smooth {smooth} ", "muted", "smooth", 2),
    ]


def legend(
    trial: Trial, model: StudyModel, view: ViewState, buckets: Buckets | None, *, other: bool = False
) -> list[Piece]:
    """`━ t18 ▶ .334`: line, name, state, value or where it broke; the curve's newest where it is of an `other` metric
    than the objective."""
    seen, role = look(trial), role_of(trial, view)
    best = model.best is not None and model.best.number == trial.number
    line = "╌╌" if best and trial.state.ended else "━━"
    command = f"select {trial.number}"
    value = trial.value if trial.value is not None else trial.last_value
    if other:
        value = buckets.last if buckets is not None else None
    said = f" {number(value)}" if value is not None else ""
    gap = buckets.gap if buckets is not None else None
    if gap is not None:
        said = f" {'nan' if math.isnan(gap[1]) else 'inf'}@{xaxis.text(gap[0], view.axis)}"
    keep = 5 if not trial.state.ended or best else 4
    return [
        Piece(f" {line} t{trial.number} ", role, command, keep),
        Piece(f"{'★' if best else seen.glyph}{said} ", "best" if best else seen.role, command, keep),
    ]


def role_of(trial: Trial, view: ViewState) -> str:
    return f"curve:{view.colours.get(str(trial.number), 0)}"


def at_cursor(
    shown: Sequence[Trial], curves: Mapping[int, CurveData], view: ViewState, at: float, near: float
) -> list[Piece]:
    """`step 1,200  t18 .334 (≈.341)`: each curve's value at its point nearest to the cursor, smoothed behind it; where
    that lies when it is farther away than `near`."""
    pieces = [Piece(f" {xaxis.exact(at, view.axis)} ", "strong", "cursor off", 9)]
    for place, (trial, text) in enumerate(values(shown, curves, view, at, near)):
        pieces.append(
            Piece(f" t{trial.number} {text} ", role_of(trial, view), f"select {trial.number}", 8 - min(place, 6))
        )
    return pieces


def values(
    shown: Sequence[Trial],
    curves: Mapping[int, CurveData],
    view: ViewState,
    at: float,
    near: float,
    *,
    brief: bool = False,
) -> list[tuple[Trial, str]]:
    """The front curve first; only what was reported where `brief`."""
    found = []
    for trial in reversed(shown):
        point = curves[trial.id].nearest(view.axis, view.smooth, at) if trial.id in curves else None
        if point is None:
            continue
        x, raw, smoothed = point
        text = number(raw) + (f" (≈{number(smoothed)})" if view.smooth and math.isfinite(raw) and not brief else "")
        found.append((trial, text if brief or abs(x - at) <= near else f"{text} @{xaxis.text(x, view.axis)}"))
    return found


def pane_title(
    name: str, beside: Sequence[tuple[Trial, str]], view: ViewState, *, log: bool, picked: bool, zoomed: bool = False
) -> list[Part]:
    """The line over a plot of the grid; with the cursor, what stands there."""
    parts: list[Part] = [("▌" if picked else " ", "primary"), (name, "strong" if picked else "text")]
    parts.append(("  log" if log else "", "faint"))
    parts.append(("  zoomed" if zoomed else "", "ask"))
    parts += [(f"  {text}", role_of(trial, view)) for trial, text in beside]
    return parts
