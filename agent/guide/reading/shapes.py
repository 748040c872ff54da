"""Ranges as functions of an option's default: what a rule of `rules` names. Each gives a parameter without its name."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]  # the keys of a parameter in a study file, `default` apart


@dataclass(frozen=True)
class Shape:
    """`spec` makes the range around a default (`usual` where there is none); `says` describes it."""

    spec: Callable[[float], Spec]
    usual: Any
    says: str


def decades(usual: float, either_side: float = 2, *, low: float = 0.0, high: float = math.inf) -> Shape:
    """A logarithmic range of so many decades on either side of the default, within the limits."""

    def spec(default: float) -> Spec:
        if default <= 0:
            return {"type": "float", "low": 0.0, "high": _nice(usual * 10**either_side, up=True)}
        wide = 10**either_side
        bounds = max(default / wide, min(low, default)), min(default * wide, max(high, default))
        return {"type": "float", "low": _nice(bounds[0]), "high": _nice(bounds[1], up=True), "log": True}

    what = {1: "one decade", 1.5: "one and a half decades", 2: "two decades"}[either_side]
    return Shape(spec, usual, f"over {what} on either side")


def between(low: float, high: float, usual: float, *, log: bool = False, whole: bool = False) -> Shape:
    """A fixed range, widened to hold a default outside it."""

    def spec(default: float) -> Spec:
        ends = min(low, default), max(high, default)
        as_log = log and ends[0] > 0
        if whole:
            return {"type": "int", "low": math.floor(ends[0]), "high": math.ceil(ends[1]), "log": as_log}
        return {"type": "float", "low": ends[0], "high": ends[1], "log": as_log}

    return Shape(spec, usual, f"from {low:g} to {high:g}" + (" on a log scale" if log else ""))


def powers(usual: int, times: int = 4, most: int = 1 << 20) -> Shape:
    """The default, and powers of two from a `times`-th of it to `times` times it."""

    def spec(default: float) -> Spec:
        default = max(1, round(default))
        exponents = range(max(0, round(math.log2(default / times))), round(math.log2(default * times)) + 1)
        values = {2**e for e in exponents if 2**e <= max(most, default)}
        if default not in values:  # 100 or 96: its own halves and doubles
            values = {round(default * 2**e) for e in range(-int(math.log2(times)), int(math.log2(times)) + 1)}
        return {"type": "categorical", "choices": sorted(v for v in values | {default} if 1 <= v <= max(most, default))}

    return Shape(spec, usual, f"in powers of two up to {times} times as much either way")


def factor(usual: float, times: float = 4, *, least: float = 1) -> Shape:
    """A whole number up to so many times more or less, on a log scale once the range is wide."""

    def spec(default: float) -> Spec:
        low = max(least, math.floor(default / times))
        high = max(math.ceil(default * times), low + 2)
        return {"type": "int", "low": int(min(low, default)), "high": int(high), "log": bool(low > 0 and high >= 20)}

    return Shape(spec, usual, f"up to {times:g} times as much either way")


def among(*values: Any) -> Shape:
    """A few customary values, and the default."""

    def spec(default: Any) -> Spec:
        choices = list(values) if default in values or default is None else sorted({*values, default})
        return {"type": "categorical", "choices": choices}

    return Shape(spec, values[0] if values else None, "among the customary " + ", ".join(f"{v:g}" for v in values))


def guess(kind: str, default: float) -> Spec:
    """Around a default of which nothing else is known."""
    if kind == "int":
        if default <= 0:
            return {"type": "int", "low": int(min(default * 2, 0)), "high": int(max(4, -default))}
        return factor(default).spec(default)
    if default == 0:
        return {"type": "float", "low": 0.0, "high": 1.0}
    if default < 0:
        return {"type": "float", "low": 4 * default, "high": 0.0}
    high = default * 10 if default * 10 <= 1 or default > 1 else max(1.0, default)
    return {"type": "float", "low": _nice(default / 10), "high": _nice(high, up=True), "log": True}


def _nice(value: float, *, up: bool = False) -> float:
    """To one digit, and never inside the range: 4.9e-06 becomes 4e-06, or 5e-06 going up."""
    if value == 0 or not math.isfinite(value):
        return value
    exponent = math.floor(math.log10(abs(value)) + 1e-9)
    rounded = float(f"{(math.ceil if up else math.floor)(round(value / 10.0**exponent, 6)):d}e{exponent}")
    return rounded if math.isfinite(rounded) else value
