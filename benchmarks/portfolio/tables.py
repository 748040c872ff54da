"""What portfolios are built from: losses of the same configs on several data sets."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.portfolio.families import FAMILIES
from benchmarks.search.tables import axes, table
from trainers import catalog
from trainers.space import Config, SearchSpace

_DATA = Path(__file__).parents[1] / "data"
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
    if known.task:
        return (_of_studies(family),)
    from benchmarks.portfolio.recorded import recorded

    return recorded(family)


def _of_studies(family: str) -> Table:
    """The one task whose trials, recorded for the benchmark of stopping rules, a portfolio of our own trainers has."""
    known = FAMILIES[family]
    told = json.loads((_DATA / f"fidelity-{known.trainer}.json").read_text(encoding="utf-8"))
    sign = catalog.load(known.trainer).objective(known.task).sign
    losses = [min(sign * value for value in trial["values"]) for trial in told["trials"]]
    return Table(family, known.task, [trial["params"] for trial in told["trials"]], np.array(losses))


@functools.cache
def _grid(family: str) -> tuple[Config, ...]:
    grid = axes(family)
    return tuple(dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
