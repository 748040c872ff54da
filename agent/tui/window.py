"""A stretch of a curve in buckets made from all its points: zooming in shows what was too fine before.

The buckets of the whole curve (buckets.py) grow with it and are never made anew; those of a stretch are made when it
or what lies in it changes. Each column of the stretch is looked up by bisection, and its lowest and highest value found
by the interpreter's own loops: 50,000 points take some milliseconds.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from agent.tui.buckets import CAPACITY, Bucket, Buckets


def stretch(
    xs: Sequence[float],
    ys: Sequence[float],
    low: float,
    high: float,
    *,
    shift: float = 0.0,
    log: bool = False,
    columns: int = CAPACITY,
) -> Buckets:
    """The points with `low <= x <= high`, x being `xs` (rising) less `shift`, in at most `columns` buckets, and one
    point more on each side, so that lines run to the edges. Those two count for the range of values only where there
    is no other. `log` makes the columns equal in ratio; `low` is above 0 then."""
    first, last = bisect_left(xs, low + shift), bisect_right(xs, high + shift)
    before = [_bucket(xs, ys, first - 1, first, shift)] if first > 0 else []
    after = [_bucket(xs, ys, last, last + 1, shift)] if last < len(xs) else []
    inside = [_bucket(xs, ys, i, j, shift) for i, j in _columns(xs, first, last, low, high, shift, log, columns)]
    held = Buckets.of(inside, last - first, [*before, *after])
    if any(b.low <= 0 for b in inside):
        held.not_positive = sum(1 for v in ys[first:last] if v <= 0 and math.isfinite(v))
        held.low_positive = min((v for v in ys[first:last] if 0 < v < math.inf), default=math.inf)
    if held.gap is not None:
        held.gap = next((xs[i] - shift, ys[i]) for i in range(first, last) if not math.isfinite(ys[i]))
    return held


def _columns(
    xs: Sequence[float], first: int, last: int, low: float, high: float, shift: float, log: bool, columns: int
) -> list[tuple[int, int]]:
    """Where each column's points begin and end; columns without any are left out."""
    if last - first <= columns:
        return [(i, i + 1) for i in range(first, last)]
    found, start = [], first
    size = (high / low) ** (1 / columns) if log else (high - low) / columns
    for k in range(1, columns + 1):
        edge = low * size**k if log else low + size * k
        end = last if k == columns else bisect_left(xs, edge + shift, start, last)
        if end > start:
            found.append((start, end))
            start = end
    return found


def _bucket(xs: Sequence[float], ys: Sequence[float], start: int, end: int, shift: float) -> Bucket:
    values = ys[start:end]
    x_first, x_last = xs[start] - shift, xs[end - 1] - shift
    if math.isfinite(sum(values)):
        return Bucket(x_first, x_last, values[0], values[-1], min(values), max(values), False)
    finite = [v for v in values if math.isfinite(v)]
    gap = len(finite) < len(values)
    if not finite:
        return Bucket(x_first, x_last, math.nan, math.nan, math.inf, -math.inf, gap)
    return Bucket(x_first, x_last, finite[0], finite[-1], min(finite), max(finite), gap)
