"""The curve of one metric of one trial, ready to draw on either axis, smoothed or not."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from agent.tui.buckets import Buckets

STEP, TIME = "step", "time"


class CurveData:
    """Raw points in typed arrays (24 bytes each), and the buckets of the view asked for last."""

    def __init__(self) -> None:
        self.steps, self.values, self.ats = array("q"), array("d"), array("d")
        self._buckets = Buckets()
        self._view = (STEP, 0.0)
        self._smooth = math.nan

    def extend(self, steps: Sequence[int], values: Sequence[float], ats: Sequence[float]) -> None:
        """Adds points; equal lengths, in the order reported."""
        start = len(self.steps)
        self.steps.extend(steps)
        self.values.extend(values)
        self.ats.extend(ats)
        self._fill(start)

    def buckets(self, axis: str, smooth: float) -> Buckets:
        """The curve over `axis` ("step", or "time": seconds since its first report).

        `smooth` in [0, 1) is the weight of the past in an exponential average that corrects for its
        start as Adam does; 0 shows the values as they are.
        """
        if (axis, smooth) != self._view:
            self._view, self._buckets, self._smooth = (axis, smooth), Buckets(), math.nan
            self._seen = 0
            self._fill(0)
        return self._buckets

    _seen = 0  # finite values the average has taken in

    def _fill(self, start: int) -> None:
        axis, smooth = self._view
        origin = self.ats[0] if self.ats else 0.0
        for i in range(start, len(self.steps)):
            x = self.ats[i] - origin if axis == TIME else float(self.steps[i])
            self._buckets.add(x, self._smoothed(self.values[i], smooth))

    def _smoothed(self, value: float, smooth: float) -> float:
        if smooth <= 0 or not math.isfinite(value):
            return value
        self._seen += 1
        before = 0.0 if math.isnan(self._smooth) else self._smooth
        self._smooth = smooth * before + (1 - smooth) * value
        return self._smooth / (1 - smooth**self._seen)

    def at_step(self, step: int) -> float | None:
        """The value reported at `step`, the last one when there are several."""
        for i in range(len(self.steps) - 1, -1, -1):
            if self.steps[i] == step:
                return self.values[i]
        return None
