"""The curves the screen shows, read from the store by cursor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from agent.store import points
from agent.store.connection import Store
from agent.study.nouns import Trial
from agent.tui.messages import CurveGrew, CurveLoaded, MetricsFound, News
from agent.tui.requests import WatchCurves
from trainers.contract import TELEMETRY


class CurveWatch:
    """Which curves are watched, of which attempt, and up to which point they have been told."""

    def __init__(self, store: Store, trial: Callable[[int], Trial | None]) -> None:
        self._store, self._trial = store, trial
        self._wanted = WatchCurves((), ())
        self._loaded: dict[tuple[int, str], int] = {}  # trial id and metric -> attempt
        self._begun: set[tuple[int, str, int]] = set()  # and of which later attempts the first reports were met
        self._live: set[int] = set()  # loaded, and not known to have ended when last asked
        self._cursor = 0
        self._metrics: tuple[str, ...] = ()

    def watch(self, wanted: WatchCurves) -> None:
        self._wanted = wanted
        keep = {(i, metric) for i in wanted.trial_ids for metric in wanted.metrics}
        self._loaded = {key: n for key, n in self._loaded.items() if key in keep}

    def news(self) -> Iterator[News]:
        """Whole curves for what is new on the screen, then what has been added to the others."""
        attempts = {i: t.attempts for i in self._wanted.trial_ids if (t := self._trial(i)) is not None}
        self._loaded = {key: n for key, n in self._loaded.items() if attempts.get(key[0]) == n}
        yield from self._growth()
        missing = [(i, m) for i in attempts for m in self._wanted.metrics if (i, m) not in self._loaded]
        if missing:
            yield from self._load(missing)
            self._loaded.update((key, attempts[key[0]]) for key in missing)
            self._live.update(i for i, _ in missing)
            yield from self._names(list(dict.fromkeys(i for i, _ in missing)))

    def _growth(self) -> Iterator[News]:
        """What was reported since the cursor. A trial that has just ended is asked one last time."""
        newest = points.last_id(self._store)
        loaded = {i for i, _ in self._loaded}
        grown: dict[tuple[int, str], list[points.Point]] = defaultdict(list)
        for point in points.since(self._store, sorted(self._live & loaded), self._cursor):
            newest = max(newest, point.id)
            if (key := (point.trial_id, point.metric)) in self._loaded:
                grown[key].append(point)
        self._cursor = newest
        self._live = {i for i in loaded if (t := self._trial(i)) is not None and not t.state.ended}
        for key in [key for key in grown if self._begins(key)]:
            del grown[key], self._loaded[key]  # what an attempt begins to do again takes the place of what was there
        for (trial_id, metric), new in grown.items():
            _, _, _, steps, values, ats = zip(*new, strict=True)
            yield CurveGrew(trial_id, metric, steps, values, ats)
            if metric not in self._metrics:
                yield from self._names([trial_id])

    def _begins(self, key: tuple[int, str]) -> bool:
        """Whether these are the first reports met of an attempt that is not the trial's first."""
        began = (*key, self._loaded[key])
        new = began[2] > 1 and began not in self._begun
        self._begun.add(began)
        return new

    def _load(self, missing: list[tuple[int, str]]) -> list[News]:
        """In one read transaction with the others' growth, so that no point is told twice or not at all."""
        conn = self._store.conn
        conn.execute("BEGIN")
        try:
            found: list[News] = list(self._growth())
            for trial_id, metric in missing:
                steps, values, ats = points.curve(self._store, trial_id, metric)
                found.append(CurveLoaded(trial_id, metric, tuple(steps), tuple(values), tuple(ats)))
        finally:
            conn.execute("COMMIT")
        return found

    def _names(self, trial_ids: list[int]) -> Iterator[News]:
        found = dict.fromkeys(self._metrics)
        for trial_id in trial_ids:
            found.update(dict.fromkeys(m for m in points.metrics(self._store, trial_id) if m not in TELEMETRY))
        if tuple(found) != self._metrics:
            self._metrics = tuple(found)
            yield MetricsFound(self._metrics)
