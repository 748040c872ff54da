"""The tasks of `bracket`: an architecture and the data it learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.space import FloatParameter, IntParameter, Parameter, SearchSpace

OBJECTIVE = Objective("val_exact", "maximize")

# What each architecture has beyond the common parameters; its class in models.py takes them by these names.
ARCHITECTURES: dict[str, tuple[Parameter, ...]] = {
    "gru": (
        IntParameter(name="embedding", low=32, high=256, log=True, default=48),
        IntParameter(name="units", low=32, high=256, log=True, default=128),
        IntParameter(name="layers", low=1, high=5, default=1),
    ),
}


@dataclass(frozen=True)
class Task:
    """`mode` is how the data are labelled, see data.py; `epochs` are the lowest, highest and default number."""

    architecture: str
    mode: str
    train_samples: int
    epochs: tuple[int, int, int]

    @property
    def space(self) -> SearchSpace:
        low, high, default = self.epochs
        return SearchSpace(
            (
                IntParameter(name="epochs", low=low, high=high, log=True, default=default),
                IntParameter(name="batch_size", low=32, high=256, log=True, default=64),
                FloatParameter(name="lr", low=1e-5, high=1e-1, log=True, default=3e-3),
                FloatParameter(name="dropout", low=0.0, high=0.5, default=0.0),
                *ARCHITECTURES[self.architecture],
            )
        )


TASKS = {
    "gru-clean": Task("gru", "clean", 100_000, (1, 10, 1)),
    "gru-reference": Task("gru", "reference", 100_000, (1, 10, 1)),
    "gru-small": Task("gru", "clean", 3_000, (1, 50, 10)),
}


def find(name: str) -> Task:
    """The task called `name`. Raises TunewrightError for an unknown one."""
    if name not in TASKS:
        raise TunewrightError(f"bracket has no task '{name}'", where="task", remedy=nearest(name, TASKS))
    return TASKS[name]


def train_samples(task: Task, options: Mapping[str, Any]) -> int:
    """The training set's size: the option `train_samples`, or else the task's own.

    Raises TunewrightError for an unknown option and for a size that is no whole number above 0.
    """
    for name in options:
        if name != "train_samples":
            raise TunewrightError(
                "bracket has no such option", where=f"options.{name}", remedy="It has: train_samples."
            )
    size = options.get("train_samples", task.train_samples)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise TunewrightError(f"{size!r} is not a whole number above 0", where="options.train_samples")
    return size
