"""Reads one table of a study file by the keys it may have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from agent.study.durations import parse_duration
from agent.study.policy import PolicyKind
from agent.study.problems import Problems
from agent.study.sizes import parse_size
from agent.study.study_schema import TABLES, Key
from agent.study.toml_lines import KeyPath
from trainers.errors import TunewrightError, nearest

_WANTED = {
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


def read_table(path: str, table: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """The valid entries of the table at `path` ("", "study", "study.budget" …), durations as seconds,
    sizes as bytes, inner tables read too. Everything else goes into `problems`."""
    keys = TABLES[path]
    if keys is None:
        return dict(table)
    at: KeyPath = tuple(path.split(".")) if path else ()
    found: dict[str, Any] = {}
    for name, value in table.items():
        if name not in keys:
            problems.error((*at, name), f"unknown key '{name}'", _remedy_for_unknown(name, path, keys))
        elif _fits((*at, name), keys[name], value, problems):
            found[name] = _converted((*at, name), keys[name], value, problems)
    for name, key in keys.items():
        if key.required and name not in table:
            problems.error((*at, name), f"'{name}' is missing", f"It is {_WANTED[key.kind]}: {key.about}")
    return {name: value for name, value in found.items() if value is not None}


def _remedy_for_unknown(name: str, path: str, keys: Mapping[str, Key]) -> str:
    elsewhere = [table for table, known in TABLES.items() if known and name in known and table != path]
    close = nearest(name, keys)
    if elsewhere and not close.startswith("Did"):
        return (
            f"It belongs in [{elsewhere[0]}]."
            if elsewhere[0]
            else "It belongs at the top of the file, before the tables."
        )
    return close


def _fits(at: KeyPath, key: Key, value: Any, problems: Problems) -> bool:
    right = isinstance(value, _TYPES[key.kind]) and not (isinstance(value, bool) and key.kind in ("integer", "number"))
    if right and key.kind == "words":
        right = all(isinstance(word, str) for word in value)
    texts = value if key.kind == "words" and right else [value]
    right = right and not any(isinstance(text, str) and "\0" in text for text in texts)  # no path or argument has it
    if right and key.kind == "number":
        right = math.isfinite(value)
    if not right:
        problems.error(at, f"{value!r} is not {_WANTED[key.kind]}", "Correct it.")
        return False
    if key.choices and value not in key.choices:
        problems.error(at, f"'{value}' is not known here", nearest(value, key.choices))
        return False
    if (key.minimum is not None and value < key.minimum) or (key.maximum is not None and value > key.maximum):
        upper = "" if key.maximum is None else f" and at most {key.maximum:.10g}"
        problems.error(at, f"{value} is out of range", f"It must be at least {key.minimum:.10g}{upper}.")
        return False
    return True


def _converted(at: KeyPath, key: Key, value: Any, problems: Problems) -> Any:
    """The value as the spec wants it; None when it does not read."""
    path = ".".join(str(part) for part in at)
    try:
        match key.kind:
            case "duration":
                return parse_duration(value)
            case "size":
                return parse_size(value)
            case "policy" if isinstance(value, str):
                return _policy_word(at, value, problems)
            case "policy" | "table":
                return read_table(path, value, problems)
    except TunewrightError as error:
        problems.take(at, error)
        return None
    return value


def _policy_word(at: KeyPath, word: str, problems: Problems) -> dict[str, str] | None:
    if word in tuple(PolicyKind):
        return {"kind": word}
    problems.error(at, f"'{word}' is no policy", nearest(word, PolicyKind))
    return None
