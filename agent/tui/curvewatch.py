"""The curves the screen shows, read from the store by cursor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from agent.store import points
from agent.store.connection import Store
from agent.study.nouns import Trial
from agent.tui.messages import CurveGrew, CurveLoaded, MetricsFound, News
from agent.tui.requests import WatchCurves


class CurveWatch:
    """Which curves are watched, of which attempt, and up to which point they have been told."""

    def __init__(self, store: Store, trial: Callable[[int], Trial | None]) -> None:
        self._store, self._trial = store, trial
        self._wanted = WatchCurves((), "")
        self._loaded: dict[int, int] = {}  # trial id -> attempt
        self._live: set[int] = set()  # loaded, and not known to have ended when last asked
        self._cursor = 0
        self._metrics: tuple[str, ...] = ()

    def watch(self, wanted: WatchCurves) -> None:
        if wanted.metric != self._wanted.metric:
            self._loaded.clear()
        self._wanted = wanted

    def news(self) -> Iterator[News]:
        """Whole curves for what is new on the screen, then what has been added to the others."""
        attempts = {i: t.attempts for i in self._wanted.trial_ids if (t := self._trial(i)) is not None}
        self._loaded = {i: n for i, n in self._loaded.items() if attempts.get(i) == n}
        yield from self._growth()
        missing = [i for i in attempts if i not in self._loaded]
        if missing:
            yield from self._load(missing)
            self._loaded.update((i, attempts[i]) for i in missing)
            self._live.update(missing)
            yield from self._names(missing)

    def _growth(self) -> Iterator[News]:
        """What was reported since the cursor. A trial that has just ended is asked one last time."""
        newest = points.last_id(self._store)
        grown: dict[int, list[points.Point]] = defaultdict(list)
        for point in points.since(self._store, sorted(self._live & self._loaded.keys()), self._cursor):
            newest = max(newest, point.id)
            if point.metric == self._wanted.metric:
                grown[point.trial_id].append(point)
        self._cursor = newest
        self._live = {i for i in self._loaded if (t := self._trial(i)) is not None and not t.state.ended}
        for trial_id, new in grown.items():
            _, _, _, steps, values, ats = zip(*new, strict=True)
            yield CurveGrew(trial_id, self._wanted.metric, steps, values, ats)

    def _load(self, trial_ids: list[int]) -> list[News]:
        """In one read transaction with the others' growth, so that no point is told twice or not at all."""
        conn = self._store.conn
        conn.execute("BEGIN")
        try:
            found: list[News] = list(self._growth())
            for trial_id in trial_ids:
                steps, values, ats = points.curve(self._store, trial_id, self._wanted.metric)
                found.append(CurveLoaded(trial_id, self._wanted.metric, tuple(steps), tuple(values), tuple(ats)))
        finally:
            conn.execute("COMMIT")
        return found

    def _names(self, trial_ids: list[int]) -> Iterator[News]:
        found = dict.fromkeys(self._metrics)
        for trial_id in trial_ids:
            found.update(dict.fromkeys(points.metrics(self._store, trial_id)))
        if tuple(found) != self._metrics:
            self._metrics = tuple(found)
            yield MetricsFound(self._metrics)
