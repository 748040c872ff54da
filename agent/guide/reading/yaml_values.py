"""The values of a YAML file with their lines and the comments behind them; no object is made of any of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trainers.errors import TunewrightError

_FLOAT = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?")  # as OmegaConf: 3e-3 is a number, unlike YAML 1.1
_DEEPEST, _MOST = 12, 5_000


@dataclass(frozen=True)
class Entry:
    """One value: the keys that lead to it (numbers for items of a list), and where it stands."""

    keys: tuple[str, ...]
    value: Any
    line: int
    comment: str = ""


def entries(text: str, where: str) -> list[Entry]:
    """Every value of the file, in order. Raises TunewrightError where it is no YAML."""
    import yaml  # only for scripts that have YAML beside them

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise TunewrightError(f"it is not valid YAML ({_first(error)})", where=f"{where}{line}") from None
    lines = text.split("\n")
    found: list[Entry] = []
    for entry in _walk(root, (), 0):
        if len(found) >= _MOST:
            break
        found.append(Entry(entry.keys, entry.value, entry.line, _comment(lines, entry.line)))
    return found


def _first(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error).split("\n")[0]


def _walk(node: Any, keys: tuple[str, ...], depth: int) -> Iterator[Entry]:
    if node is None or depth > _DEEPEST:
        return
    if node.id == "mapping":
        for key, value in node.value:
            if key.id == "scalar":
                yield from _walk(value, (*keys, str(key.value)), depth + 1)
    elif node.id == "sequence":
        for i, value in enumerate(node.value):
            yield from _walk(value, (*keys, str(i)), depth + 1)
    elif keys:
        yield Entry(keys, _scalar(node), node.start_mark.line + 1)


def _scalar(node: Any) -> Any:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    quoted = node.style in ("'", '"')
    if not quoted and re.fullmatch(r"[-+]?\d{1,18}", text):
        return int(text)
    if not quoted and kind in ("int", "float", "str") and _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    return text


def _comment(lines: list[str], line: int) -> str:
    match = re.search(r"\s#\s*(.+)$", lines[line - 1]) if line <= len(lines) else None
    return match[1].strip() if match else ""
