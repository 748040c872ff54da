"""Durations as people write them: `90s`, `20min`, `1h30min`, `2days`."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from trainers.errors import TunewrightError

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_WORDS = {
    "s": "s sec secs second seconds",
    "min": "m min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
}
_UNITS = {word: _SECONDS[unit] for unit, words in _WORDS.items() for word in words.split()}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]+)")
_REMEDY = "Write for example 90s, 20min, 1h30min or 2days."


def parse_duration(text: str) -> float:
    """Seconds in `text`, above 0. Raises TunewrightError."""
    compact = text.strip().lower()
    total, at = 0.0, 0
    while at < len(compact):
        part = _PART.match(compact, at)
        if part is None or part[2] not in _UNITS:
            raise TunewrightError(f"'{text}' is no duration", remedy=_REMEDY)
        total += float(part[1]) * _UNITS[part[2]]
        at = part.end() + len(compact[part.end() :]) - len(compact[part.end() :].lstrip())
    if not 0 < total < math.inf:
        raise TunewrightError(f"'{text}' is not a duration above 0", remedy=_REMEDY)
    return total


def format_duration(seconds: float) -> str:
    """The shortest text that `parse_duration` reads back exactly: `1h30min`, `0.5s`."""
    if seconds != int(seconds):
        return f"{Decimal(repr(float(seconds))):f}s"
    left, parts = int(seconds), []
    for unit, size in sorted(_SECONDS.items(), key=lambda item: -item[1]):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
