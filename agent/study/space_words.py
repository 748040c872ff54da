"""Changes of a search space as a person types them: `lr.high=.01`, `+momentum`, `-wd`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from agent.study.space_draft import CONSTRAINTS, KEYS, SpaceDraft
from trainers.errors import SpaceError, nearest

_NOTHING = ("", "none", "null", "–")
_SWITCH = {"true": True, "yes": True, "on": True, "log": True, "false": None, "no": None, "off": None, "linear": None}
_EXAMPLE = "Write for example lr.high=.01, +momentum, -wd or constraints='a < b'."


def changed(draft: SpaceDraft, words: Sequence[str]) -> SpaceDraft:
    """`draft` with every change in its order. Raises SpaceError naming the nearest for an unknown name or key;
    whether the values fit is for `draft.faults` to say."""
    for word in words:
        draft = _one(draft, word)
    return draft


def _one(draft: SpaceDraft, word: str) -> SpaceDraft:
    if word.startswith("+") and "=" not in word:
        if word[1:] in draft.parameters:
            raise SpaceError(f"there is a parameter '{word[1:]}' already", where="space", remedy="Choose another name.")
        return draft.add(word[1:])
    if word.startswith("-") and "=" not in word:
        return draft.remove(known(draft, word[1:]))
    place, equals, text = word.partition("=")
    if not equals:
        raise SpaceError(f"'{word}' is no change of a space", remedy=_EXAMPLE)
    if place == CONSTRAINTS:
        return draft.constrained(tuple(c.strip() for c in text.split(";") if c.strip()))
    name, dot, key = place.rpartition(".")
    if not dot:
        raise SpaceError(f"'{place}' names no key of a parameter", where="space", remedy=_EXAMPLE)
    name = known(draft, name.removeprefix("+"))
    if key == "name":
        return draft.rename(name, text)
    if key not in KEYS:
        raise SpaceError(f"a parameter has no '{key}'", where=f"space.{name}", remedy=nearest(key, KEYS))
    return draft.put(name, key, read(draft.parameters[name], key, text))


def known(draft: SpaceDraft, name: str) -> str:
    """`name`, if there is such a parameter. Raises SpaceError naming the nearest."""
    if name not in draft.parameters:
        remedy = nearest(name, draft.parameters) or f"+{name} adds one."
        raise SpaceError(f"there is no parameter '{name}'", where="space", remedy=remedy)
    return name


def read(described: Mapping[str, Any], key: str, text: str) -> Any:
    """What a person typed as a key's value; None drops the key. What reads as nothing stays text, to be refused."""
    text = text.strip()
    if key == "type":
        return text
    if key == "log":
        return _SWITCH.get(text.lower(), text) if text else None
    if key == "choices":
        return _choices(text)
    if key == "default" and described.get("type") == "categorical":
        return next((c for c in described.get("choices", ()) if written(c) == text), value(text))
    if text.lower() in _NOTHING:
        return None
    return text if key == "when" else value(text)


def _choices(text: str) -> list[Any]:
    if text.startswith("["):
        try:
            listed = json.loads(text)
        except ValueError:
            listed = None
        if isinstance(listed, list):
            return listed
    return [value(part.strip()) for part in re.split(r"[,|]", text.strip("[]")) if part.strip()]


def value(text: str) -> Any:
    """A number where it is one, true, false, none, else the text without the quotes around it."""
    words = {"true": True, "false": False, "none": None, "null": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def written(value: Any) -> str:
    """A key's value as a person edits it; `read` takes it back."""
    if isinstance(value, list | tuple):
        return " | ".join(written(v) for v in value)
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)
