"""What trials that ran out of memory say about configs nobody has tried: as large or larger will not fit either.

A rule of dominance, since memory grows with batch size, input length, width and depth, whatever the formula: a config
is out of bounds when none of what drives memory is smaller than in a trial that ran out, and all else that may matter
is as it was there. What drives memory is told by a parameter's name; a number with a name that says nothing must be
near, a choice the same. A bound goes when a trial beyond it fitted, when the memory limit was raised since, or when
the person lets go of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.study.nouns import Trial, TrialState
from agent.study.roles import Role, role
from agent.study.sizes import rough_size
from agent.study.spec import StudySpec
from trainers.contract import Failure, FailureKind
from trainers.dimension import is_number
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import Config, SearchSpace

_DRIVES = frozenset({Role.BATCH, Role.SEQUENCE, Role.CAPACITY, Role.WORKERS})
_ALSO_DRIVES = re.compile(r"(\w+_)?(heads|estimators|trees)|factor|topk|k|beam\w*", re.IGNORECASE)
_NEVER = frozenset({Role.LEARNING_RATE, Role.REGULARISER, Role.DROPOUT, Role.CLIP, Role.MOMENTUM, Role.LENGTH})
_NEVER_EITHER = re.compile(r"(\w*_)?seed|warm_?up\w*|patience|temperature|tol|eps(ilon)?|scheduler|schedule")
_NEAR = 0.1  # of a parameter's range: as near is as good as the same
_CROWDED = 0.7  # of a GPU: where the trial held and found free less of it than that, others had the rest


@dataclass(frozen=True)
class MemoryBound:
    """What trial `trial` teaches: from `floors` on, with `fixed` as they were there, memory runs out."""

    trial: int
    floors: Mapping[str, float]
    fixed: Mapping[str, Any]
    figures: str  # what it asked for, what was free; "" where nobody said

    def holds(self, space: SearchSpace, config: Config) -> bool:
        """Whether `config` lies beyond it."""
        if any(name not in config or _below(config[name], floor) for name, floor in self.floors.items()):
            return False
        return all(
            name in config and _same(space.parameters.get(name), config[name], v) for name, v in self.fixed.items()
        )

    @property
    def text(self) -> str:
        """`batch_size ≥ 64, units ≥ 256, stride ≈ 4, optimizer = adam`."""
        told = [f"{name} ≥ {_written(value)}" for name, value in self.floors.items()]
        as_there = (
            f"no {name}" if v is None else f"{name} {'≈' if is_number(v) else '='} {_written(v)}"
            for name, v in self.fixed.items()
        )
        return ", ".join([*told, *as_there])

    @property
    def said(self) -> str:
        """`as large as t12, which ran out of memory (2 GiB asked for, 1.25 GiB free): batch_size ≥ 64, units ≥ 256`."""
        figures = f" ({self.figures})" if self.figures else ""
        return f"as large as t{self.trial}, which ran out of memory{figures}: {self.text}"


def memory_bounds(
    space: SearchSpace, trials: Sequence[Trial], *, dropped: Sequence[int] = (), limit: int | None = None
) -> tuple[MemoryBound, ...]:
    """The bounds that `trials` teach, the lowest ones only, by trial. `dropped` are the trials whose bound the person
    let go of; `limit` is the host memory, in bytes, that a trial may take now."""
    fitted = [t.params for t in trials if t.state is TrialState.COMPLETED]
    found: list[MemoryBound] = []
    for trial in sorted((t for t in trials if _ran_out(t, limit) and t.number not in dropped), key=lambda t: t.number):
        bound = _bound(space, trial)
        contradicted = any(bound.holds(space, params) for params in fitted)
        if not contradicted and not any(b.holds(space, trial.params) for b in found):
            found = [b for b in found if not bound.holds(space, {**b.floors, **b.fixed})]
            found.append(bound)
    return tuple(found)


def bounds_of(spec: StudySpec, trials: Sequence[Trial]) -> tuple[MemoryBound, ...]:
    """The bounds of a study as it is set up now."""
    return memory_bounds(spec.space, trials, dropped=spec.unbounded, limit=spec.engine.memory_bytes)


def _ran_out(trial: Trial, limit: int | None) -> bool:
    """Whether the trial failed for want of memory, and would again."""
    failure = trial.failure
    if trial.state is not TrialState.FAILED or failure is None or not failure.of_memory:
        return False
    had = failure.details.get("limit_bytes")
    return not _crowded(failure) and not (had and (limit is None or limit > had))


def _crowded(failure: Failure) -> bool:
    """Whether others held much of the GPU."""
    total, used, free = (failure.details.get(f"{name}_bytes") for name in ("total", "used", "free"))
    if failure.kind is not FailureKind.CUDA_OUT_OF_MEMORY or total is None or used is None or free is None:
        return False
    return bool(used + free < _CROWDED * total)


def _bound(space: SearchSpace, trial: Trial) -> MemoryBound:
    floors: dict[str, float] = {}
    fixed: dict[str, Any] = {}
    for name, value in trial.params.items():
        parameter = space.parameters.get(name)
        if parameter is None or parameter.count() == 1 or _never_matters(name):
            continue
        if is_number(value) and _drives(name) and _is_numeric(parameter):
            floors[name] = value
        else:
            fixed[name] = value
    return MemoryBound(trial.number, floors, fixed, ", ".join(_figures(trial.failure)))


def _drives(name: str) -> bool:
    return role(name) in _DRIVES or (role(name) in (None, Role.LENGTH) and bool(_ALSO_DRIVES.fullmatch(name)))


def _never_matters(name: str) -> bool:
    return not _drives(name) and (role(name) in _NEVER or bool(_NEVER_EITHER.fullmatch(name.lower())))


def _is_numeric(parameter: Parameter) -> bool:
    if isinstance(parameter, CategoricalParameter):
        return all(c is not None and is_number(c) for c in parameter.choices)
    return True


def _figures(failure: Failure | None) -> Iterator[str]:
    details = failure.details if failure is not None else {}
    for name, words in (("asked", "asked for"), ("free", "free"), ("used", "held"), ("limit", "allowed")):
        if (value := details.get(f"{name}_bytes")) is not None:
            yield f"{rough_size(value)} {words}"


def _below(value: Any, floor: float) -> bool:
    return not is_number(value) or value < floor


def _same(parameter: Parameter | None, value: Any, other: Any) -> bool:
    if isinstance(parameter, NumberParameter) and is_number(value) and is_number(other):
        if parameter.log and (value <= 0 or other <= 0):
            return bool(value == other)
        return abs(parameter.unit(value) - parameter.unit(other)) <= _NEAR
    return type(value) is type(other) and bool(value == other)


def _written(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
