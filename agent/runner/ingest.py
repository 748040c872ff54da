"""From reports.jsonl into the store: every line once, in groups, from a remembered offset."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from agent.store import events, points
from agent.store.connection import Store
from agent.store.events import EventKind
from trainers import rundir

_Row = tuple[str, int, float, float]  # metric, step, value, at


@dataclass
class Follow:
    """Where one running attempt's reports have been read to."""

    attempt_id: int
    trial_id: int
    study_id: int
    metric: str
    run_dir: Path
    offset: int = 0
    skipped: int = 0
    told_skipped: bool = False
    fresh: bool = False  # the objective was reported since a rule last looked


@dataclass
class _Batch:
    """New lines of one run. Flat rows, since a million small objects keep the garbage collector busy."""

    follow: Follow
    offset: int
    rows: list[_Row] = field(default_factory=list)
    last_step: int | None = None
    lines: int = 0
    skipped: int = 0


class Ingest:
    """Moves new reports into the store. The offset is committed with the points it covers, so that
    a crash between the two can neither lose nor repeat a report."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._metrics = points.Metrics(store)

    def take(self, follows: Iterable[Follow]) -> int:
        """One group commit of what all runs have written since the last; returns the number of lines read.

        At most about 4 MiB a run, so call again until it is 0. Raises StoreError when the store
        cannot be written; nothing is lost then, the next call reads the same lines.
        """
        batches = [batch for follow in follows if (batch := _read(follow)) is not None]
        if not batches:
            return 0
        try:
            with self._store.transaction(durable=False):
                for batch in batches:
                    self._insert(batch)
        except BaseException:  # whatever undid the transaction; it goes on to the caller
            self._metrics = points.Metrics(self._store)  # ids made in a transaction that was undone
            raise
        for batch in batches:
            batch.follow.offset = batch.offset
            batch.follow.told_skipped |= batch.skipped > 0
            batch.follow.fresh |= any(metric == batch.follow.metric for metric, *_ in batch.rows)
        return sum(batch.lines for batch in batches)

    def _insert(self, batch: _Batch) -> None:
        conn, follow, ids = self._store.conn, batch.follow, self._metrics
        rows = ((follow.attempt_id, ids.id(metric), step, value, at) for metric, step, value, at in batch.rows)
        points.append(self._store, rows)
        conn.execute("UPDATE attempt SET offset = ? WHERE id = ?", (batch.offset, follow.attempt_id))
        if batch.last_step is not None:
            conn.execute(
                "UPDATE trial SET last_step = ?, last_value = coalesce(?, last_value) WHERE id = ?",
                (batch.last_step, _last_value(batch), follow.trial_id),
            )
        if batch.skipped and not follow.told_skipped:
            text = "some lines of reports.jsonl are not reports and were skipped"
            events.record(self._store, follow.study_id, EventKind.REPORTS_SKIPPED, trial_id=follow.trial_id, text=text)


def _last_value(batch: _Batch) -> float | None:
    """The newest value of the study's metric that is not nan, wherever batches end; None when there is none."""
    values = (value for metric, _, value, _ in reversed(batch.rows) if metric == batch.follow.metric)
    return next((value for value in values if not math.isnan(value)), None)


def _read(follow: Follow) -> _Batch | None:
    lines, offset = rundir.read_lines(follow.run_dir / rundir.REPORTS, follow.offset)
    if offset == follow.offset:
        return None
    batch = _Batch(follow, offset, lines=len(lines))
    for line in lines:
        report = rundir.decode_report(line)
        if report is None:
            batch.skipped += 1
            continue
        batch.last_step = report.step
        batch.rows += [(metric, report.step, value, report.at) for metric, value in report.metrics.items()]
    return batch
