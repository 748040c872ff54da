"""The curve of one metric of one trial, ready to draw on any axis, smoothed or not, as a whole or a stretch of it."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from agent.tui.charts.buckets import CAPACITY, Buckets
from agent.tui.charts.window import Kept, stretch
from agent.tui.charts.xaxis import RELATIVE, STEP, TIME

__all__ = ["RELATIVE", "STEP", "TIME", "CurveData"]


class CurveData:
    """Raw points in typed arrays (24 bytes each, 8 more where they are smoothed), and the buckets of the view
    asked for last. `began` is when its trial began, the 0 of the relative axis: its first report where that is
    not known, or earlier (clocks of two machines differ)."""

    def __init__(self, began: float | None = None) -> None:
        self.steps, self.values, self.ats = array("q"), array("d"), array("d")
        self._began = began
        self._buckets = Buckets()
        self._view = (STEP, 0.0)
        self._average = _Average(0.0)
        self._smoothed = array("d")
        self._rises = {STEP: True, TIME: True}  # whether each x is at least the one before
        self._sorted: dict[str, tuple[int, Sequence[float], Sequence[float]]] = {}
        self._stretch: tuple[object, Buckets] | None = None
        self._kept, self._kept_of = Kept(), (STEP, 0.0, 0.0)

    def extend(self, steps: Sequence[int], values: Sequence[float], ats: Sequence[float]) -> None:
        """Adds points; equal lengths, in the order reported."""
        start = len(self.steps)
        self.steps.extend(steps)
        self.values.extend(values)
        self.ats.extend(ats)
        for axis, xs in ((STEP, self.steps), (TIME, self.ats)):
            if self._rises[axis]:
                self._rises[axis] = all(a <= b for a, b in pairwise(xs[max(start - 1, 0) :]))
        self._fill(start)

    @property
    def origin(self) -> float:
        """The time of day at which the relative axis has its 0."""
        first = self.ats[0] if self.ats else 0.0
        return first if self._began is None else min(self._began, first)

    @property
    def newest(self) -> float | None:
        """The last finite value."""
        return next((v for v in reversed(self.values) if math.isfinite(v)), None)

    def extent(self, axis: str) -> tuple[float, float] | None:
        """The lowest and the highest x; None without a point."""
        whole = self.buckets(axis, self._view[1])
        return (whole.x_low, whole.x_high) if whole.count else None

    def buckets(self, axis: str, smooth: float) -> Buckets:
        """The curve over `axis`.

        `smooth` in [0, 1) is the weight of the past in an exponential average that corrects for its
        start as Adam does; 0 shows the values as they are.
        """
        self._look(axis, smooth)
        return self._buckets

    def stretch(
        self, axis: str, smooth: float, low: float, high: float, *, log: bool = False, columns: int = CAPACITY
    ) -> Buckets:
        """What lies between two x, as fine as its points are; made anew only when something in it has changed."""
        xs, ys = self._ordered(axis, smooth)
        shift = self.origin if axis == RELATIVE else 0.0
        reach = (bisect_left(xs, low + shift), min(bisect_right(xs, high + shift) + 1, len(xs)))
        kept = None
        if self._rises[STEP if axis == STEP else TIME]:
            if self._kept_of != (axis, smooth, shift):
                self._kept_of, self._kept = (axis, smooth, shift), Kept()
            kept = self._kept
        key = (axis, smooth, low, high, log, columns, shift, reach)
        if self._stretch is None or self._stretch[0] != key:
            self._stretch = key, stretch(xs, ys, low, high, shift=shift, log=log, columns=columns, kept=kept)
        return self._stretch[1]

    def points(self, axis: str, smooth: float) -> tuple[Sequence[float], Sequence[float]]:
        """All points as reported: x over `axis`, and the values, smoothed where asked for."""
        self._look(axis, smooth)
        xs: Sequence[float] = self.steps if axis == STEP else self.ats
        if axis == RELATIVE:
            origin = self.origin
            xs = array("d", (at - origin for at in self.ats))
        return xs, self._smoothed if smooth > 0 else self.values

    def first_above_zero(self, axis: str) -> float | None:
        """The lowest x that a logarithm has."""
        xs, _ = self._ordered(axis, 0.0)
        shift = self.origin if axis == RELATIVE else 0.0
        at = bisect_right(xs, shift)
        return float(xs[at]) - shift if at < len(xs) else None

    def times(self, axis: str, low: float, high: float) -> tuple[float, float] | None:
        """When what lies between two x was reported; None where nothing was."""
        if axis == RELATIVE:
            return low + self.origin, high + self.origin
        if not self._rises[STEP] or axis == TIME:
            inside = [at for x, at in zip(self.points(axis, 0.0)[0], self.ats, strict=True) if low <= x <= high]
            return (min(inside), max(inside)) if inside else None
        first, last = bisect_left(self.steps, low), bisect_right(self.steps, high)
        return (self.ats[first], self.ats[last - 1]) if first < last else None

    def nearest(self, axis: str, smooth: float, x: float) -> tuple[float, float, float] | None:
        """The point closest to `x`: its own x, its value, and what the smoothed curve shows there. None without one."""
        if not self.steps:
            return None
        xs, raw = self._ordered(axis, 0.0)
        shift = self.origin if axis == RELATIVE else 0.0
        at = bisect_left(xs, x + shift)
        if at == len(xs) or (at > 0 and x + shift - xs[at - 1] <= xs[at] - (x + shift)):
            at -= 1
        value = raw[at]
        return float(xs[at]) - shift, value, self._ordered(axis, smooth)[1][at] if smooth > 0 else value

    def _ordered(self, axis: str, smooth: float) -> tuple[Sequence[float], Sequence[float]]:
        """Points with x rising (a restarted script may count its steps anew); relative x not yet shifted."""
        if smooth > 0:
            self._look(self._view[0], smooth)
        kind = STEP if axis == STEP else TIME
        xs: Sequence[float] = self.steps if axis == STEP else self.ats
        ys: Sequence[float] = self._smoothed if smooth > 0 else self.values
        if self._rises[kind]:
            return xs, ys
        name = f"{kind}:{smooth}"
        if (kept := self._sorted.get(name)) is None or kept[0] != len(xs):
            order = sorted(range(len(xs)), key=xs.__getitem__)
            kept = len(xs), array("d", (xs[i] for i in order)), array("d", (ys[i] for i in order))
            self._sorted = {k: v for k, v in self._sorted.items() if v[0] == len(xs)} | {name: kept}
        return kept[1], kept[2]

    def _look(self, axis: str, smooth: float) -> None:
        if (axis, smooth) != self._view:
            if smooth != self._view[1]:
                self._average, self._smoothed = _Average(smooth), array("d")
            self._view, self._buckets = (axis, smooth), Buckets()
            self._fill(0)

    def _fill(self, start: int) -> None:
        axis, smooth = self._view
        shown = self.values
        if smooth > 0:
            self._smoothed.extend(self._average.add(v) for v in self.values[len(self._smoothed) :])
            shown = self._smoothed
        origin = self.origin if axis == RELATIVE else 0.0
        xs: Sequence[float] = self.steps if axis == STEP else self.ats
        for i in range(start, len(self.steps)):
            self._buckets.add(float(xs[i]) - origin, shown[i])

    def at_step(self, step: int) -> float | None:
        """The value reported at `step`, the last one when there are several."""
        for i in range(len(self.steps) - 1, -1, -1):
            if self.steps[i] == step:
                return self.values[i]
        return None


class _Average:
    """An exponential average that passes over what is not finite."""

    def __init__(self, smooth: float) -> None:
        self._smooth, self._held, self._seen = smooth, 0.0, 0

    def add(self, value: float) -> float:
        if not math.isfinite(value):
            return value
        self._seen += 1
        self._held = self._smooth * self._held + (1 - self._smooth) * value
        return self._held / (1 - self._smooth**self._seen)
