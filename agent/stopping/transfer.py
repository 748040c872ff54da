"""What a trial that was cut would have come to: by how those that were where it was went on."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

from agent.stopping.run import Frame, Run


def estimate(run: Run, runs: Sequence[Run]) -> float | None:
    """The final loss of the same rank as the run's present one has among the completed runs at this point.

    Never better than the best that completed, nor, where the best report counts, worse than what it has. None when
    nothing completed came as far or it has no finite value. It depends on ranks alone: no shape of curve is assumed.
    """
    frame = Frame.of(run, runs)
    position = frame.position(run)
    pairs = [(frame.level(o, position), o.now) for o in runs if o.completed and o.number != run.number]
    levels = sorted(level for level, _ in pairs if level is not None and math.isfinite(level))
    finals = sorted(final for level, final in pairs if level is not None and math.isfinite(final))
    if not levels or not finals or math.isinf(run.now):
        return None
    found = _at(finals, _share(levels, run.now)) + max(run.now - levels[-1], 0.0)
    return max(found if run.last else min(found, run.now), finals[0])


def _share(levels: Sequence[float], value: float) -> float:
    """Where `value` lies among the sorted levels: 0 the first, 1 the last, between two in proportion."""
    if value <= levels[0] or len(levels) == 1:
        return 0.0 if value <= levels[0] else 1.0
    if value >= levels[-1]:
        return 1.0
    i = bisect_left(levels, value)
    low, high = levels[i - 1], levels[i]
    return (i - 1 + (value - low) / (high - low)) / (len(levels) - 1)


def _at(values: Sequence[float], share: float) -> float:
    """The value at a share of the sorted values."""
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])
