"""What a person needs to weigh a proposal: how it differs from the best and the nearest, what it takes and risks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from agent.study.nouns import Proposal, Trial, TrialState
from agent.weighing.known import Known, Wording
from agent.weighing.risks import Broken, Risk, of_cost, of_model, of_place
from trainers.space import Config

_LOOKED_AT = 1_000  # ended trials compared with, newest first
_NEIGHBOURS = 5  # completed trials from which the time of an edited config is judged
_FLOOR = 0.05  # SearchSpace.distance below which a neighbour counts no more than at it


@dataclass(frozen=True)
class Row:
    """One parameter: its value here, in the best trial and in the nearest one (texts, "" where absent)."""

    name: str
    value: str
    best: str
    nearest: str

    @property
    def differs(self) -> bool:
        return any(other not in ("", self.value) for other in (self.best, self.nearest))


@dataclass(frozen=True)
class Weighed:
    """`seconds` is what a run is expected to take, None before any has completed; `runs` is how many it brings, one a
    seed."""

    best: Trial | None
    nearest: Trial | None  # the nearest ended trial that is not the best one
    rows: tuple[Row, ...]  # those that differ first
    risks: tuple[Risk, ...]
    seconds: float | None = None
    runs: int = 1

    @property
    def total_seconds(self) -> float | None:
        """Of all runs, one after another."""
        return None if self.seconds is None else self.seconds * self.runs


@dataclass
class Scales:
    """Weighs configs against what a study has tried. Keeps what it learnt until another trial ends."""

    say: Wording
    _broken: Broken = field(default_factory=Broken)

    def weigh(self, proposal: Proposal, known: Known, params: Config | None = None) -> Weighed:
        """`params` are the proposal's own values as the person has changed them."""
        edited = params is not None and params != proposal.params
        config = params if params is not None and edited else proposal.params
        known = replace(known, ended=known.ended[-_LOOKED_AT:])
        distance = known.spec.space.distance
        near = sorted(((distance(config, t.params), t.number, t) for t in known.ended), key=lambda item: item[:2])
        best = known.best
        nearest = next((t for _, _, t in near if best is None or t.key != best.key), None)
        rows = [_row(name, value, best, nearest, self.say.param) for name, value in config.items()]
        rows.sort(key=lambda row: not row.differs)
        expected = _seconds(near) if edited else proposal.expected_seconds
        runs = proposal.seeds or known.spec.seeds
        risks = [*of_place(config, known, near, self._broken, self.say), *of_cost(expected, known, self.say, runs)]
        if not edited:
            risks += of_model(proposal.insight.get("entropy", {}))
        return Weighed(best, nearest, tuple(rows), tuple(risks), expected, runs)


def _row(name: str, value: Any, best: Trial | None, nearest: Trial | None, param: Callable[[Any], str]) -> Row:
    def of(trial: Trial | None) -> str:
        return "" if trial is None or name not in trial.params else param(trial.params[name])

    return Row(name, param(value), of(best), of(nearest))


def _seconds(near: list[tuple[float, int, Trial]]) -> float | None:
    """The time of the nearest completed trials, nearer ones counting for more: a batch size may decide it."""
    done = [(d, t.seconds) for d, _, t in near if t.state is TrialState.COMPLETED and t.seconds][:_NEIGHBOURS]
    if not done:
        return None
    weights = [1 / max(d, _FLOOR) for d, _ in done]
    logs = [w * math.log(s) for w, (_, s) in zip(weights, done, strict=True) if s is not None]
    return math.exp(sum(logs) / sum(weights))
