"""What a search is measured on: a space, a loss, and what the best and the worst config come to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from trainers.contract import FailureKind
from trainers.space import Config, SearchSpace

Known = tuple[tuple[Config, float], ...]


@dataclass(frozen=True, kw_only=True)
class Task:
    """`loss` gives None where a trial fails. `worst` is the worst config's, or the median's where losses span orders of
    magnitude: a regret of 1. `place` says which config is run where a search asks for one between the
    points of a grid; it takes the keys of what was run. `known` gives configs with their losses, best first: what
    advisers draw from, a table whole or a sample.
    """

    name: str  # "hpobench/car"
    space: SearchSpace
    default: Config
    loss: Callable[[Config], float | None]
    optimum: float
    worst: float
    known: Callable[[], Known]
    place: Callable[[Config, Collection[str]], Config] | None = None
    axes: Mapping[str, tuple[Any, ...]] | None = None  # the values of each parameter, where there is a grid
    failure: FailureKind = FailureKind.EXCEPTION  # of the trials that fail

    @property
    def group(self) -> str:
        return self.name.split("/")[0]

    def regret(self, loss: float) -> float:
        """Between the best config (0) and the worst (1), as LLAMBO normalises it."""
        return min(max(loss - self.optimum, 0.0) / (self.worst - self.optimum), 1.0)
