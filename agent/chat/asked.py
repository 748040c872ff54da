"""Tools that a model asks for in its text: fenced blocks that the person does not see.

    ```tool
    {"name": "log", "args": {"trial": 17}}
    ```

Models that were taught `<tool_call>…</tool_call>` are understood as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_TAG = r"tool(?:s|_calls?|_code)?"
_BLOCK = re.compile(
    rf"\s*(?:```[ \t]*{_TAG}[ \t]*(?:\n(?P<fenced>.*?)(?:```|\Z)|\Z)|<{_TAG}>(?P<tagged>.*?)(?:</{_TAG}>|\Z))\s*",
    re.DOTALL,
)
_OPENINGS = ("```tool_calls", "```tool_code", "<tool_call>", "<tools>")


@dataclass(frozen=True)
class Asked:
    """One tool wanted. `arguments` is JSON text or what was read of it, checked by whoever runs the tool."""

    id: str
    name: str
    arguments: Any


def visible(text: str, *, whole: bool) -> str:
    """`text` without its tool blocks. Of one that still grows also without what may yet become a block."""
    shown = _BLOCK.sub("\n\n", text)
    if not whole:
        shown = shown[: len(shown) - _beginning(shown)]
    return shown.strip()


def _beginning(text: str) -> int:
    """How many characters at the end of `text` may be the beginning of a block."""
    line = text[text.rfind("\n") + 1 :].lstrip()
    for size in range(min(len(line), max(map(len, _OPENINGS))), 0, -1):
        if any(opening.startswith(line[-size:]) for opening in _OPENINGS):
            return size
    return 0


def requests(text: str) -> list[Asked]:
    """The tools asked for in `text`, in order. A block that cannot be read asks for the tool called ""."""
    found: list[Asked] = []
    for match in _BLOCK.finditer(text):
        for wanted in _read(match["fenced"] if match["tagged"] is None else match["tagged"]):
            found.append(Asked(f"call_{len(found)}", *wanted))
    return found


def _read(body: str | None) -> Sequence[tuple[str, Any]]:
    """(name, arguments) of each call in a block; one object, or a list of them."""
    try:
        read = json.loads((body or "").strip(), strict=False)
    except (ValueError, RecursionError):
        return [("", body or "")]
    calls = read if isinstance(read, list) else [read]
    return [_call(call) for call in calls] or [("", body or "")]


def _call(call: Any) -> tuple[str, Any]:
    if not isinstance(call, dict):
        return "", call
    arguments: Any = next((call[key] for key in ("args", "arguments", "parameters") if key in call), {})
    return str(call.get("name") or call.get("tool") or ""), arguments
