"""Reading what follows a slash command."""

from __future__ import annotations

import re
from typing import Any

from agent.study.space_words import value
from trainers.errors import SpaceError, TunewrightError, nearest
from trainers.space import Config, SearchSpace


def split_number(args: str) -> tuple[int | None, str]:
    """A leading trial or proposal number (`17`, `t17`), and the rest."""
    head, _, rest = args.strip().partition(" ")
    matched = re.fullmatch(r"[tT#]?(\d{1,9})", head)
    return (int(matched[1]), rest.strip()) if matched else (None, args.strip())


def pairs(args: str) -> dict[str, str]:
    """`lr=1e-3 wd=.1` (commas allowed). Raises TunewrightError for a word that is not one."""
    found: dict[str, str] = {}
    for word in args.replace(",", " ").split():
        name, sign, value = word.partition("=")
        if not sign or not name or not value:
            raise TunewrightError(f"'{word}' is not name=value", remedy="Write for example lr=1e-3.")
        found[name] = value
    return found


def params(args: str, space: SearchSpace) -> Config:
    """Values for parameters of `space`. Raises SpaceError naming the nearest for one it lacks."""
    found = {}
    for name, text in pairs(args).items():
        if name not in space.parameters:
            raise SpaceError(f"there is no parameter '{name}'", remedy=nearest(name, space.parameters))
        found[name] = typed(name, text, space)
    return found


def typed(name: str, text: str, space: SearchSpace) -> Any:
    """`text` as a value of the parameter `name`; as it stands where it fits none, so that `problems` can say so."""
    parameter = space.parameters[name]
    choices = getattr(parameter, "choices", None)
    if choices is not None:
        return next((c for c in choices if str(c).lower() == text.strip().lower()), text)
    read = value(text.strip())
    return int(read) if parameter.kind == "int" and isinstance(read, float) and read == int(read) else read
