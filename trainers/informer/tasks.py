"""The tasks of `informer`: what is forecast, how far, from which columns, in which search space.

A task is named DATA-HORIZON-FEATURES, and -SPACE where that is a grid: `etth1-24-m`, `etth1-24-m-grid12`. `csv` is a
file of one's own, whose horizon is an option: `csv-s`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.informer.spaces import SPACES
from trainers.space import SearchSpace

OBJECTIVE = Objective("val_mse", "minimize")
HORIZONS = (24, 48, 168, 336, 720)
FEATURES = ("s", "m", "ms")
GRIDS = ("grid12", "grid3")


@dataclass(frozen=True)
class Task:
    """`features`: `m` forecasts all columns from all, `s` the target from itself, `ms` the target from all."""

    data: str  # "etth1", "etth2", "synthetic" or "csv"
    pred_len: int  # for `csv` where the option does not say
    features: str
    space_name: str

    @property
    def name(self) -> str:
        horizon = () if self.data == "csv" else (str(self.pred_len),)
        grid = (self.space_name,) if self.space_name in GRIDS else ()
        return "-".join((self.data, *horizon, self.features, *grid))

    @property
    def space(self) -> SearchSpace:
        return SPACES[self.space_name]


def _tasks() -> Iterator[Task]:
    """What needs no download first, and grids last."""
    yield from (Task("synthetic", 24, features, "small") for features in FEATURES)
    for space in ("continuous", *GRIDS):
        own = "affordable" if space == "continuous" else space
        yield from (Task("csv", 24, features, own) for features in FEATURES)
        for data in ("etth1", "etth2"):
            yield from (Task(data, horizon, features, space) for horizon in HORIZONS for features in FEATURES)


TASKS = {task.name: task for task in _tasks()}


def find(name: str) -> Task:
    """The task called `name`. Raises TunewrightError for an unknown one."""
    if name not in TASKS:
        raise TunewrightError(f"informer has no task '{name}'", where="task", remedy=nearest(name, TASKS))
    return TASKS[name]
