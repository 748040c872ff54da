"""What findings are told with: medians, the trials cited, values in two digits."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.study.nouns import Trial
from trainers.contract import Objective

_CITED = 5
_FEW = 2


@dataclass(frozen=True)
class Contrast:
    """Two groups of trials whose medians differ: `better` in the objective's sense, and the others."""

    better: Sequence[Trial]
    others: Sequence[Trial]
    objective: Objective

    def text(self, first: str, second: str) -> str:
        """`median val_loss 0.31 there, 0.58 elsewhere`."""
        good, rest = median(self.better), median(self.others)
        return f"median {self.objective.metric} {good:.4g} {first}, {rest:.4g} {second}"


def contrast(trials: Sequence[Trial], inside: Sequence[bool], objective: Objective, *, worse: bool = False) -> Contrast:
    """The trials `inside` against the rest; `worse` where those inside are the worse ones."""
    mine = [t for t, there in zip(trials, inside, strict=True) if there]
    others = [t for t, there in zip(trials, inside, strict=True) if not there]
    return Contrast(others, mine, objective) if worse else Contrast(mine, others, objective)


def holds(found: Contrast) -> bool:
    """Whether there are trials on both sides and the medians bear it out."""
    enough = min(len(found.better), len(found.others)) >= _FEW
    return enough and found.objective.better(median(found.better), median(found.others))


def median(trials: Sequence[Trial]) -> float:
    return statistics.median(t.value for t in trials if t.value is not None)


def cited(trials: Sequence[Trial], objective: Objective) -> tuple[int, ...]:
    """The numbers of the best few."""
    ordered = sorted(trials, key=lambda t: (objective.sign * (t.value or 0.0), t.number))
    return tuple(t.number for t in ordered[:_CITED])


def said(value: Any) -> str:
    """A float in two digits, 1e-5 and not 1e-05; choices without quotes, null and true as a study file has them."""
    if not isinstance(value, float):
        return value if isinstance(value, str) else json.dumps(value)
    return f"{value:.2g}".replace("e-0", "e-").replace("e+0", "e")
