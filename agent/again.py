"""Proposing configs once more: after a failure that may pass, or to see how much of a value was luck."""

from __future__ import annotations

from agent.store import proposals, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study import repeats
from agent.study.nouns import Draft, Proposal, Source, Trial
from agent.summary import expected_seconds
from trainers.errors import TunewrightError

TOP, SEEDS = 3, 5  # of `confirm`, unless told


def again(store: Store, study: Study, number: int, seeds: int = 1) -> Proposal:
    """The config of trial `number` as a pending proposal of so many runs, with seeds it has not had. Raises
    TunewrightError while the trial has not ended, and where the config waits for a decision already."""
    known = trials.all_trials(store, study.id)
    trial = trials.get(store, study.id, number)
    if not trial.state.ended:
        raise TunewrightError(f"t{number} is {trial.state}", remedy="It can be tried again when it has ended.")
    _refuse_waiting(store, study, [trial])
    return _propose(store, study, known, [trial], seeds)[0]


def confirm(store: Store, study: Study, *, top: int = TOP, seeds: int = SEEDS) -> list[Proposal]:
    """The best `top` configs as pending proposals of `seeds` more runs each. Raises TunewrightError where nothing has
    completed, or one of them is still running or waits already."""
    known = trials.all_trials(store, study.id)
    chosen = repeats.ranked(known, study.spec.objective)[:top]
    if not chosen:
        raise TunewrightError("no trial has completed yet", remedy="There is nothing to confirm before one has.")
    for trial in chosen:
        if repeats.of_config(trial, known).open:
            remedy = "Confirm when they have ended."
            raise TunewrightError(f"runs of t{trial.number}'s config are under way", remedy=remedy)
    _refuse_waiting(store, study, chosen)
    return _propose(store, study, known, chosen, seeds)


def _refuse_waiting(store: Store, study: Study, chosen: list[Trial]) -> None:
    for waiting in proposals.pending(store, study.id):
        if any(waiting.params == trial.params for trial in chosen):
            raise TunewrightError(f"proposal {waiting.number} is this config already", remedy="Decide on it first.")


def _propose(store: Store, study: Study, known: list[Trial], chosen: list[Trial], seeds: int) -> list[Proposal]:
    many = f", with {seeds} new seeds" if seeds > 1 else ""
    drafts = [
        Draft(source=Source.PERSON, params=t.params, rationale=f"t{t.number} again{many}", seeds=seeds) for t in chosen
    ]
    return proposals.add(store, study.id, drafts, expected_seconds=expected_seconds(known))
