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
    return diagnose(_record(store, study, trial), peers)


def _record(store: Store, study: Study, trial: Trial) -> TrialRecord:
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
