"""Proposing a config once more: after a failure that may pass, or to see how much of a value was luck."""

from __future__ import annotations

from agent.store import proposals, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Draft, Proposal, Source
from agent.summary import expected_seconds
from trainers.errors import TunewrightError


def again(store: Store, study: Study, number: int) -> Proposal:
    """The config of trial `number` as a pending proposal. Raises TunewrightError while the trial has not ended, and
    where it waits for a decision already."""
    known = trials.all_trials(store, study.id)
    trial = trials.get(store, study.id, number)
    if not trial.state.ended:
        raise TunewrightError(f"t{number} is {trial.state}", remedy="It can be tried again when it has ended.")
    for waiting in proposals.pending(store, study.id):
        if waiting.params == trial.params:
            raise TunewrightError(f"proposal {waiting.number} is this config already", remedy="Decide on it first.")
    draft = Draft(source=Source.PERSON, params=trial.params, rationale=f"t{number} again")
    return proposals.add(store, study.id, [draft], expected_seconds=expected_seconds(known))[0]
