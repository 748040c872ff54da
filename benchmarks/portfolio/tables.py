"""What portfolios are built from: losses of the same configs on several data sets."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.portfolio.families import FAMILIES
from benchmarks.search.tables import axes, table
from trainers.space import Config, SearchSpace

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """One data set: `losses` (smaller is better, means over runs; nan where it failed) of a family's `configs`."""

    family: str
    data: str
    configs: Sequence[Config]
    losses: Floats

    @property
    def name(self) -> str:
        return f"{self.family}/{self.data}"

    @property
    def space(self) -> SearchSpace:
        return FAMILIES[self.family].space


@functools.cache
def tables(family: str) -> tuple[Table, ...]:
    """Those of a family, by data set. Raises TunewrightError where the published ones are needed and not installed."""
    known = FAMILIES[family]
    if known.published:
        return tuple(Table(family, data, _grid(family), table(family, data)[1]) for data in known.data)
    from benchmarks.portfolio.recorded import recorded

    return recorded(family)


@functools.cache
def _grid(family: str) -> tuple[Config, ...]:
    grid = axes(family)
    return tuple(dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
