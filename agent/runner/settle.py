"""What an ended run means for its trial."""

from __future__ import annotations

import time
from typing import Any

from agent.runner import second_try
from agent.runner.active import Active
from agent.store import points, trials
from agent.store.connection import Store
from agent.study.accumulation import told
from agent.study.nouns import TrialState
from trainers import rundir
from trainers.contract import Failure, FailureKind

_MOST_STARTS = 20  # attempts after which a trial that never starts is given up


def settle(store: Store, active: Active) -> Failure | None:
    """Ends an attempt by its exit.json, or as lost when it left none. All its reports must be in the store.

    A transient failure queues the trial again, up to the study's number of retries; one of memory once, in
    micro-batches, where the trainer can. Returns why it failed, if it did.
    """
    outcome = _outcome(active)
    failure = None if outcome["failure"] is None else Failure.from_dict(outcome["failure"])
    accumulation = second_try.accumulation(store, active, failure)
    if failure is not None and accumulation is None:
        failure = second_try.with_earlier(store, active, failure)
    state = TrialState(outcome["state"])
    objective = active.study.spec.objective
    value = objective.value(points.curve(store, active.trial.id, objective.metric).values)
    if failure is not None and failure.kind is FailureKind.NO_METRIC and value is not None:
        state, failure = TrialState.COMPLETED, None  # it went on where an earlier attempt had done everything
    value = None if state is TrialState.FAILED else value
    trials.end(
        store,
        active.attempt,
        state,
        value=value,
        failure=failure,
        outcome=outcome,
        retry=accumulation is not None or _worth_retrying(store, active, failure, outcome),
        ended_at=outcome["ended_at"],
        accumulation=accumulation,
        said=told(active.study.spec, active.trial.params, accumulation or 1),
    )
    return failure


def _outcome(active: Active) -> dict[str, Any]:
    try:
        found = rundir.read_json(active.run_dir / rundir.EXIT)
    except ValueError:
        found = None  # it is written atomically, so this is a foreign hand; the run is lost all the same
    return found or _lost(active)


def _lost(active: Active) -> dict[str, Any]:
    """The outcome of a run whose supervisor vanished: killed, or gone with the machine."""
    started = bool(rundir.supervisor_of(active.run_dir))
    asked = active.stop_asked is not None
    message = "its worker vanished without a word: killed, or the machine went down" if started else "it never started"
    failure = Failure(kind=FailureKind.LOST, message=message)
    return {
        "format": 1,
        "state": ("pruned" if active.pruned else "stopped") if asked else "failed",
        "cut_short": False,
        "failure": None if asked else failure.to_dict(),
        "never_started": not started,
        "ended_at": _last_seen(active) if started else active.attempt.launched_at,
    }


def _last_seen(active: Active) -> float:
    """Its last sign of life: hours may have passed since, with the machine off, that were not spent on the trial."""
    return max(active.attempt.launched_at, rundir.last_sign(active.run_dir) or time.time())


def _worth_retrying(store: Store, active: Active, failure: Failure | None, outcome: dict[str, Any]) -> bool:
    if failure is None or not failure.transient or active.stop_asked is not None:
        return False
    earlier = [a for a in trials.attempts(store, active.trial.id) if a["number"] < active.attempt.number]
    spared = ("never_started", "shared_fault")  # not the trial's own doing
    counted = [a for a in earlier if not any((a["outcome"] or {}).get(name) for name in spared)]
    if outcome.get("shared_fault"):  # from now on it runs by itself
        return active.attempt.number < _MOST_STARTS
    if outcome.get("never_started"):
        return active.attempt.number < _MOST_STARTS
    return len(counted) < active.study.spec.engine.retries
