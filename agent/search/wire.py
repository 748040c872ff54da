"""Histories and drafts as JSON, between a front and its proposer process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agent.search.history import History
from agent.search.objections import Rejection
from agent.study.hint import Hint
from agent.study.nouns import Draft, Evidence, Source, Trial, TrialState
from agent.study.suggested import Suggested
from trainers.contract import Failure, Objective
from trainers.space import SearchSpace

_TRIAL = (
    *("id", "study_id", "number", "proposal_id", "params", "seed", "value", "cut_short", "started_at", "ended_at"),
    *("accumulation", "peak_host_bytes", "peak_device_bytes"),
)


def trial_to_dict(trial: Trial) -> dict[str, Any]:
    """What a proposer may need of a trial."""
    out = {name: getattr(trial, name) for name in _TRIAL}
    failure = None if trial.failure is None else trial.failure.to_dict()
    return {**out, "source": str(trial.source), "state": str(trial.state), "failure": failure}


def trial_from_dict(data: Mapping[str, Any]) -> Trial:
    failure = None if data["failure"] is None else Failure.from_dict(data["failure"])
    return Trial(**{**data, "source": Source(data["source"]), "state": TrialState(data["state"]), "failure": failure})


def frame_to_dict(history: History) -> dict[str, Any]:
    """A history without its trials and taken keys, which are sent only once each."""
    return {
        "space": history.space.to_dict(),
        "objective": asdict(history.objective),
        "first_config": history.first_config,
        "seed": history.seed,
        "pending": list(history.pending),
        "number": history.number,
        "rejections": [asdict(rejection) for rejection in history.rejections],
        "hints": [asdict(hint) for hint in history.hints],
        "unbounded": list(history.unbounded),
        "memory_limit": history.memory_limit,
        "portfolio": [suggested.to_dict() for suggested in history.portfolio],
        "advice": [draft_to_dict(draft) for draft in history.advice],
    }


def history_from_dict(frame: Mapping[str, Any], trials: tuple[Trial, ...], taken: frozenset[str]) -> History:
    return History(
        space=SearchSpace.from_dict(frame["space"]),
        objective=Objective(**frame["objective"]),
        first_config=frame["first_config"],
        seed=frame["seed"],
        pending=tuple(frame["pending"]),
        number=frame["number"],
        rejections=tuple(Rejection(**rejection) for rejection in frame["rejections"]),
        hints=tuple(Hint(**hint) for hint in frame["hints"]),
        unbounded=tuple(frame["unbounded"]),
        memory_limit=frame["memory_limit"],
        portfolio=tuple(Suggested.from_dict(suggested) for suggested in frame["portfolio"]),
        advice=tuple(draft_from_dict(draft) for draft in frame["advice"]),
        trials=trials,
        taken=taken,
    )


def draft_to_dict(draft: Draft) -> dict[str, Any]:
    return {**asdict(draft), "source": str(draft.source)}


def draft_from_dict(data: Mapping[str, Any]) -> Draft:
    evidence = tuple(Evidence(**item) for item in data["evidence"])
    expected = None if data["expected"] is None else tuple(data["expected"])
    return Draft(**{**data, "source": Source(data["source"]), "evidence": evidence, "expected": expected})
