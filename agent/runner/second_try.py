"""What follows when memory ran out: one more attempt in micro-batches, or a failure that tells of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.runner.active import Active
from agent.store import trials
from agent.store.connection import Store
from agent.study.accumulation import batch_of, pieces
from agent.study.sizes import rough_size
from trainers.contract import Failure

_NUMBERS = ("asked_bytes", "free_bytes", "used_bytes", "limit_bytes", "total_bytes")


def accumulation(store: Store, active: Active, failure: Failure | None) -> int | None:
    """In how many micro-batches the trial is tried again; None when it is not: memory was not the reason, it was asked
    to stop, the trainer cannot, or it ran out before."""
    if failure is None or not failure.of_memory or active.stop_asked is not None:
        return None
    spec = active.study.spec
    batch = batch_of(spec, active.trial.params)
    if batch is None or not spec.engine.retries or _ran_out(store, active):
        return None
    before = active.trial.accumulation
    trained = (trials.by_id(store, active.trial.id).last_step or 0) > 0
    found = pieces(failure, -(-batch // before), trained=trained)
    return None if found is None else found * before


def with_earlier(store: Store, active: Active, failure: Failure) -> Failure:
    """A failure of memory with the numbers of the attempts before it that failed likewise."""
    earlier = _ran_out(store, active) if failure.of_memory else []
    if not earlier:
        return failure
    told = "; ".join(f"attempt {e['attempt']} ran out as well{_figures(e)}" for e in earlier)
    now = f" (in {active.trial.accumulation} micro-batches a step; {told})"
    return replace(failure, message=failure.message + now, details={**failure.details, "earlier": earlier})


def _ran_out(store: Store, active: Active) -> list[dict[str, Any]]:
    """The trial's earlier attempts that ran out of memory, with their numbers."""
    found = []
    for attempt in trials.attempts(store, active.trial.id):
        outcome = attempt["outcome"] or {}
        said = outcome.get("failure")
        if said and attempt["number"] < active.attempt.number and Failure.from_dict(said).of_memory:
            numbers = {n: said["details"][n] for n in _NUMBERS if n in said["details"]}
            found.append({"attempt": attempt["number"], "accumulation": outcome.get("accumulation", 1), **numbers})
    return found


def _figures(numbers: dict[str, Any]) -> str:
    words = {"used_bytes": "held", "asked_bytes": "asked for", "free_bytes": "free"}
    told = [f"{rough_size(numbers[name])} {word}" for name, word in words.items() if name in numbers]
    return f": {', '.join(told)}" if told else ""
