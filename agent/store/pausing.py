"""Trials that are pruned, and those that are taken up again."""

from __future__ import annotations

from typing import NamedTuple

from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.nouns import Trial
from trainers.errors import TunewrightError

RESUMABLE = ("pruned", "stopped")


class Course(NamedTuple):
    """What of a trial matters to a rule, without its params."""

    id: int
    number: int
    state: str
    source: str
    attempts: int
    planned_steps: int | None
    kept: int


def prune(store: Store, trial_id: int, attempt: int, reason: str, estimate: float | None) -> bool:
    """Asks the runner to end a running trial because it promises too little. False when that attempt has ended, or
    was asked to end already."""
    with store.transaction() as conn:
        changed = conn.execute(
            "UPDATE trial SET stop_requested = ?, pruning = 1, estimate = ? WHERE id = ? AND attempts = ?"
            " AND state = 'running' AND stop_requested IS NULL RETURNING study_id",
            (reason, estimate, trial_id, attempt),
        ).fetchone()
        if changed is None:
            return False
        events.record(store, changed[0], EventKind.STOP_REQUESTED, trial_id=trial_id, reason=reason, prune=True)
    return True


def resume(store: Store, trial: Trial, reason: str, *, who: str) -> None:
    """Queues a pruned or stopped trial again; its next attempt goes on from its checkpoint. What was said about its
    end is no longer so. One that a person takes up again (`who`) is to run to its end.

    Raises TunewrightError for a trial in another state.
    """
    with store.transaction() as conn:
        changed = conn.execute(
            "UPDATE trial SET state = 'queued', ended_at = NULL, stop_requested = NULL, pruning = 0,"
            " kept = max(kept, ?) WHERE id = ? AND state IN ('pruned', 'stopped')",
            (who == "person", trial.id),
        ).rowcount
        if not changed:
            state = conn.execute("SELECT state FROM trial WHERE id = ?", (trial.id,)).fetchone()[0]
            remedy = "Only a pruned or stopped trial can be taken up again."
            raise TunewrightError(f"t{trial.number} is {state}", remedy=remedy)
        for table in ("diagnosis", "narrative"):
            conn.execute(f"DELETE FROM {table} WHERE trial_id = ?", (trial.id,))
        events.record(store, trial.study_id, EventKind.TRIAL_RESUMED, trial_id=trial.id, reason=reason, who=who)


def set_plan(store: Store, trial_id: int, steps: int) -> None:
    """Records at which step a trial says it is to end."""
    with store.transaction(durable=False) as conn:
        conn.execute("UPDATE trial SET planned_steps = ? WHERE id = ?", (steps, trial_id))


def keep(store: Store, trial: Trial) -> None:
    """A person wants the trial to run to its end: no rule stops it any more."""
    with store.transaction() as conn:
        conn.execute("UPDATE trial SET kept = 1 WHERE id = ?", (trial.id,))


def courses(store: Store, study_id: int, most: int) -> list[Course]:
    """The study's trials that have run: all that run now, the latest `most` that ended, and the best of all."""
    names = ", ".join(Course._fields)
    sql = f"""SELECT {names} FROM trial WHERE study_id = ? AND attempts > 0 AND ended_at IS NULL
              UNION SELECT * FROM (SELECT {names} FROM trial WHERE study_id = ? AND ended_at IS NOT NULL
                                   ORDER BY number DESC LIMIT ?)
              UNION SELECT {names} FROM trial WHERE id IN (
                  (SELECT id FROM trial WHERE study_id = ? AND state = 'completed' ORDER BY value LIMIT 1),
                  (SELECT id FROM trial WHERE study_id = ? AND state = 'completed' ORDER BY value DESC LIMIT 1))
              ORDER BY number"""
    return [Course(*row) for row in store.rows(sql, (study_id, study_id, most, study_id, study_id))]


def reports(store: Store, trial_id: int, metric: str, after: int) -> list[tuple[int, int, int, float | None]]:
    """(id, number of the attempt, step, value) of every attempt's reports of `metric` behind point `after`, in order;
    nan is None."""
    sql = """SELECT point.id, number, step, value FROM point JOIN attempt ON attempt.id = attempt_id
             WHERE trial_id = ? AND metric_id = (SELECT id FROM metric WHERE name = ?) AND point.id > ?
             ORDER BY number, point.id"""
    return store.rows(sql, (trial_id, metric, after))
