"""What the curves on the screen are of: trials, metrics, and the stretch that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from agent.study.nouns import Trial
from agent.tui.charts import lens, xaxis
from agent.tui.charts.curve import CurveData
from agent.tui.model import StudyModel
from agent.tui.view import ViewState


@dataclass(frozen=True)
class Looked:
    """What is drawn: of a study, as arranged, one metric or several, trials from back to front."""

    model: StudyModel
    view: ViewState
    metric: str
    metrics: tuple[str, ...]
    trials: tuple[Trial, ...]
    mark: float | None

    def curves(self, metric: str) -> dict[int, CurveData]:
        """By trial id."""
        return {t.id: c for t in self.trials if (c := self.model.curves.get((t.id, metric))) is not None}

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
        whole, kept = self.whole, self.view.x_window
        if whole is None or len(kept) != 2 or kept[0] >= whole[1] or kept[1] <= whole[0]:
            return None
        seen = (kept[0], kept[1])
        return lens.following(seen, whole, log=self.log_x) if self.view.follows else seen
