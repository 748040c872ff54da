"""The curves of compared trials: read from the store by a cursor of their own, drawn with the band of the noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.store import trials
from agent.study.noise import valued
from agent.study.nouns import Trial, TrialState
from agent.tui.back.curvewatch import CurveWatch
from agent.tui.charts import lens
from agent.tui.charts.buckets import Buckets
from agent.tui.charts.curve import CurveData
from agent.tui.charts.figures import line
from agent.tui.charts.plot import Series
from agent.tui.errands import Room
from agent.tui.messages import CurveGrew, CurveLoaded, MetricsFound, News
from agent.tui.paging.compare_text import Compared
from agent.tui.pictures import Line
from agent.tui.requests import WatchCurves
from agent.tui.view import ViewState

_FEW = 4  # points of the curve the band is drawn around; with fewer the table's ≈ says as much
_WIDE = 3.0  # times the spread of the curves: a band wider than that would leave nothing of them to see


class Reading:
    """Lives where the store is: only errands touch it."""

    def __init__(self, trial_ids: Sequence[int]) -> None:
        self._ids = tuple(sorted(trial_ids))
        self._watch: CurveWatch | None = None

    def read(self, room: Room, metric: str) -> tuple[News, ...]:
        """What is new since the last call; everything with the first, and after a change of the metric."""
        if self._watch is None:
            self._watch = CurveWatch(room.store, lambda trial_id: trials.by_id(room.store, trial_id))
        self._watch.watch(WatchCurves(self._ids, (metric,)))
        return tuple(self._watch.news())


class CompareCurves:
    """What the screen knows of the curves; fed with what `Reading` found."""

    def __init__(self) -> None:
        self.metric = ""
        self.metrics: tuple[str, ...] = ()
        self.version = 0  # counts what has come
        self._curves: dict[int, CurveData] = {}
        self._bands: tuple[object, list[CurveData]] = (None, [])

    def take(self, metric: str, found: Sequence[News], began: Mapping[int, float | None]) -> None:
        """`began` is when each trial began, by id."""
        if metric != self.metric:
            self.metric, self._curves = metric, {}
            self.version += 1
        for news in found:
            self.version += 1
            match news:
                case MetricsFound(names):
                    self.metrics = names
                case CurveLoaded(trial_id, _, steps, values, ats):
                    self._curves[trial_id] = CurveData(began.get(trial_id))
                    self._curves[trial_id].extend(steps, values, ats)
                case CurveGrew(trial_id, _, steps, values, ats) if trial_id in self._curves:
                    self._curves[trial_id].extend(steps, values, ats)

    @property
    def by_trial(self) -> Mapping[int, CurveData]:
        """The curves by their trial's id."""
        return self._curves

    def whole(self, view: ViewState) -> lens.Window | None:
        """From the first x to the last of all curves; None where there is nothing to move along."""
        ends = [end for curve in self._curves.values() if (end := curve.extent(view.axis)) is not None]
        low, high = min((e[0] for e in ends), default=0.0), max((e[1] for e in ends), default=0.0)
        return (low, high) if high > low else None

    def window(self, view: ViewState) -> lens.Window | None:
        """The stretch that is looked at; None for all of it."""
        whole, kept = self.whole(view), view.x_window
        if whole is None or len(kept) != 2 or kept[0] >= whole[1] or kept[1] <= whole[0]:
            return None
        return lens.following((kept[0], kept[1]), whole) if view.follows else (kept[0], kept[1])

    def series(self, of: Compared, view: ViewState) -> list[Series]:
        """From back to front: the band, then the trials, the first on top."""
        drawn = [s for trial in reversed(of.trials) if (s := self._series(trial, of, view)) is not None]
        return [*self._band(of, view, drawn), *drawn]

    def _series(self, trial: Trial, of: Compared, view: ViewState) -> Series | None:
        curve = self._curves.get(trial.id)
        if curve is None:
            return None
        buckets = self._buckets(curve, view)
        broken = buckets.gap is not None or (trial.failure is not None and trial.state is TrialState.FAILED)
        star = "★" if of.best is not None and trial.number == of.best.number else ""
        role = f"curve:{of.colours.get(str(trial.number), 0)}"
        return Series(f"t{trial.number}{star}", role, buckets, mark="✗" if broken else "")

    def lines(self, of: Compared, view: ViewState) -> list[Line]:
        """For a picture, the first trial on top."""
        return [
            line(
                trial,
                curve,
                best=of.best is not None and trial.number == of.best.number,
                colour=of.colours.get(str(trial.number), 0),
                axis=view.axis,
                smooth=view.smooth,
            )
            for trial in reversed(of.trials)
            if (curve := self._curves.get(trial.id)) is not None
        ]

    def _buckets(self, curve: CurveData, view: ViewState) -> Buckets:
        window = self.window(view)
        return (
            curve.buckets(view.axis, view.smooth) if window is None else curve.stretch(view.axis, view.smooth, *window)
        )

    def _band(self, of: Compared, view: ViewState, drawn: Sequence[Series]) -> list[Series]:
        """Two dashed lines about the best of the trials, as far apart as chance alone may set them; nothing where
        the curves are of another metric than the noise."""
        having, limit = valued(of.trials), of.noise.limit
        if not having or not limit or self.metric != of.objective.metric:
            return []
        best = min(having, key=lambda t: (of.objective.sign * (t.value or 0.0), t.number))
        curve = self._curves.get(best.id)
        finite = [s.buckets for s in drawn if s.buckets.low <= s.buckets.high]
        if curve is None or len(curve.steps) < _FEW or not finite:
            return []
        spread = max(b.high for b in finite) - min(b.low for b in finite)
        if limit > _WIDE * spread:
            return []
        key = (best.id, len(curve.steps), limit)
        if key != self._bands[0]:
            self._bands = key, [_shifted(curve, by) for by in (limit, -limit)]
        return [
            Series(label, "faint", self._buckets(band, view), dashed=True)
            for label, band in zip(("+noise", "−noise"), self._bands[1], strict=True)
        ]


def _shifted(curve: CurveData, by: float) -> CurveData:
    made = CurveData(curve.origin)
    made.extend(curve.steps, [v + by for v in curve.values], curve.ats)
    return made
