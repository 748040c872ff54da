"""Optuna's trials as ours: what each tells a search."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial
from optuna.trial import TrialState as OptunaState

from agent.search.optuna.translation import Translation
from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import Failure, FailureKind
from trainers.space import Config

PARAMS = "tunewright:params"  # system attributes: a running trial's config in our terms, in pieces
SOURCE, RATIONALE = "tunewright:source", "tunewright:rationale"  # user attributes, for people
_LONGEST = 2_000  # characters of a system attribute that every storage takes
_COMPARED = 200  # latest completed trials that a pruned one is held against

_STATES = {
    OptunaState.COMPLETE: TrialState.COMPLETED,
    OptunaState.PRUNED: TrialState.PRUNED,
    OptunaState.FAIL: TrialState.FAILED,
    OptunaState.RUNNING: TrialState.RUNNING,
    OptunaState.WAITING: TrialState.QUEUED,
}


@dataclass(frozen=True)
class Others:
    """The trials that one is seen beside, looked through once for all of them."""

    every: Sequence[FrozenTrial]

    @cached_property
    def retried(self) -> frozenset[int]:
        """The numbers of those that were queued again by Optuna's callback."""
        numbers = (t.system_attrs.get("failed_trial") for t in self.every if t.system_attrs)
        return frozenset(number for number in numbers if number is not None)

    @cached_property
    def _done(self) -> list[FrozenTrial]:
        done = [t for t in self.every if t.state is OptunaState.COMPLETE and t.datetime_complete is not None]
        return sorted(done, key=_end)

    def completed_before(self, frozen: FrozenTrial) -> list[FrozenTrial]:
        """The latest of those that had completed when it ended."""
        until = bisect_right(self._done, _end(frozen), key=_end)
        return self._done[max(until - _COMPARED, 0) : until]


def converted(frozen: FrozenTrial, translation: Translation, sign: float, others: Others) -> Trial:
    """`frozen` as a trial of ours. One that completed and broke a constraint has failed; one that was pruned is worth
    what it would have come to beside those that had completed by then; one that a retry stands in for was lost with
    its worker, which is not its config's fault."""
    state, failure = _STATES[frozen.state], None
    if frozen.state is OptunaState.COMPLETE and any(value > 0 for value in frozen.constraints.values()):
        state, failure = TrialState.FAILED, Failure(kind=FailureKind.EXCEPTION, message=_broken(frozen))
    elif frozen.state is OptunaState.FAIL:
        failure = _failure(frozen, others)
    elif frozen.user_attrs.get("state") == TrialState.STOPPED and frozen.state is OptunaState.PRUNED:
        state = TrialState.STOPPED  # exported from a study of ours, where a person ended it
    has_value = state in (TrialState.COMPLETED, TrialState.PRUNED) and frozen.values is not None
    return Trial(
        id=frozen.number + 1,
        study_id=1,
        number=frozen.number,
        proposal_id=frozen.number,
        source=_source(frozen),
        params=_params(frozen, translation),
        seed=0,
        state=state,
        value=frozen.value if has_value else None,
        estimate=_estimate(frozen, sign, others) if state is TrialState.PRUNED else None,
        ended_at=_end(frozen) if frozen.datetime_complete else None,
        failure=failure,
    )


def marks(config: Config) -> dict[str, str]:
    """System attributes that tell other workers what a trial is about to run."""
    text = json.dumps(config)
    pieces = (text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST))
    return {f"{PARAMS}:{i}": piece for i, piece in enumerate(pieces)}


def fixed(frozen: FrozenTrial) -> Mapping[str, Any]:
    """What `enqueue_trial` has set of a trial."""
    found: Mapping[str, Any] = frozen.system_attrs.get("fixed_params", {})
    return found


def _params(frozen: FrozenTrial, translation: Translation) -> Config:
    """Canonical where it fits the space; of a trial that has not ended, with what it was proposed and has not yet asked
    for."""
    config: Config = {}
    if not frozen.state.is_finished():
        config = _marked(frozen) | translation.config(fixed(frozen))
    config = {n: v for n, v in config.items() if n in translation.space.parameters}
    config |= translation.config(frozen.params)
    return translation.space.canonical(config) if translation.space.allows(config) else config


def _marked(frozen: FrozenTrial) -> Config:
    pieces: list[str] = []
    while (piece := frozen.system_attrs.get(f"{PARAMS}:{len(pieces)}")) is not None:
        pieces.append(piece)
    config: Config = json.loads("".join(pieces)) if pieces else {}
    return config


def lacking(frozen: FrozenTrial) -> list[str]:
    """What the trial was proposed and has not asked for, by our names."""
    has = set(Translation(frozen.distributions).names.values())
    return [name for name in _marked(frozen) if name not in has]


def _source(frozen: FrozenTrial) -> Source:
    said = frozen.user_attrs.get(SOURCE, frozen.user_attrs.get("source"))
    if said in tuple(Source):
        return Source(said)
    return Source.PERSON if fixed(frozen) else Source.RANDOM


def _broken(frozen: FrozenTrial) -> str:
    name, value = max(frozen.constraints.items(), key=lambda item: item[1])
    return f"the constraint {name} is {value:g}, above 0"


def _failure(frozen: FrozenTrial, others: Others) -> Failure:
    """As the user attribute `failure` has it, where there is one: `{"kind": "cuda_out_of_memory"}`."""
    told = frozen.user_attrs.get("failure")
    told = {"kind": told} if isinstance(told, str) else told
    if isinstance(told, Mapping) and told.get("kind") in tuple(FailureKind):
        return Failure(kind=FailureKind(told["kind"]), message=str(told.get("message", "")))
    if frozen.number in others.retried:
        return Failure(kind=FailureKind.LOST, message="its worker was lost; it was queued again")
    return Failure(kind=FailureKind.EXCEPTION, message="it failed")


def _estimate(frozen: FrozenTrial, sign: float, others: Others) -> float | None:
    """The final value that has the rank which this trial had, among those that completed before it ended, at the step
    where it ended; None where none of them came so far. What it had reached would make it look worse than it is.
    """
    if frozen.last_step is None or frozen.datetime_complete is None:
        return None
    reached = _level(frozen, frozen.last_step, sign)
    pairs = [(_level(t, frozen.last_step, sign), sign * (t.value or 0.0)) for t in others.completed_before(frozen)]
    pairs = [(level, final) for level, final in pairs if math.isfinite(level) and math.isfinite(final)]
    if not pairs or not math.isfinite(reached):
        return None
    levels, finals = sorted(level for level, _ in pairs), sorted(final for _, final in pairs)
    place = float(np.interp(reached, levels, range(len(levels))))
    return sign * float(np.interp(place, range(len(finals)), finals))


def _end(frozen: FrozenTrial) -> float:
    return frozen.datetime_complete.timestamp() if frozen.datetime_complete else math.inf


def _level(frozen: FrozenTrial, step: int, sign: float) -> float:
    """The best of its reports up to `step`, as a loss; infinite where it did not come so far."""
    last = frozen.last_step
    if last is None or (last < step and frozen.state is not OptunaState.COMPLETE):
        return math.inf
    losses = (sign * value for at, value in frozen.intermediate_values.items() if at <= step)
    return min((loss for loss in losses if math.isfinite(loss)), default=math.inf)
