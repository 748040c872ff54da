"""What the x axis of the curves shows: steps, the time of day or since a trial began; and how it says so."""

from __future__ import annotations

import math
import time

from agent.scales import Scale, ticks
from agent.tui.text import seconds, steps

STEP, TIME, RELATIVE = "step", "time", "relative"
KINDS = (STEP, TIME, RELATIVE)
NAMES = {STEP: "steps", TIME: "time of day", RELATIVE: "time since it began"}
_DAY = 86_400
_SIZES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200)
_DAYS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def labels(of: Scale, most: int, kind: str) -> list[tuple[float, str]]:
    """At most `most` ticks with their texts: whole steps, round times."""
    if kind == STEP:
        return [(v, steps(round(v))) for v in ticks(of, most) if v == round(v)]
    if of.log or of.high - of.low < most:
        return [(v, text(v, kind, of.high - of.low)) for v in ticks(of, most)]
    shift = time.localtime(of.low).tm_gmtoff if kind == TIME else 0
    span = of.high - of.low
    for size in (*_SIZES, *(d * _DAY for d in _DAYS)):
        first = math.ceil((of.low + shift) / size)
        last = math.floor((of.high + shift) / size)
        if last - first + 1 <= most:
            return [(v, text(v, kind, span)) for k in range(first, last + 1) for v in [float(k * size - shift)]]
    return []


def text(value: float, kind: str, span: float = 60.0) -> str:
    """One x as it is written: `6.1k`, `14:05`, `4m`. `span` is how much the axis shows."""
    if kind == STEP:
        return steps(round(value))
    if kind == RELATIVE:
        return ("−" if value < 0 else "") + seconds(abs(value))
    return clock(value, span)


def exact(value: float, kind: str) -> str:
    """One x in full, as the line of the cursor says it."""
    if kind == STEP:
        return f"step {round(value):,}"
    if kind == TIME:
        return time.strftime("%d %b %H:%M:%S", time.localtime(value))
    hours, rest = divmod(abs(value), 3600)
    minutes, rest = divmod(rest, 60)
    whole = f"{hours:.0f}:{minutes:02.0f}:{math.floor(rest):02d}" if hours else f"{minutes:.0f}:{math.floor(rest):02d}"
    return ("−" if value < 0 else "+") + (whole if abs(value) >= 60 else f"{rest:.1f}s")


def clock(at: float, span: float) -> str:
    """A time of day, as finely as `span` seconds on the axis need."""
    local = time.localtime(at)
    if span > 3 * _DAY or (span > 20 * 3600 and local.tm_hour == local.tm_min == 0):
        return time.strftime("%d %b", local)
    return time.strftime("%H:%M:%S" if span < 300 else "%H:%M", local)
