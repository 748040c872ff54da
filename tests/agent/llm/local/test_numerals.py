"""Ranges of numbers as grammar: nothing outside passes, and whatever is inside can be written."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from agent.llm import numerals
from agent.llm.grammar import gbnf

BASE = dict(line.split(" ::= ", 1) for line in gbnf({}).splitlines())
BOUNDS = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(0, 1),
    st.decimals(0, 10, places=3).map(float),
    st.sampled_from([0.0, 1e-6, 1e-5, 1e-3, 0.1, 0.3, 0.9, 0.999, 1.0, 10.0, 100.0]),
)


def pattern(expression: str) -> re.Pattern[str]:
    """The expression as Python's own kind, the rules it uses filled in."""
    pieces = []
    for part in re.findall(r'"[^"]*"|\[[^\]]*\]|[a-z]+|\{[^}]*\}|[()|?*+]', expression):
        if part[0] == '"':
            pieces.append(f"(?:{re.escape(part[1:-1])})")
        else:
            pieces.append(f"(?:{pattern(BASE[part]).pattern})" if part.isalpha() else "(?:" if part == "(" else part)
    return re.compile("".join(pieces))


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**6), st.integers(-(10**7), 10**7))
def test_whole_numbers(low: int, span: int, other: int) -> None:
    high = low + span
    allowed = pattern(numerals.integer(low, high))
    for value in (low, high, low - 1, high + 1, other, 0):
        assert bool(allowed.fullmatch(str(value))) == (low <= value <= high)


@given(st.tuples(BOUNDS, BOUNDS).map(sorted), st.data())
def test_decimal_numbers(bounds: list[float], data: st.DataObject) -> None:
    low, high = bounds
    allowed = pattern(numerals.number(low, high))
    near = (low, high, low - abs(low) / 1000, high + abs(high) / 1000)
    for value in (*near, data.draw(st.floats(low, high)), data.draw(BOUNDS)):
        for text in (repr(value), f"{value:.3f}", f"{value:.6f}", f"{value:.2e}", f"{value:.0f}"):
            passes, inside = bool(allowed.fullmatch(text)), low <= float(text) <= high
            assert inside or not passes, text
            if inside and "e" not in text and not text.startswith("-0") and len(text) < 18:
                assert passes, text


def test_a_power_of_ten_may_be_written_with_an_exponent() -> None:
    allowed = pattern(numerals.number(1e-5, 0.1))
    assert all(allowed.fullmatch(text) for text in ("1e-05", "3.5e-4", "9E-2", "0.1", "0.00001"))
    assert not any(allowed.fullmatch(text) for text in ("9e-06", "1e-1", "1e501", "0.11", "0.0", "-0.01", "1"))


def test_a_bound_alone_bounds_the_sign() -> None:
    assert (numerals.integer(0, None), numerals.number(0, None)) == ("whole", "size")
    assert (numerals.integer(-3, None), numerals.number(None, 1)) == ("integer", "number")
    assert numerals.number(0, 1e300) == "size"
