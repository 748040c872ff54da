"""Scales and round ticks for the axes of plots, in the terminal and in pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass

_LARGEST = 1e300  # what lies beyond is drawn at the edge; differences must stay finite
_LARGEST_LOG = 1e140  # and ratios, with the air beside them


@dataclass(frozen=True)
class Scale:
    """Maps [low, high] to [0, 1], linearly or by logarithm. `low < high`; both above 0 where `log`."""

    low: float
    high: float
    log: bool = False

    def unit(self, value: float) -> float | None:
        """Where `value` lies; below 0 or above 1 outside; None where a logarithm has none."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        return math.log(value / self.low) / math.log(self.high / self.low) if value > 0 else None

    def value(self, unit: float) -> float:
        """What lies there: the inverse of `unit`."""
        return self.low * (self.high / self.low) ** unit if self.log else self.low + unit * (self.high - self.low)


def scale(low: float, high: float, *, log: bool = False) -> Scale:
    """A scale that holds low…high with a little air, whatever they are."""
    low, high = (min(max(v, -_LARGEST), _LARGEST) for v in (low, high))
    if log:
        low, high = (min(max(v, 1 / _LARGEST_LOG), _LARGEST_LOG) for v in (low, high))
        if high / low < 1.0001:
            return Scale(low / 1.1, high * 1.1, True)
        air = (high / low) ** 0.03
        return Scale(low / air, high * air, True)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        air = abs(high) * 0.1
        return Scale(low - air, high + air) if air else Scale(0.0, 1.0)
    air = 0.03 * (high - low)
    return Scale(low - air, high + air)


def wants_log(low_positive: float, low: float, high: float) -> bool:
    """Whether values span so much that a linear axis would hide most of them."""
    return low > 0 and math.isfinite(low_positive) and high / low > 5


def ticks(of: Scale, most: int) -> list[float]:
    """At most `most` round values inside the scale, rising; at least one where there is any."""
    if most < 1:
        return []
    return _log_ticks(of, most) if of.log else _linear_ticks(of, most)


def _linear_ticks(of: Scale, most: int) -> list[float]:
    raw = (of.high - of.low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    for step in (1, 2, 2.5, 5, 10, 20, 25, 50):
        size = step * power
        first, last = math.ceil(of.low / size - 1e-9), math.floor(of.high / size + 1e-9)
        if size >= raw and last - first + 1 <= most:
            return [float(f"{k * size:.12g}") for k in range(first, last + 1)]
    return []


def _log_ticks(of: Scale, most: int) -> list[float]:
    first, last = math.floor(math.log10(of.low)), math.ceil(math.log10(of.high))
    for digits in ((1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        values = [float(f"{m * 10.0**k:.12g}") for k in range(first, last + 1) for m in digits]
        inside = [v for v in values if of.low <= v <= of.high]
        if 2 <= len(inside) <= most:
            return inside
    powers = [10.0**k for k in range(first, last + 1) if of.low <= 10.0**k <= of.high]
    if len(powers) < 2:
        return _linear_ticks(Scale(of.low, of.high), most)
    return powers[:: math.ceil(len(powers) / most)]
