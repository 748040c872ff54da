"""The proposers by name, each imported when it first has to think."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

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
    return Sequential(name, lambda history: _module(name).draw(history))


def load(name: str) -> None:
    """Imports what the search called `name` needs, which takes up to two seconds of CPU: its first config, the default,
    needs none of it."""
    _module(name)


def _module(name: str) -> ModuleType:
    return import_module(_MODULES[name])
