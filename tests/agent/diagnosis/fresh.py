"""Fresh runs: neighbours of the recorded healthy ones, with other seeds, rates, sizes and lengths; and the same with
a learning rate from the very end of its range.

What is true of one is decided by its objective alone, never by a verdict: how far it came beside the recorded run it
was made from.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.diagnosis.record import TrialRecord
from agent.study.roles import Role, role
from tests.agent.diagnosis.labelled import CASES, Labelled, load
from tests.agent.diagnosis.make_cases import SPLITS, Spec, make, specs
from trainers.space import SearchSpace

_NEARLY, _FAR = 0.1, 0.5  # of what the recorded run had gained: may be missing of a healthy one, is of a spoilt one
FAULTS = {"lr too high": (0.93, 1.0), "lr too low": (0.0, 0.07)}  # parts of the rate's range, on its own scale


def runs(count: int, seed: int, fault: str = "none") -> Iterator[tuple[Labelled, bool]]:
    """Runs `count` neighbours one after the other: each, labelled with `fault`, and whether that is true of it."""
    rng = np.random.default_rng(seed)
    bases = [(split, spec) for split in SPLITS for spec in specs(split) if _serves(spec, fault)]
    for i in rng.permutation(np.resize(np.arange(len(bases)), max(count, len(bases))))[:count]:
        split, base = bases[i]
        with tempfile.TemporaryDirectory() as folder:
            made = neighbour(base, rng) if fault == "none" else spoilt(base, fault, rng)
            make(replace(made, fault=fault), Path(folder) / base.name)
            case = load(Path(folder) / base.name, split)
        missing = shortfall(case.record, load(CASES / split / base.name).record)
        yield case, missing <= _NEARLY if fault == "none" else missing >= _FAR


def _serves(spec: Spec, fault: str) -> bool:
    return spec.fault == "none" and not spec.peers and (fault == "none" or _rate(spec) is not None)


def _rate(spec: Spec) -> str | None:
    return next((name for name in spec.params if role(name) is Role.LEARNING_RATE), None)


def spoilt(spec: Spec, fault: str, rng: np.random.Generator) -> Spec:
    """The same run with a learning rate from the end of its range."""
    name = _rate(spec) or ""
    parameter, draws = SearchSpace.from_dict(spec.space).parameters[name], random.Random(int(rng.integers(1 << 30)))
    low, high = FAULTS[fault]
    rate = next(v for _ in range(10_000) if low <= parameter.unit(v := parameter.sample(draws)) <= high)
    return replace(spec, params=spec.params | {name: rate})


def neighbour(spec: Spec, rng: np.random.Generator) -> Spec:
    """The same run with learning rates up to three times, and other numbers up to twice, as large or as small."""
    space = SearchSpace.from_dict(spec.space)
    params: dict[str, Any] = dict(spec.params)
    for name, value in spec.params.items():
        if name == "seed":
            params[name] = int(rng.integers(0, 20))
        elif type(value) in (int, float):
            widest = 3.0 if role(name) is Role.LEARNING_RATE else 2.0
            low, high = (float(getattr(space.parameters[name], end, value)) for end in ("low", "high"))
            near = type(value)(np.clip(value * widest ** rng.uniform(-1, 1), low, high))
            params[name] = space.parameters[name].snap(near)
    return replace(spec, params=params if space.allows(params) else spec.params)


def shortfall(record: TrialRecord, base: TrialRecord) -> float:
    """How much of what `base` gained is missing; infinite without a value."""
    if record.value is None or base.value is None:
        return float("inf")
    sign, goal = base.objective.sign, base.curves[base.objective.metric].finite.values
    gained = sign * (goal[0] - base.value) if len(goal) > 1 else abs(base.value)
    return float(sign * (record.value - base.value) / max(abs(gained), 1e-12))
