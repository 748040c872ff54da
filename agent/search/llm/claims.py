"""What a model says about a config, read leniently: reasons, expected interval, confidence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.digest.text import shorten
from trainers.dimension import is_finite

_RATIONALE = 1_200  # characters that are kept
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def text(given: Any) -> str:
    """A rationale as one paragraph, without control characters, cut where it never ends."""
    return shorten(_CONTROL.sub(" ", given), _RATIONALE) if isinstance(given, str) else ""


def interval(given: Any) -> tuple[float, float] | None:
    """(low, high) of an object or a pair, the right way round. None for anything else."""
    pair = (given.get("low"), given.get("high")) if isinstance(given, Mapping) else given
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None
    low, high = _number(pair[0]), _number(pair[1])
    return None if low is None or high is None else (min(low, high), max(low, high))


def share(given: Any) -> float | None:
    """A confidence from 0 to 1; 70, or "70%", means 0.7. None for anything else."""
    found = _number(given)
    if found is None:
        return None
    found = found / 100 if 1 < found <= 100 else found
    return found if 0 <= found <= 1 else None


def _number(given: Any) -> float | None:
    if isinstance(given, str):
        digits = given.strip()
        try:
            given = float(digits.removesuffix("%")) / (100 if digits.endswith("%") else 1)
        except ValueError:
            return None
    return float(given) if is_finite(given) else None
