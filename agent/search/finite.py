"""Spaces small enough to be listed: what is left of one, and whether anything is."""

from __future__ import annotations

import math
from functools import lru_cache

from agent.search.history import History
from trainers.dimension import ENUMERABLE
from trainers.space import Config, SearchSpace, config_key

SMALL = 2_000  # spaces up to this size are looked at whole for every proposal


def untried(history: History, limit: int = SMALL) -> list[Config] | None:
    """Every config of a space with at most `limit` (100,000 at most) that was not tried, nor is known to run out of
    memory; None for larger spaces."""
    if math.prod(p.count() for p in history.space.parameters.values()) > min(limit, ENUMERABLE):
        return None
    left = (dict(config) for key, config in _configs(history.space) if key not in history.tried)
    return [config for config in left if history.beyond(config) is None]


def exhausted(history: History) -> bool:
    """Whether a small space has been tried whole."""
    return untried(history) == []


@lru_cache(maxsize=4)
def _configs(space: SearchSpace) -> tuple[tuple[str, Config], ...]:
    return tuple((config_key(c), c) for c in (space.canonical(c) for c in space.configs() or ()))
