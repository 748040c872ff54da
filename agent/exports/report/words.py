"""Values and times as a report writes them."""

from __future__ import annotations

from typing import Any

from agent.study.figures import number


def value(measured: float | None) -> str:
    """A measured value; a dash when there is none."""
    return "–" if measured is None else number(measured, 5)


def shown(given: Any) -> str:
    """A parameter's value."""
    if given is None:
        return "–"
    if isinstance(given, bool):
        return str(given).lower()
    return number(given) if isinstance(given, int | float) else str(given)


def span(seconds: float) -> str:
    """`9.4 s`, `12 min`, `3.4 h`, `2.1 days`."""
    for limit, unit, size in ((90.0, "s", 1.0), (5_400.0, "min", 60.0), (172_800.0, "h", 3_600.0)):
        if seconds < limit:
            return f"{seconds / size:.{0 if seconds / size >= 10 else 1}f} {unit}"
    return f"{seconds / 86_400:.1f} days"
