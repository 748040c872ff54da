"""Settings of the agent as a person types them: `money=5 explain_worse_than=.4`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.study.agent_spec import AgentSpec
from agent.study.study_schema import TABLES, Key
from trainers.errors import TunewrightError, nearest

_NONE = ("none", "no", "unlimited", "default")


def changed(agent: AgentSpec, words: Mapping[str, str]) -> AgentSpec:
    """`agent` with the settings in `words`. Raises TunewrightError naming the one that is wrong, and its bounds."""
    keys = TABLES["agent"] or {}
    found: dict[str, Any] = {}
    for name, text in words.items():
        if name not in keys:
            raise TunewrightError(f"the agent has no setting '{name}'", remedy=nearest(name, keys))
        found[name] = _read(name, keys[name], text)
    return replace(agent, **found)


def described(agent: AgentSpec) -> str:
    """Every setting that says something: `model=gpt-5  money=5`."""
    return "  ".join(f"{name}={value}" for name, value in vars(agent).items() if value not in (None, "", False))


def _read(name: str, key: Key, text: str) -> Any:
    """`text` as the setting wants it. Raises TunewrightError naming the setting and its bounds."""
    if key.kind == "text":
        return text
    if key.kind == "switch":
        return text.lower() in ("true", "on", "yes", "1")
    if text.lower() in _NONE:
        return None
    try:
        number = int(text) if key.kind == "integer" else float(text)
    except ValueError:
        raise TunewrightError(f"{name} = {text} is not a {'whole ' * (key.kind == 'integer')}number") from None
    if (key.minimum is not None and number < key.minimum) or (key.maximum is not None and number > key.maximum):
        most = "" if key.maximum is None else f" and at most {key.maximum:g}"
        raise TunewrightError(f"{name} = {text} is out of range", remedy=f"At least {key.minimum or 0:g}{most}.")
    return number
