"""Fresh healthy runs: neighbours of the recorded ones, with other seeds, rates, sizes and lengths.

Whether a neighbour is healthy is decided by its objective alone, never by a verdict: it must have come nearly as far
as the recorded run it was made from.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from agent.diagnosis.record import TrialRecord
from agent.diagnosis.roles import Role, role
from tests.agent.diagnosis.labelled import CASES, Labelled, load
from tests.agent.diagnosis.make_cases import SPLITS, Spec, make, specs
from trainers.space import SearchSpace

_NEARLY = 0.1  # of what the recorded run had gained may be missing


def runs(count: int, seed: int) -> Iterator[tuple[Labelled, bool]]:
    """Runs `count` neighbours one after the other: each, and whether it is healthy by its objective."""
    rng = np.random.default_rng(seed)
    bases = [(split, spec) for split in SPLITS for spec in specs(split) if spec.fault == "none" and not spec.peers]
    for i in rng.permutation(np.resize(np.arange(len(bases)), max(count, len(bases))))[:count]:
        split, base = bases[i]
        with tempfile.TemporaryDirectory() as folder:
            make(neighbour(base, rng), Path(folder) / base.name)
            case = load(Path(folder) / base.name, split)
        yield case, came_as_far(case.record, load(CASES / split / base.name).record)


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
            params[name] = space.parameters[name].snap(
                type(value)(np.clip(value * widest ** rng.uniform(-1, 1), low, high))
            )
    return replace(spec, params=params if space.allows(params) else spec.params)


def came_as_far(record: TrialRecord, base: TrialRecord) -> bool:
    if record.value is None or base.value is None:
        return False
    sign, goal = base.objective.sign, base.curves[base.objective.metric].finite.values
    gained = sign * (goal[0] - base.value) if len(goal) > 1 else abs(base.value)
    return bool(sign * (record.value - base.value) <= _NEARLY * abs(gained))
