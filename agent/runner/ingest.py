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


@dataclass
class _Batch:
    follow: Follow
    reports: list[rundir.ReportLine] = field(default_factory=list)
    offset: int = 0
    skipped: int = 0


class Ingest:
    """Moves new reports into the store. The offset is committed with the points it covers, so that
    a crash between the two can neither lose nor repeat a report."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._metrics = points.Metrics(store)

    def take(self, follows: Iterable[Follow]) -> int:
        """One group commit of what all runs have written since the last; returns the number of reports.

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
        except BaseException:
            self._metrics = points.Metrics(self._store)  # ids made in a transaction that was undone
            raise
        for batch in batches:
            batch.follow.offset = batch.offset
            batch.follow.told_skipped |= batch.skipped > 0
        return sum(len(batch.reports) for batch in batches)

    def _insert(self, batch: _Batch) -> None:
        follow, ids = batch.follow, self._metrics
        points.append(
            self._store,
            (
                (follow.attempt_id, ids.id(name), report.step, value, report.at)
                for report in batch.reports
                for name, value in report.metrics.items()
            ),
        )
        self._store.conn.execute("UPDATE attempt SET offset = ? WHERE id = ?", (batch.offset, follow.attempt_id))
        if batch.reports:
            self._update_trial(follow, batch.reports)
        if batch.skipped and not follow.told_skipped:
            text = "some lines of reports.jsonl are not reports and were skipped"
            events.record(self._store, follow.study_id, EventKind.REPORTS_SKIPPED, trial_id=follow.trial_id, text=text)

    def _update_trial(self, follow: Follow, reports: list[rundir.ReportLine]) -> None:
        values = [r.metrics[follow.metric] for r in reports if follow.metric in r.metrics]
        last = None if not values or math.isnan(values[-1]) else values[-1]
        self._store.conn.execute(
            "UPDATE trial SET last_step = ?, last_value = coalesce(?, last_value) WHERE id = ?",
            (reports[-1].step, last, follow.trial_id),
        )


def _read(follow: Follow) -> _Batch | None:
    lines, offset = rundir.read_lines(follow.run_dir / rundir.REPORTS, follow.offset)
    if offset == follow.offset:
        return None
    reports = [report for line in lines if (report := rundir.decode_report(line)) is not None]
    return _Batch(follow, reports, offset, len(lines) - len(reports))
