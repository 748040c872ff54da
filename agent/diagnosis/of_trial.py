"""The diagnosis of a stored trial: its run folder read, its study's other trials as peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.diagnosis.judge import diagnose
from agent.diagnosis.record import Peer, TrialRecord, from_run_dir
from agent.store import diagnoses, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Diagnosis, Trial
from trainers.errors import TunewrightError


def diagnose_trial(store: Store, study: Study, trial: Trial, others: Sequence[Trial]) -> Diagnosis:
    """What happened to an ended trial. Works from the store alone when the run folder is gone."""
    known = diagnoses.all_of(store, study.id)
    peers = [
        Peer(
            number=other.number,
            params=other.params,
            state=other.state,
            value=other.value,
            seconds=other.seconds,
            steps=other.last_step,
            verdict=known[other.id].verdict if other.id in known else "",
            healthy=known[other.id].healthy if other.id in known else None,
        )
        for other in others
    ]
    return diagnose(record_of(store, study, trial), peers)


def diagnosis_of(store: Store, study: Study, trial: Trial) -> Diagnosis:
    """The stored diagnosis of an ended trial, or one made now and stored. Raises TunewrightError while it runs."""
    if not trial.state.ended:
        raise TunewrightError(f"t{trial.number} is {trial.state}", remedy="It is diagnosed when it has ended.")
    diagnosis = diagnoses.get(store, trial.id)
    if diagnosis is None:
        diagnosis = diagnose_trial(store, study, trial, trials.all_trials(store, study.id))
        diagnoses.put(store, trial, diagnosis)
    return diagnosis


def record_of(store: Store, study: Study, trial: Trial) -> TrialRecord:
    """What is known of an ended trial: its run folder, or what the store holds where that is gone."""
    space = study.spec.space
    for attempt in reversed(trials.attempts(store, trial.id)):
        try:
            record = from_run_dir(store.folder / attempt["run_dir"], space=space, number=trial.number)
        except (OSError, ValueError):
            break  # never started, or tidied away: what the store knows must do
        # The store is the truth on how it ended: a worker that vanished wrote nothing, a stop came from there.
        return replace(
            record,
            state=trial.state,
            value=trial.value,
            failure=trial.failure,
            cut_short=trial.cut_short,
            stop_reason=trial.stop_requested or record.stop_reason,
        )
    return TrialRecord(
        params=trial.params,
        objective=study.spec.objective,
        state=trial.state,
        space=space,
        value=trial.value,
        failure=trial.failure,
        cut_short=trial.cut_short,
        number=trial.number,
        stop_reason=trial.stop_requested or "",
    )
