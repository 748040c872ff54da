"""What the curves on the screen are of: trials, metrics, and the stretch that is looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from agent.study.nouns import Trial
from agent.tui.charts import lens, xaxis
from agent.tui.charts.curve import CurveData
from agent.tui.model import StudyModel
from agent.tui.view import ChartView, ViewState


@dataclass(frozen=True)
class Looked:
    """What is drawn: of a study, one metric or several, trials from back to front. `view` is how all curves are
    arranged, `chart` what stretch of these is looked at. `held` has the curves by trial id and metric; `known` are
    the metrics there are to choose from."""

    model: StudyModel
    view: ViewState
    chart: ChartView
    held: Mapping[tuple[int, str], CurveData]
    known: tuple[str, ...]
    metric: str
    metrics: tuple[str, ...]
    trials: tuple[Trial, ...]
    mark: float | None = None

    def curves(self, metric: str) -> dict[int, CurveData]:
        """By trial id."""
        return {t.id: c for t in self.trials if (c := self.held.get((t.id, metric))) is not None}

    @property
    def whole(self) -> lens.Window | None:
        """From the first x to the last, of all curves; only what a logarithm has where the axis is one."""
        found = [c.extent(self.view.axis) for m in self.metrics for c in self.curves(m).values()]
        ends = [end for end in found if end is not None]
        if not ends:
            return None
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        if self.log_x and low <= 0:
            above = [c.first_above_zero(self.view.axis) for m in self.metrics for c in self.curves(m).values()]
            low = min((x for x in above if x is not None), default=high)
        return (low, high) if high > low else None

    @property
    def hides_x(self) -> bool:
        """Whether there are points whose x a logarithm has not."""
        found = [c.extent(self.view.axis) for m in self.metrics for c in self.curves(m).values()]
        return self.log_x and any(end is not None and end[0] <= 0 for end in found)

    @property
    def log_x(self) -> bool:
        return self.view.log_x and self.view.axis != xaxis.TIME

    @property
    def window(self) -> lens.Window | None:
        """What is seen of `whole`; None for all of it."""
        whole, kept = self.whole, self.chart.x_window
        if whole is None or len(kept) != 2 or kept[0] >= whole[1] or kept[1] <= whole[0]:
            return None
        seen = (kept[0], kept[1])
        return lens.following(seen, whole, log=self.log_x) if self.chart.follows else seen

    def y_window(self, metric: str) -> lens.Window | None:
        """The stretch of values that is seen of a metric; None for all of them."""
        kept = self.chart.y_windows.get(metric)
        return (kept[0], kept[1]) if kept else None

    @property
    def zoomed(self) -> bool:
        return self.window is not None or any(self.y_window(m) is not None for m in self.metrics)

    def times(self, trial_id: int | None) -> lens.Window | None:
        """When what is seen was reported by a trial; None for all of it, or where its curves are not drawn. Where it
        reported nothing the end lies before the beginning."""
        seen = self.window
        if seen is None or self.view.axis == xaxis.TIME:
            return seen
        curves = [c for m in self.metrics if trial_id is not None and (c := self.held.get((trial_id, m))) is not None]
        found = [times for c in curves if (times := c.times(self.view.axis, *seen)) is not None]
        if not found:
            return (math.inf, -math.inf) if curves else None
        return min(t[0] for t in found), max(t[1] for t in found)
