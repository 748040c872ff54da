"""A table of losses on a grid, as a task: what lies between its points is run at the nearest."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.search.task import Known, Task
from trainers.contract import FailureKind
from trainers.space import Config, SearchSpace, config_key

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Grid:
    """`losses` in the order of `itertools.product(*axes.values())`."""

    space: SearchSpace
    axes: Mapping[str, tuple[Any, ...]]
    losses: NDArray[np.float64]

    @cached_property
    def configs(self) -> tuple[Config, ...]:
        names = tuple(self.axes)
        return tuple(
            self.space.canonical(dict(zip(names, point, strict=True)))
            for point in itertools.product(*self.axes.values())
        )

    @cached_property
    def _units(self) -> list[NDArray[np.float64]]:
        """Where the points of each axis lie on the parameter's own scale, 0 to 1; choices by index."""
        return [np.array([self.space.parameters[n].unit(v) for v in values]) for n, values in self.axes.items()]

    def index(self, config: Config) -> int:
        """The number of the point nearest to `config`."""
        nearest = [int(np.abs(units - u).argmin()) for units, u in zip(self._units, self._at(config), strict=True)]
        return int(np.ravel_multi_index(nearest, [len(units) for units in self._units]))

    def _at(self, config: Config) -> list[float]:
        return [self.space.parameters[name].unit(config[name]) for name in self.axes]

    def place(self, config: Config, run: Collection[str]) -> Config:
        """`config` itself where it is a point of the grid, even one that was run; else the nearest point that was not:
        a search that cannot see the grid does not lose trials to it."""
        point = self.configs[self.index(config)]
        if self.space.canonical(config) == point or config_key(point) not in run:
            return point
        apart = np.zeros([1] * len(self._units))
        for axis, (units, u) in enumerate(zip(self._units, self._at(config), strict=True)):
            shape = [-1 if a == axis else 1 for a in range(len(self._units))]
            apart = apart + ((units - u) ** 2).reshape(shape)
        order = np.argsort(apart, axis=None, kind="stable")
        return next(self.configs[i] for i in order if config_key(self.configs[i]) not in run)

    def loss(self, config: Config) -> float | None:
        value = float(self.losses[self.index(config)])
        return None if math.isnan(value) else value

    @cached_property
    def known(self) -> Known:
        ran = [int(i) for i in np.argsort(self.losses, kind="stable") if not np.isnan(self.losses[i])]
        return tuple((self.configs[i], float(self.losses[i])) for i in ran)


def task(name: str, grid: Grid, default: Config, *, spread: bool = False) -> Task:
    """`spread` where the losses span orders of magnitude: against the worst of them nothing would count."""
    return Task(
        name=name,
        space=grid.space,
        default=grid.configs[grid.index(default)],
        loss=grid.loss,
        optimum=float(np.nanmin(grid.losses)),
        worst=float(np.nanmedian(grid.losses) if spread else np.nanmax(grid.losses)),
        known=lambda: grid.known,
        place=grid.place,
        axes=grid.axes,
    )


def failing(of: Task, suffix: str, fails: Callable[[Config], bool], kind: FailureKind) -> Task:
    """`of` where every config that `fails` says so of fails. The optimum is that of the configs that still run; an
    adviser knows the losses all configs would have had, and not which of them fail."""
    ran = [loss for config, loss in of.known() if not fails(config)]
    return replace(
        of,
        name=f"{of.group}-{suffix}/{of.name.split('/')[1]}",
        loss=lambda config: None if fails(config) else of.loss(config),
        optimum=min(ran),
        worst=max(ran),
        failure=kind,
    )
