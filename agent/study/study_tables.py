"""Reads one table of a study file by the keys it may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.study.durations import parse_duration
from agent.study.key import WANTED, Key, fault
from agent.study.policy import PolicyKind
from agent.study.problems import Problems
from agent.study.sizes import parse_size
from agent.study.study_schema import TABLES
from agent.study.toml_lines import KeyPath
from trainers.errors import TunewrightError, nearest


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
            problems.error((*at, name), f"'{name}' is missing", f"It is {WANTED[key.kind]}: {key.about}")
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
    if (found := fault(key, value)) is not None:
        problems.error(at, *found)
    return found is None


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
