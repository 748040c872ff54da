"""The curve of one metric of one trial, ready to draw on any axis, smoothed or not."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from agent.tui.buckets import Buckets
from agent.tui.xaxis import RELATIVE, STEP, TIME

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

    def extend(self, steps: Sequence[int], values: Sequence[float], ats: Sequence[float]) -> None:
        """Adds points; equal lengths, in the order reported."""
        start = len(self.steps)
        self.steps.extend(steps)
        self.values.extend(values)
        self.ats.extend(ats)
        self._fill(start)

    @property
    def origin(self) -> float:
        """The time of day at which the relative axis has its 0."""
        first = self.ats[0] if self.ats else 0.0
        return first if self._began is None else min(self._began, first)

    def buckets(self, axis: str, smooth: float) -> Buckets:
        """The curve over `axis`.

        `smooth` in [0, 1) is the weight of the past in an exponential average that corrects for its
        start as Adam does; 0 shows the values as they are.
        """
        self._look(axis, smooth)
        return self._buckets

    def points(self, axis: str, smooth: float) -> tuple[Sequence[float], Sequence[float]]:
        """All points: x over `axis`, and the values, smoothed where asked for."""
        self._look(axis, smooth)
        xs: Sequence[float] = self.ats if axis == TIME else self.steps
        if axis == RELATIVE:
            origin = self.origin
            xs = array("d", (at - origin for at in self.ats))
        return xs, self._smoothed if smooth > 0 else self.values

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
