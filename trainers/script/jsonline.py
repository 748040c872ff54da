"""A line that is a JSON object, or a Python dict as `print(logs)` shows it: `{"epoch": 3, "val_loss": 0.4}`."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# The first of these that is a whole number is the step.
STEP_KEYS = ("step", "global_step", "iteration", "iter", "_step", "batch", "epoch")
STEP_LIMIT = 2**63  # the store's integers have 64 bits
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*\Z|\s*[-+]?(nan|inf|infinity)\s*\Z", re.IGNORECASE)
_decode = json.JSONDecoder(strict=False).decode  # made once: json.loads would make one a line
_PYTHON = re.compile(r"'|\b(?:nan|inf|True|False|None)\b")
_AS_JSON = {"'": '"', "nan": "NaN", "inf": "Infinity", "True": "true", "False": "false", "None": "null"}


def parse(line: str) -> tuple[int | None, dict[str, float]] | None:
    """The step (None when there is none) and the numbers of a line; None when it holds no numbers."""
    data = _load(line)
    if not isinstance(data, dict):
        return None
    if isinstance(inner := data.get("metrics"), dict):
        data = {**data, **inner}
    numbers = {str(key): value for key, raw in data.items() if (value := number(raw)) is not None}
    step = next((int(numbers[key]) for key in STEP_KEYS if key in numbers and _whole(numbers[key])), None)
    metrics = {name: value for name, value in numbers.items() if name not in STEP_KEYS}
    return (step, metrics) if metrics else None


def number(value: Any) -> float | None:
    """`value` as a float where it is a number, or text that reads as one; None otherwise."""
    if isinstance(value, str):
        return float(value) if len(value) < 400 and _NUMBER.match(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer beyond the floats
        return math.copysign(math.inf, value)


def _whole(value: float) -> bool:
    return abs(value) < STEP_LIMIT and value == int(value)


def _load(line: str) -> Any:
    try:
        return _decode(line)
    except (ValueError, RecursionError):
        pass
    try:
        return _decode(_PYTHON.sub(lambda m: _AS_JSON[m[0]], line))
    except (ValueError, RecursionError):
        return None
