"""The proposers by name, each imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module

from agent.search.proposer import Proposer, Sequential
from trainers.errors import TunewrightError, nearest

_MODULES = {
    "guided": "agent.search.guided",
    "default": "agent.search.default",
    "random": "agent.search.uniform",
    "tpe": "agent.search.tpe",
    "gp": "agent.search.gp",
    "cmaes": "agent.search.cmaes",
}


def names() -> tuple[str, ...]:
    """The names that `--search` takes."""
    return tuple(_MODULES)


def proposer(name: str) -> Proposer:
    """The proposer called `name`. Raises TunewrightError naming the nearest known one."""
    if name not in _MODULES:
        raise TunewrightError(f"search '{name}' is unknown", where="search", remedy=nearest(name, _MODULES))
    return Sequential(name, import_module(_MODULES[name]).draw)
