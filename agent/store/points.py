"""The values trials report: written in groups, read by curve or by cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agent.store.connection import Store

NAN = float("nan")
_NEVER = 2**63 - 1


class Curve(NamedTuple):
    """One metric of one trial, in the order reported; equal lengths."""

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


def metrics(store: Store, trial_id: int) -> list[str]:
    """The names the trial has reported, in order of first report."""
    sql = """SELECT name FROM metric JOIN (SELECT metric_id, min(id) AS first FROM point
             WHERE attempt_id = ? AND step < ? GROUP BY metric_id) ON metric.id = metric_id ORDER BY first"""
    return list(dict.fromkeys(row[0] for piece in _pieces(store, trial_id) for row in store.rows(sql, piece)))


def curve(store: Store, trial_id: int, metric: str) -> Curve:
    """Every value of `metric` the trial has reported; empty when none. What an attempt that went on from a checkpoint
    has not done again comes from those before it."""
    rows: list[tuple[int, float | None, float]] = []
    sql = """SELECT step, value, at FROM point WHERE attempt_id = ? AND step < ?
             AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY id"""
    for attempt_id, bound in _pieces(store, trial_id):
        rows += store.rows(sql, (attempt_id, bound, metric))
    steps = [row[0] for row in rows]
    return Curve(steps, [NAN if row[1] is None else row[1] for row in rows], [row[2] for row in rows])


def _pieces(store: Store, trial_id: int) -> list[tuple[int, int]]:
    """The attempts of a trial in order, each with the step from which on a later one has taken its place."""
    ids = [row[0] for row in store.rows("SELECT id FROM attempt WHERE trial_id = ? ORDER BY number", (trial_id,))]
    pieces, bound = [], _NEVER
    for attempt_id in reversed(ids):
        pieces.append((attempt_id, bound))
        if attempt_id != ids[0]:
            first = store.rows("SELECT min(step) FROM point WHERE attempt_id = ?", (attempt_id,))[0][0]
            bound = bound if first is None else min(bound, first)
    return pieces[::-1]


def value_at(store: Store, trial_id: int, metric: str, step: int) -> float | None:
    """What the trial last reported of `metric` at `step`; None when it did not report then."""
    sql = """SELECT value FROM point WHERE attempt_id = ? AND step < ?
             AND metric_id = (SELECT id FROM metric WHERE name = ?) AND step = ? ORDER BY id DESC LIMIT 1"""
    rows = [row for piece in _pieces(store, trial_id) for row in store.rows(sql, (*piece, metric, step))]
    return None if not rows else NAN if rows[-1][0] is None else float(rows[-1][0])


def latest(store: Store, trial_id: int) -> dict[str, tuple[int, float]]:
    """The last step and value of each metric of the trial, in order of first report."""
    sql = """SELECT step, value FROM point WHERE attempt_id = ? AND step < ?
             AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY id DESC LIMIT 1"""
    pieces = _pieces(store, trial_id)
    found = {n: [r for p in pieces for r in store.rows(sql, (*p, n))][-1] for n in metrics(store, trial_id)}
    return {name: (step, NAN if value is None else value) for name, (step, value) in found.items()}


def newest(store: Store, study_id: int, metric: str) -> dict[int, float]:
    """The newest value of `metric` in each trial's latest attempt, by trial id; those without one left out."""
    sql = """SELECT trial.id, (SELECT value FROM point WHERE attempt_id = attempt.id
                AND metric_id = (SELECT id FROM metric WHERE name = ?) ORDER BY id DESC LIMIT 1)
             FROM trial JOIN attempt ON attempt.trial_id = trial.id AND attempt.number = trial.attempts
             WHERE study_id = ?"""
    return {trial_id: value for trial_id, value in store.rows(sql, (metric, study_id)) if value is not None}


def curves(store: Store, trial_id: int) -> dict[str, Curve]:
    """All metrics of the trial."""
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
