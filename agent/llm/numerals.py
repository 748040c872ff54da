"""Ranges of numbers as grammar expressions: what a model may write down to stay inside.

They use the rules `whole`, `part`, `digits` and `zeros` of agent.llm.grammar.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

LARGEST = 10**15  # bounds beyond it are left out
_DIGITS = 17  # after the point; a bound that needs more is rounded inwards
_DECADES = 20  # the smallest power of ten written with an exponent


def integer(low: float | None, high: float | None) -> str:
    """Whole numbers from `low` to `high`; a missing bound bounds the sign at most."""
    if low is None or high is None or low > high or max(-low, high) > LARGEST:
        return "integer" if low is None or low < 0 else "whole"
    first, last = math.ceil(low), math.floor(high)
    parts = [f'"-" {_wholes(max(1, -last), -first)}'] if first < 0 else []
    parts += [_wholes(max(first, 0), last)] if last >= 0 else []
    return _either(parts)


def number(low: float | None, high: float | None) -> str:
    """Decimal numbers from `low` to `high`, bounds included."""
    if low is None or high is None or low > high or max(-low, high) > LARGEST:
        return "number" if low is None or low < 0 else "size"
    parts = []
    if low < 0:
        parts.append(f'"-" {_sizes(max(0.0, -high), -low)}')
    if high >= 0:
        parts.append(_sizes(max(0.0, low), high))
    return _either(parts)


def _sizes(low: float, high: float) -> str:
    """Decimals from `low` ≥ 0 to `high`: below, inside and at the last whole number; and with an exponent."""
    (first, least), (last, most) = _split(low, up=True), _split(high, up=False)
    if first == last:
        parts = [f'"{first}" ("." {_fraction(least, most, empty=False)}){"" if least.strip("0") else "?"}']
    else:
        parts = [f'"{first}" ("." {_at_least(least, empty=False)}){"" if least.strip("0") else "?"}']
        parts += [f"{_wholes(first + 1, last - 1)} part?"] if last - first > 1 else []
        parts += [f'"{last}" ("." {_at_most(most, empty=False)})?']
    return _either([*parts, *_decades(Decimal(repr(low)), Decimal(repr(high)))])


def _split(value: float, *, up: bool) -> tuple[int, str]:
    """The whole part and the digits after the point."""
    exact = Decimal(repr(value))
    places = Decimal(1).scaleb(-_DIGITS)
    exact = exact.quantize(places, rounding="ROUND_CEILING" if up else "ROUND_FLOOR")
    whole, _, rest = f"{exact:f}".partition(".")
    return int(whole), rest.rstrip("0")


def _decades(low: Decimal, high: Decimal) -> Iterator[str]:
    """`3.2e-05` for every power of ten that lies inside whole."""
    inside = [k for k in range(1, _DECADES) if Decimal(10) ** -k >= low and Decimal(10) ** (1 - k) <= high]
    if inside:
        yield f'[1-9] part? [eE] "-" "0"? {_wholes(inside[0], inside[-1])}'


def _fraction(least: str, most: str, *, empty: bool) -> str:
    """Digits after the point between two given ones, read as if zeros followed. `empty`: none may follow."""
    if not least.strip("0"):
        return _at_most(most, empty=empty)
    low, high = int(least[:1] or 0), int(most[:1] or 0)
    if low == high:
        return f'"{low}" {_fraction(least[1:], most[1:], empty=True)}'
    parts = [f'"{low}" {_at_least(least[1:], empty=True)}']
    parts += [f"[{low + 1}-{high - 1}] digits"] if high - low > 1 else []
    return _either([*parts, f'"{high}" {_at_most(most[1:], empty=True)}'])


def _at_least(least: str, *, empty: bool) -> str:
    if not least.strip("0"):
        return "digits" if empty else "[0-9] digits"
    low = int(least[0])
    parts = [f'"{low}" {_at_least(least[1:], empty=True)}']
    return _either([*parts, f"[{low + 1}-9] digits"] if low < 9 else parts)


def _at_most(most: str, *, empty: bool) -> str:
    if not most.strip("0"):
        return "zeros" if empty else '"0" zeros'
    high = int(most[0])
    parts = [f'"{high}" {_at_most(most[1:], empty=True)}']
    return _either([*parts, f"[0-{high - 1}] digits"] if high > 0 else parts) + ("?" if empty else "")


def _wholes(low: int, high: int) -> str:
    """Whole numbers from `low` ≥ 0 to `high`, in runs whose last places are free: 7–9, 10–99, 100–119, 120–123."""
    parts: list[str] = []
    while low <= high:
        free = 0
        while low > 0 and low % 10 ** (free + 1) == 0 and low + 10 ** (free + 1) - 1 <= high:
            free += 1
        place = 10**free
        digit = low // place % 10
        most = min(9, digit + (high - low + 1) // place - 1)
        head = str(low // place)[:-1]
        parts.append((f'"{head}" ' if head else "") + f"[{digit}-{most}]" + (f" [0-9]{{{free}}}" if free else ""))
        low += (most - digit + 1) * place
    return _either(parts)


def _either(parts: list[str]) -> str:
    return f"({' | '.join(parts)})"
