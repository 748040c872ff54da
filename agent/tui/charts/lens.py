"""What stretch of the curves is looked at, and how it moves: zooming, panning, following what is new."""

from __future__ import annotations

import math
from collections.abc import Sequence

Window = tuple[float, float]
ZOOM = 1.5  # a key press
_LEAST = 1e-9  # of all there is; below it numbers run out
_EDGE = 1e-6  # how close to the right edge counts as being there


def zoomed(window: Window | None, whole: Window, factor: float, at: float, *, log: bool = False) -> Window | None:
    """`factor` above 1 looks closer, below 1 from farther away; `at` stays where it is. None is all of it."""
    low, high, first, last, place = _logs((*(window or whole), *whole, at), log)
    place = min(max(place, low), high)
    size = (high - low) / factor
    least = max(_LEAST * (last - first), 1e-12 * max(abs(first), abs(last)))
    if size < least:
        return window
    if size >= (last - first) * (1 - 1e-9):
        return None
    start = place - (place - low) / factor
    return _fitted(start, start + size, first, last, log)


def panned(window: Window | None, whole: Window, share: float, *, log: bool = False) -> Window | None:
    """Moved by a share of what is seen; it stops at the ends of all there is. All of it does not move."""
    if window is None:
        return None
    low, high, first, last = _logs((*window, *whole), log)
    by = share * (high - low)
    return _fitted(low + by, high + by, first, last, log)


def between(one: float, other: float, whole: Window) -> Window | None:
    """From one place to the other; None where they are the same."""
    low, high = max(min(one, other), whole[0]), min(max(one, other), whole[1])
    return (low, high) if high - low > _LEAST * (whole[1] - whole[0]) else None


def is_at_end(window: Window, whole: Window) -> bool:
    """Whether the newest points are in sight at its right edge."""
    return window[1] >= whole[1] - _EDGE * (whole[1] - whole[0])


def following(window: Window, whole: Window, *, log: bool = False) -> Window:
    """As wide as it was, its right edge at the newest point."""
    if window[1] >= whole[1]:
        return window
    low, high, last = _logs((*window, whole[1]), log)
    return _plain(low + last - high, last, log)


def _fitted(low: float, high: float, first: float, last: float, log: bool) -> Window:
    """Moved as little as needed to lie within all there is."""
    by = max(first - low, 0.0) or min(last - high, 0.0)
    return _plain(low + by, min(high + by, last), log)


def _logs(values: Sequence[float], log: bool) -> list[float]:
    return [math.log(max(v, 1e-300)) for v in values] if log else list(values)


def _plain(low: float, high: float, log: bool) -> Window:
    return (math.exp(low), math.exp(high)) if log else (low, high)
