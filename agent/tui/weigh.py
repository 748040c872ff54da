"""What a person needs to weigh a proposal: how it differs from the best and the nearest, and what it risks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.study.nouns import Proposal, Trial, TrialState
from agent.tui.model import StudyModel
from agent.tui.text import param
from trainers.space import CategoricalParameter

_LOOKED_AT = 1_000  # ended trials compared with, newest first
_ENOUGH = 4  # ended trials before "never tried" means something
_CLOSE = 0.15  # SearchSpace.distance


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
    best: Trial | None
    nearest: Trial | None  # the nearest ended trial that is not the best one
    rows: tuple[Row, ...]  # those that differ first
    risks: tuple[str, ...]


def weigh(proposal: Proposal, model: StudyModel) -> Weighed:
    ended = [t for t in model.trials.values() if t.state.ended][-_LOOKED_AT:]
    distance = model.spec.space.distance
    near = sorted(((distance(proposal.params, t.params), t.number, t) for t in ended), key=lambda item: item[:2])
    best = model.best
    nearest = next((t for _, _, t in near if best is None or t.number != best.number), None)
    rows = [_row(name, value, best, nearest) for name, value in proposal.params.items()]
    rows.sort(key=lambda row: not row.differs)
    return Weighed(best, nearest, tuple(rows), tuple(_risks(proposal, model, near, ended)))


def _row(name: str, value: Any, best: Trial | None, nearest: Trial | None) -> Row:
    def of(trial: Trial | None) -> str:
        return "" if trial is None or name not in trial.params else param(trial.params[name])

    return Row(name, param(value), of(best), of(nearest))


def _risks(
    proposal: Proposal, model: StudyModel, near: Sequence[tuple[float, int, Trial]], ended: Sequence[Trial]
) -> list[str]:
    found = []
    failed = next(((d, t) for d, _, t in near if t.state is TrialState.FAILED), None)
    done = next((d for d, _, t in near if t.state is TrialState.COMPLETED), None)
    if failed is not None and failed[0] < _CLOSE and (done is None or failed[0] <= done):
        found.append(f"like t{failed[1].number}, which failed")
    if len(ended) >= _ENOUGH and (beyond := _beyond(proposal, model, ended)):
        found.append(f"beyond what was tried: {', '.join(beyond)}")
    return found


def _beyond(proposal: Proposal, model: StudyModel, ended: Sequence[Trial]) -> list[str]:
    """Parameters whose value lies outside the range tried, or is a choice never tried."""
    names = []
    for name, value in proposal.params.items():
        tried = [t.params[name] for t in ended if name in t.params]
        parameter = model.spec.space.parameters.get(name)
        if not tried or parameter is None:
            continue
        if isinstance(parameter, CategoricalParameter):
            if value not in tried:
                names.append(name)
        elif not min(tried) <= value <= max(tried):
            names.append(name)
    return names
