"""A stretch of a curve in buckets made from all its points: zooming in shows what was too fine before.

The buckets of the whole curve (buckets.py) grow with it and are never made anew; those of a stretch are made when it
or what lies in it changes. Each column of the stretch is looked up by bisection, and its lowest and highest value found
by the interpreter's own loops: 50,000 points take some milliseconds.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from agent.tui.charts.buckets import CAPACITY, Bucket, Buckets


def stretch(
    xs: Sequence[float],
    ys: Sequence[float],
    low: float,
    high: float,
    *,
    shift: float = 0.0,
    log: bool = False,
    columns: int = CAPACITY,
    kept: Kept | None = None,
) -> Buckets:
    """The points with `low <= x <= high`, x being `xs` (rising) less `shift`, in at most `columns` buckets, and one
    point more on each side, so that lines run to the edges. Those two count for the range of values only where there
    is no other. `log` makes the columns equal in ratio; `low` is above 0 then. `kept` remembers columns of the same
    curve, which may have grown since, but only at its end."""
    first, last = bisect_left(xs, low + shift), bisect_right(xs, high + shift)
    before = [_bucket(xs, ys, first - 1, first, shift)] if first > 0 else []
    after = [_bucket(xs, ys, last, last + 1, shift)] if last < len(xs) else []
    if kept is not None and not log and last - first > columns:
        inside = kept.buckets(xs, ys, first, last, shift, (high - low) / columns)
    else:
        inside = [_bucket(xs, ys, i, j, shift) for i, j in _columns(xs, first, last, low, high, shift, log, columns)]
    held = Buckets.of(inside, last - first, [*before, *after])
    if any(b.low <= 0 for b in inside):
        held.not_positive = sum(1 for v in ys[first:last] if v <= 0 and math.isfinite(v))
        held.low_positive = min((v for v in ys[first:last] if 0 < v < math.inf), default=math.inf)
    if held.gap is not None:
        held.gap = next((xs[i] - shift, ys[i]) for i in range(first, last) if not math.isfinite(ys[i]))
    return held


class Kept:
    """Columns at multiples of one width. A stretch that follows what is new moves over them, and only those at its two
    ends are made anew."""

    def __init__(self) -> None:
        self._size = 0.0
        self._known: dict[int, Bucket] = {}

    def buckets(
        self, xs: Sequence[float], ys: Sequence[float], first: int, last: int, shift: float, size: float
    ) -> list[Bucket]:
        """The points from `first` up to `last`, at most one column more than fit."""
        if abs(size - self._size) > 1e-9 * size:
            self._size, self._known = size, {}
        size, known = self._size, self._known
        begin, end = (math.floor((xs[i] - shift) / size) for i in (first, last - 1))
        found = []
        for k in range(begin, end + 1):
            inner = begin < k < end
            if inner and (held := known.get(k)) is not None:
                found.append(held)
                continue
            start = first if k == begin else bisect_left(xs, k * size + shift, first, last)
            stop = last if k == end else bisect_left(xs, (k + 1) * size + shift, start, last)
            if stop > start:
                found.append(_bucket(xs, ys, start, stop, shift))
                if inner:
                    known[k] = found[-1]
        if len(known) > 4 * (end - begin + 1):
            self._known = {k: b for k, b in known.items() if begin < k < end}
        return found


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
