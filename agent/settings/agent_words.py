"""Settings of the agent as a person types them: `money=5 explain_worse_than=.4`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.settings.of_study import SETTINGS
from agent.settings.values import read
from agent.study.agent_spec import AgentSpec
from trainers.errors import TunewrightError, nearest

_KNOWN = {s.short: s for s in SETTINGS if s.table == "agent"}


def changed(agent: AgentSpec, words: Mapping[str, str]) -> AgentSpec:
    """`agent` with the settings in `words`. Raises TunewrightError naming the one that is wrong, and its bounds."""
    found: dict[str, Any] = {}
    for name, text in words.items():
        if name not in _KNOWN:
            raise TunewrightError(f"the agent has no setting '{name}'", remedy=nearest(name, _KNOWN))
        try:
            found[name] = read(_KNOWN[name], text)
        except TunewrightError as error:
            raise TunewrightError(error.what, where=name, remedy=error.remedy) from None
    return replace(agent, **found)


def described(agent: AgentSpec) -> str:
    """Every setting that says something: `model=gpt-5  money=5`."""
    return "  ".join(f"{name}={value}" for name, value in vars(agent).items() if value not in (None, "", False))
