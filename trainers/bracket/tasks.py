"""The tasks of `bracket`: an architecture and the data it learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.space import FloatParameter, IntParameter, Parameter, SearchSpace

MODES = ("clean", "reference")  # of trainers.bracket.data, which imports numpy
OBJECTIVE = Objective("val_exact", "maximize")
FREE_IN_A_PACK = ("lr", "dropout", "epochs")  # what trials that train as one may differ in

_ATTENTION = (
    IntParameter(name="embedding", low=32, high=256, log=True, default=64),
    IntParameter(name="heads", low=2, high=8, default=4),
    IntParameter(name="ffn", low=64, high=512, log=True, default=256),
    IntParameter(name="layers", low=1, high=4, default=2),
)
_DIVIDES = ("embedding % heads == 0",)


@dataclass(frozen=True)
class Shape:
    """What an architecture has beyond the common parameters; its class takes them by these names. `lr` and `epochs`
    are defaults."""

    parameters: tuple[Parameter, ...]
    constraints: tuple[str, ...] = ()
    lr: float = 1e-3
    epochs: int = 3


ARCHITECTURES = {
    "gru": Shape(
        (
            IntParameter(name="embedding", low=32, high=256, log=True, default=48),
            IntParameter(name="units", low=32, high=256, log=True, default=128),
            IntParameter(name="layers", low=1, high=5, default=1),
        ),
        lr=3e-3,
        epochs=1,
    ),
    "lstm": Shape(
        (
            IntParameter(name="embedding", low=32, high=256, log=True, default=48),
            IntParameter(name="units", low=32, high=512, log=True, default=128),
            IntParameter(name="layers", low=1, high=5, default=1),
        ),
        lr=3e-3,
        epochs=1,
    ),
    "transformer": Shape(_ATTENTION, _DIVIDES),
    "bert": Shape(_ATTENTION, _DIVIDES),
    "gpt": Shape(_ATTENTION, _DIVIDES),
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
        shape = ARCHITECTURES[self.architecture]
        return SearchSpace(
            (
                IntParameter(name="epochs", low=low, high=high, log=True, default=default),
                IntParameter(name="batch_size", low=32, high=256, log=True, default=64),
                FloatParameter(name="lr", low=1e-5, high=1e-1, log=True, default=shape.lr),
                FloatParameter(name="dropout", low=0.0, high=0.5, default=0.0),
                *shape.parameters,
            ),
            shape.constraints,
        )


def _tasks() -> Iterator[tuple[str, Task]]:
    """Each architecture on 3,000 samples, for a trial of seconds, and on 100,000 of either kind."""
    for name, shape in ARCHITECTURES.items():
        yield f"{name}-small", Task(name, "clean", 3_000, (1, 50, 10))
        for mode in MODES:
            yield f"{name}-{mode}", Task(name, mode, 100_000, (1, 10, shape.epochs))


TASKS = dict(_tasks())


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
