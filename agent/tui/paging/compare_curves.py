"""The curves of compared trials: read from the store by a cursor of their own, drawn with the band of the noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.store import trials
from agent.study.noise import valued
from agent.tui.back.curvewatch import CurveWatch
from agent.tui.charts.curve import CurveData
from agent.tui.charts.plot import Series
from agent.tui.errands import Room
from agent.tui.messages import CurveGrew, CurveLoaded, MetricsFound, News
from agent.tui.paging.compare_text import Compared
from agent.tui.requests import WatchCurves

_FEW = 4  # points of the curve the band is drawn around; with fewer the table's ≈ says as much
_WIDE = 3.0  # times the spread of the curves: a band wider than that would leave nothing of them to see


class Reading:
    """Lives where the store is: only errands touch it."""

    def __init__(self, trial_ids: Sequence[int]) -> None:
        self._ids = tuple(sorted(trial_ids))
        self._watch: CurveWatch | None = None

    def read(self, room: Room, metrics: tuple[str, ...]) -> tuple[News, ...]:
        """What is new since the last call; everything of a metric that was not asked for then."""
        if self._watch is None:
            self._watch = CurveWatch(room.store, lambda trial_id: trials.by_id(room.store, trial_id))
        self._watch.watch(WatchCurves(self._ids, metrics))
        return tuple(self._watch.news())


class CompareCurves:
    """What the screen knows of the curves; fed with what `Reading` found."""

    def __init__(self) -> None:
        self.wanted: tuple[str, ...] = ()
        self.metrics: tuple[str, ...] = ()  # all that the trials have reported
        self.version = 0  # counts what has come
        self.held: dict[tuple[int, str], CurveData] = {}  # by trial id and metric
        self._bands: tuple[object, list[CurveData]] = (None, [])

    def take(self, wanted: tuple[str, ...], found: Sequence[News], began: Mapping[int, float | None]) -> None:
        """`wanted` are the metrics that were asked for, `began` when each trial began, by id."""
        if wanted != self.wanted:
            self.wanted, self.held = wanted, {key: c for key, c in self.held.items() if key[1] in wanted}
            self.version += 1
        for news in found:
            self.version += 1
            match news:
                case MetricsFound(names):
                    self.metrics = names
                case CurveLoaded(trial_id, metric, steps, values, ats):
                    self.held[trial_id, metric] = CurveData(began.get(trial_id))
                    self.held[trial_id, metric].extend(steps, values, ats)
                case CurveGrew(trial_id, metric, steps, values, ats) if (trial_id, metric) in self.held:
                    self.held[trial_id, metric].extend(steps, values, ats)

    def band(self, of: Compared, metric: str, drawn: Sequence[Series]) -> list[tuple[str, CurveData]]:
        """Two curves about the best of the trials, as far apart as chance alone may set them; nothing where the curves
        are of another metric than the noise."""
        having, limit = valued(of.trials), of.noise.limit
        if not having or not limit or metric != of.objective.metric:
            return []
        best = min(having, key=lambda t: (of.objective.sign * (t.value or 0.0), t.number))
        curve = self.held.get((best.id, metric))
        finite = [s.buckets for s in drawn if s.buckets.low <= s.buckets.high]
        if curve is None or len(curve.steps) < _FEW or not finite:
            return []
        spread = max(b.high for b in finite) - min(b.low for b in finite)
        if limit > _WIDE * spread:
            return []
        key = (best.id, len(curve.steps), limit)
        if key != self._bands[0]:
            self._bands = key, [_shifted(curve, by) for by in (limit, -limit)]
        return list(zip(("+noise", "−noise"), self._bands[1], strict=True))


def _shifted(curve: CurveData, by: float) -> CurveData:
    made = CurveData(curve.origin)
    made.extend(curve.steps, [v + by for v in curve.values], curve.ats)
    return made
