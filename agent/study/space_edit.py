"""Changes of a search space, as a person or the agent asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainers.errors import SpaceError, nearest
from trainers.parameters import parameter_from_dict
from trainers.space import SearchSpace

_OFF = None  # a key set to it is dropped, such as a default that no longer fits


def edited(space: SearchSpace, changes: Mapping[str, Mapping[str, Any]]) -> SearchSpace:
    """`space` with keys of some parameters replaced: `{"lr": {"high": 1.0}}`; a key set to None is dropped.

    Raises SpaceError naming parameter and key for what does not fit. A default that falls outside the new
    range moves to its nearest end.
    """
    described = space.to_dict()
    for name, keys in changes.items():
        if name not in described["parameters"]:
            raise SpaceError(f"there is no parameter '{name}'", where="space", remedy=nearest(name, space.parameters))
        if not isinstance(keys, Mapping) or not keys:
            raise SpaceError("no change is named", where=f"space.{name}", remedy='For example: {"high": 0.3}.')
        made = {**described["parameters"][name], **keys}
        described["parameters"][name] = _with_default(name, {k: v for k, v in made.items() if v is not _OFF}, keys)
    return SearchSpace.from_dict(described)


def _with_default(name: str, made: dict[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    if "default" not in made or "default" in keys:
        return made
    bare = {k: v for k, v in made.items() if k != "default"}
    parameter = parameter_from_dict(name, bare)
    if parameter.problem(made["default"]) is None:
        return made
    if made.get("type") == "categorical":
        return bare
    return {**bare, "default": parameter.snap(made["default"])}


def differences(old: SearchSpace, new: SearchSpace) -> list[str]:
    """`lr: high 0.1 → 1.0`, one line a changed key; a parameter that is new or gone, and constraints, one line each."""
    before, after = old.to_dict()["parameters"], new.to_dict()["parameters"]
    lines = []
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after:
            lines.append(f"{name}: {'added' if name in after else 'removed'}")
            continue
        was, now = before[name], after[name]
        lines += [
            f"{name}: {key} {was.get(key, '–')} → {now.get(key, '–')}"
            for key in dict.fromkeys([*was, *now])
            if was.get(key) != now.get(key)
        ]
    had, has = old.to_dict()["constraints"], new.to_dict()["constraints"]
    lines += [f"constraint {text}: removed" for text in had if text not in has]
    return lines + [f"constraint {text}: added" for text in has if text not in had]
