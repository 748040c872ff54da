"""The values trials report: written in groups, read by curve or by cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agent.store.connection import Store

NAN = float("nan")


class Curve(NamedTuple):
    """One metric of one trial's latest attempt, in the order reported; equal lengths."""

    steps: list[int]
    values: list[float]
    ats: list[float]


class Point(NamedTuple):
    """A row as the cursor gives it; `id` is the cursor."""

    id: int
    trial_id: int
    metric: str
    step: int
    value: float
    at: float


class Metrics:
    """Ids of metric names, remembered a connection."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ids: dict[str, int] = {}

    def id(self, name: str) -> int:
        """The id of `name`, made when it is new; call it inside a transaction."""
        if name not in self._ids:
            conn = self._store.conn
            conn.execute("INSERT OR IGNORE INTO metric (name) VALUES (?)", (name,))
            self._ids[name] = conn.execute("SELECT id FROM metric WHERE name = ?", (name,)).fetchone()[0]
        return self._ids[name]


def append(store: Store, rows: Iterable[tuple[int, int, int, float, float]]) -> None:
    """Inserts (attempt_id, metric_id, step, value, at) rows; call it inside a transaction."""
    store.conn.executemany("INSERT INTO point (attempt_id, metric_id, step, value, at) VALUES (?, ?, ?, ?, ?)", rows)


_LATEST = "(SELECT id FROM attempt WHERE trial_id = ? ORDER BY number DESC LIMIT 1)"


def metrics(store: Store, trial_id: int) -> list[str]:
    """The names the trial's latest attempt has reported, in order of first report."""
    sql = f"""SELECT name FROM metric JOIN (SELECT metric_id, min(id) AS first FROM point
              WHERE attempt_id = {_LATEST} GROUP BY metric_id) ON metric.id = metric_id ORDER BY first"""
    return [row["name"] for row in store.query(sql, (trial_id,))]


def curve(store: Store, trial_id: int, metric: str) -> Curve:
    """Every value of `metric` the trial's latest attempt has reported; empty when none."""
    sql = f"""SELECT step, value, at FROM point WHERE attempt_id = {_LATEST}
              AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY id"""
    rows = store.rows(sql, (trial_id, metric))
    steps = [row[0] for row in rows]
    return Curve(steps, [NAN if row[1] is None else row[1] for row in rows], [row[2] for row in rows])


def value_at(store: Store, trial_id: int, metric: str, step: int) -> float | None:
    """What the trial's latest attempt last reported of `metric` at `step`; None when it did not report then."""
    sql = f"""SELECT value FROM point WHERE attempt_id = {_LATEST}
              AND metric_id = (SELECT id FROM metric WHERE name = ?) AND step = ? ORDER BY id DESC LIMIT 1"""
    rows = store.rows(sql, (trial_id, metric, step))
    return None if not rows else NAN if rows[0][0] is None else float(rows[0][0])


def latest(store: Store, trial_id: int) -> dict[str, tuple[int, float]]:
    """The last step and value of each metric of the trial's latest attempt, in order of first report."""
    sql = f"""SELECT step, value FROM point WHERE attempt_id = {_LATEST}
              AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY id DESC LIMIT 1"""
    found = {name: store.rows(sql, (trial_id, name))[0] for name in metrics(store, trial_id)}
    return {name: (step, NAN if value is None else value) for name, (step, value) in found.items()}


def newest(store: Store, study_id: int, metric: str) -> dict[int, float]:
    """The newest value of `metric` in each trial's latest attempt, by trial id; those without one left out."""
    sql = """SELECT trial.id, (SELECT value FROM point WHERE attempt_id = attempt.id
                AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY id DESC LIMIT 1)
             FROM trial JOIN attempt ON attempt.trial_id = trial.id AND attempt.number = trial.attempts
             WHERE study_id = ?"""
    return {trial_id: value for trial_id, value in store.rows(sql, (metric, study_id)) if value is not None}


def curves(store: Store, trial_id: int) -> dict[str, Curve]:
    """All metrics of the trial's latest attempt."""
    return {name: curve(store, trial_id, name) for name in metrics(store, trial_id)}


def since(store: Store, trial_ids: Sequence[int], after: int, limit: int = 100_000) -> list[Point]:
    """Points of these trials' latest attempts with `id > after`, in order: what a screen has not yet drawn."""
    if not trial_ids:
        return []
    marks = ",".join("?" * len(trial_ids))
    # CROSS JOIN keeps SQLite to this order: from the cursor on, not through all the points of these trials.
    sql = f"""SELECT point.id, attempt.trial_id, metric.name, step, value, at FROM point
              CROSS JOIN attempt ON attempt.id = attempt_id CROSS JOIN metric ON metric.id = metric_id
              WHERE point.id > ? AND attempt.trial_id IN ({marks})
              AND attempt.number = (SELECT attempts FROM trial WHERE trial.id = attempt.trial_id)
              ORDER BY point.id LIMIT ?"""
    rows = store.rows(sql, (after, *trial_ids, limit))
    return [
        Point(id, trial_id, metric, step, NAN if value is None else value, at)
        for id, trial_id, metric, step, value, at in rows
    ]


def last_id(store: Store) -> int:
    return int(store.rows("SELECT coalesce(max(id), 0) FROM point")[0][0])
