"""Trials and their attempts: the queue, the claim, the end."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.store import events, seeds
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.nouns import Source, Trial, TrialState
from trainers.contract import Failure
from trainers.errors import TunewrightError


@dataclass(frozen=True)
class Attempt:
    """One run of a trial. `job` is what the engine needs to find it again; `offset` is how many
    bytes of its reports.jsonl are in the store; `run_dir` is relative to the store's folder."""

    id: int
    trial_id: int
    number: int
    run_dir: str
    state: str  # launching, running, ended
    job: Mapping[str, Any]
    offset: int
    launched_at: float


def _trial(row: dict[str, Any]) -> Trial:
    fields = {key: value for key, value in row.items() if key != "config_key"}
    made = Trial(
        **{
            **fields,
            "source": Source(row["source"]),
            "params": json.loads(row["params"]),
            "state": TrialState(row["state"]),
            **{flag: bool(row[flag]) for flag in ("cut_short", "pruning", "kept")},
            "failure": None if row["failure"] is None else Failure.from_dict(json.loads(row["failure"])),
        }
    )
    made.__dict__["key"] = row["config_key"]  # so that ten thousand need not be hashed again
    return made


def all_trials(store: Store, study_id: int) -> list[Trial]:
    """In order of number."""
    return [_trial(r) for r in store.query("SELECT * FROM trial WHERE study_id = ? ORDER BY number", (study_id,))]


def get(store: Store, study_id: int, number: int) -> Trial:
    """Raises TunewrightError when the study has no such trial."""
    row = store.one("SELECT * FROM trial WHERE study_id = ? AND number = ?", (study_id, number))
    if row is None:
        count = store.one("SELECT count(*) AS n FROM trial WHERE study_id = ?", (study_id,))
        n = count["n"] if count else 0
        raise TunewrightError(
            f"there is no trial {number}",
            remedy=f"The study has trials 0 to {n - 1}." if n else "The study has no trials yet.",
        )
    return _trial(row)


def by_id(store: Store, trial_id: int) -> Trial:
    row = store.one("SELECT * FROM trial WHERE id = ?", (trial_id,))
    assert row is not None, f"no trial with id {trial_id}"
    return _trial(row)


def in_state(store: Store, *states: TrialState) -> list[Trial]:
    """Trials of every study in one of `states`, oldest request first."""
    marks = ",".join("?" * len(states))
    rows = store.query(
        f"SELECT * FROM trial WHERE state IN ({marks}) ORDER BY queued_at, id", tuple(str(s) for s in states)
    )
    return [_trial(row) for row in rows]


def claim(store: Store, trial_id: int, run_dir: str) -> Attempt | None:
    """Turns a queued trial into a running one, with its next attempt; None when it is no longer queued."""
    now = time.time()
    with store.transaction():
        changed = store.conn.execute(
            "UPDATE trial SET state = 'running', attempts = attempts + 1, started_at = ?, last_step = NULL,"
            " last_value = NULL WHERE id = ? AND state = 'queued' RETURNING study_id, number, attempts",
            (now, trial_id),
        ).fetchone()
        if changed is None:
            return None
        study_id, _, number = changed
        cursor = store.conn.execute(
            "INSERT INTO attempt (trial_id, number, run_dir, state, launched_at) VALUES (?, ?, ?, 'launching', ?)",
            (trial_id, number, run_dir, now),
        )
        events.record(store, study_id, EventKind.TRIAL_STARTED, trial_id=trial_id, attempt=number)
    return Attempt(int(cursor.lastrowid or 0), trial_id, number, run_dir, "launching", {}, 0, now)


def set_job(store: Store, attempt_id: int, job: Mapping[str, Any]) -> None:
    """Records where an attempt runs, once the engine knows."""
    with store.transaction(durable=False) as conn:
        conn.execute("UPDATE attempt SET job = ?, state = 'running' WHERE id = ?", (json.dumps(dict(job)), attempt_id))


def job(store: Store, attempt_id: int) -> dict[str, Any]:
    """Where an attempt runs, as `set_job` recorded it."""
    row = store.one("SELECT job FROM attempt WHERE id = ?", (attempt_id,))
    found: dict[str, Any] = json.loads(row["job"]) if row else {}
    return found


def together(store: Store, study_id: int) -> dict[int, list[int]]:
    """By number: the trials with which the latest attempt of a trial shares, or shared, its process."""
    sql = """SELECT trial.number, json_extract(job, '$.with') AS mates FROM attempt JOIN trial ON trial.id = trial_id
             WHERE study_id = ? AND attempt.number = trial.attempts AND json_extract(job, '$.with') IS NOT NULL"""
    return {row["number"]: json.loads(row["mates"]) for row in store.query(sql, (study_id,))}


def open_attempts(store: Store) -> list[Attempt]:
    """Attempts that have not ended, of every study."""
    sql = """SELECT id, trial_id, number, run_dir, state, job, offset, launched_at FROM attempt
             WHERE state != 'ended' ORDER BY id"""
    return [Attempt(**{**row, "job": json.loads(row["job"])}) for row in store.query(sql)]


def attempts(store: Store, trial_id: int) -> list[dict[str, Any]]:
    """Every attempt of a trial with its outcome (exit.json's content), first to last."""
    rows = store.query("SELECT * FROM attempt WHERE trial_id = ? ORDER BY number", (trial_id,))
    return [{**row, "job": json.loads(row["job"]), "outcome": json.loads(row["outcome"] or "null")} for row in rows]


_ASKED = "SELECT study_id, stop_requested, pruning FROM trial WHERE id = ?"


def end(
    store: Store,
    attempt: Attempt,
    state: TrialState,
    *,
    value: float | None,
    failure: Failure | None,
    outcome: Mapping[str, Any],
    retry: bool,
    ended_at: float,
    accumulation: int | None = None,
    said: str = "",
) -> None:
    """Ends an attempt and with it the trial, or queues the trial again when `retry`: with so much `accumulation`,
    if memory was the reason, `said` in words. Durable.

    A trial whose end was asked for meanwhile is stopped rather than queued again. An attempt that
    has ended already stays as it is.
    """
    with store.transaction() as conn:
        if not _close(store, attempt, outcome, ended_at):
            return
        study_id, stop_requested, pruning = conn.execute(_ASKED, (attempt.trial_id,)).fetchone()
        if retry and stop_requested is not None:
            retry, state, failure = False, TrialState.PRUNED if pruning else TrialState.STOPPED, None
        as_json, final = failure and json.dumps(failure.to_dict()), TrialState.QUEUED if retry else state
        conn.execute(
            "UPDATE trial SET state = ?1, value = ?2, failure = ?3, cut_short = ?4, ended_at = ?5,"
            " estimate = CASE WHEN ?1 = 'pruned' THEN estimate END WHERE id = ?6",
            (str(final), value, as_json, bool(outcome.get("cut_short")), None if retry else ended_at, attempt.trial_id),
        )
        kind = EventKind.TRIAL_RETRIED if retry else EventKind.TRIAL_ENDED
        why = None if failure is None else str(failure.kind)
        data: dict[str, Any] = {"attempt": attempt.number, "state": str(state), "failure": why}
        if retry and accumulation is not None:
            conn.execute("UPDATE trial SET accumulation = ? WHERE id = ?", (accumulation, attempt.trial_id))
            data |= {"accumulation": accumulation, "text": said}
        events.record(store, study_id, kind, trial_id=attempt.trial_id, **data)
        if final is TrialState.PRUNED or (not retry and failure and not failure.transient):
            _spare(store, attempt.trial_id, f"failed: {why}" if why else "was pruned")


def _spare(store: Store, trial_id: int, what: str) -> None:
    """The runs of the trial's config that have not begun do not begin: its end has told enough."""
    sql = "SELECT study_id, number, config_key FROM trial WHERE id = ?"
    study_id, number, key = store.conn.execute(sql, (trial_id,)).fetchone()
    reason = f"{number}, which {what}".replace("_", " ")
    for spared in seeds.spare(store, study_id, key, reason, time.time()):
        events.record(store, study_id, EventKind.TRIAL_ENDED, trial_id=spared, state="stopped")


# An attempt's time times the GPUs it was given, a part of one counting as that part.
_GPU_SECONDS = """max(coalesce(attempt.ended_at, :now) - launched_at, 0.0)
    * coalesce(json_array_length(job, '$.gpus'), 0) * coalesce(json_extract(job, '$.share'), 0.0)"""


def _close(store: Store, attempt: Attempt, outcome: Mapping[str, Any], ended_at: float) -> bool:
    """Ends the attempt and adds what it took to its trial; a run that was lost left no word of most of it. False when
    it had ended already."""
    changed = store.conn.execute(
        "UPDATE attempt SET state = 'ended', ended_at = ?, outcome = ? WHERE id = ? AND state != 'ended'",
        (ended_at, json.dumps(dict(outcome)), attempt.id),
    ).rowcount
    if not changed:
        return False
    store.conn.execute(
        f"""UPDATE trial SET cpu_seconds = coalesce(cpu_seconds, 0.0) + :cpu,
            device_seconds = coalesce(device_seconds, 0.0) + (SELECT {_GPU_SECONDS} FROM attempt WHERE id = :attempt),
            peak_host_bytes = nullif(max(coalesce(peak_host_bytes, 0), :host), 0),
            peak_device_bytes = nullif(max(coalesce(peak_device_bytes, 0), :device), 0) WHERE id = :trial""",
        {
            "now": 0.0,
            "attempt": attempt.id,
            "trial": attempt.trial_id,
            "cpu": outcome.get("cpu_seconds") or 0.0,
            "host": outcome.get("peak_host_bytes") or 0,
            "device": outcome.get("peak_device_bytes") or 0,
        },
    )
    return True


def request_stop(store: Store, trial: Trial, reason: str) -> None:
    """Asks the runner to stop a trial, and spares its config the runs that have not begun; one that is still queued is
    stopped here and now, and alone (pruned again if it was to be taken up again); one that has ended stays as it is."""
    with store.transaction() as conn:
        sql = "UPDATE trial SET stop_requested = ? WHERE id = ? AND ended_at IS NULL"
        if not conn.execute(sql, (reason, trial.id)).rowcount:
            return
        events.record(store, trial.study_id, EventKind.STOP_REQUESTED, trial_id=trial.id, reason=reason)
        stopped = conn.execute(
            "UPDATE trial SET state = iif(estimate IS NULL, 'stopped', 'pruned'), ended_at = ?"
            " WHERE id = ? AND state = 'queued' RETURNING state",
            (time.time(), trial.id),
        ).fetchone()
        if stopped:
            events.record(store, trial.study_id, EventKind.TRIAL_ENDED, trial_id=trial.id, state=stopped[0])
        else:
            _spare(store, trial.id, "was stopped")


def gpu_seconds(store: Store, study_id: int, now: float) -> float:
    """GPU seconds of every attempt of the study, running ones until `now`."""
    sql = f"""SELECT coalesce(sum({_GPU_SECONDS}), 0.0) AS used
              FROM attempt JOIN trial ON trial.id = trial_id WHERE study_id = :study"""
    row = store.one(sql, {"now": now, "study": study_id})
    return float(row["used"]) if row else 0.0


def busy_intervals(store: Store, study_id: int, now: float) -> list[tuple[float, float]]:
    """(start, end) of every attempt of the study, running ones until `now`; Unix seconds."""
    sql = """SELECT launched_at, coalesce(attempt.ended_at, ?) AS ended FROM attempt
             JOIN trial ON trial.id = trial_id WHERE study_id = ?"""
    return [(row["launched_at"], row["ended"]) for row in store.query(sql, (now, study_id))]
