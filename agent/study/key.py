"""One key of a TOML file that people write: what it holds, and what is wrong with a value for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainers.errors import nearest

WANTED = {
    "text": "text in quotes",
    "words": 'a list of texts, such as ["python", "train.py"]',
    "integer": "a whole number",
    "number": "a number",
    "switch": "true or false",
    "duration": 'a time such as "20min"',
    "size": 'an amount of memory such as "8GiB"',
    "policy": 'text such as "ask", or a table with kind and stops',
    "table": "a table",
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "words": list,
    "integer": int,
    "number": (int, float),
    "switch": bool,
    "duration": str,
    "size": str,
    "policy": (str, Mapping),
    "table": Mapping,
}


@dataclass(frozen=True)
class Key:
    """One key. `kind`: text, words (a list of text), integer, number, switch, duration, size, policy or table."""

    kind: str
    about: str
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def fault(key: Key, value: Any) -> tuple[str, str] | None:
    """What is wrong with `value`, as TOML gives it, and the remedy; None when it fits."""
    right = isinstance(value, _TYPES[key.kind]) and not (isinstance(value, bool) and key.kind in ("integer", "number"))
    if right and key.kind == "words":
        right = all(isinstance(word, str) for word in value)
    texts = value if key.kind == "words" and right else [value]
    right = right and not any(isinstance(text, str) and "\0" in text for text in texts)  # no path or argument has it
    if right and key.kind == "number":
        right = math.isfinite(value)
    if not right:
        return f"{value!r} is not {WANTED[key.kind]}", "Correct it."
    if key.choices and value not in key.choices:
        return f"'{value}' is not known here", nearest(value, key.choices)
    if (key.minimum is not None and value < key.minimum) or (key.maximum is not None and value > key.maximum):
        return f"{value} is out of range", bounds(key)
    return None


def bounds(key: Key) -> str:
    """The remedy for a number out of range."""
    upper = "" if key.maximum is None else f" and at most {key.maximum:.10g}"
    return f"It must be at least {key.minimum or 0:.10g}{upper}."
