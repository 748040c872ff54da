"""CURVES beside the chat: those of the study."""

from __future__ import annotations

from collections.abc import Sequence

from agent.study.nouns import Trial
from agent.tui.charts.looked import Looked
from agent.tui.model import StudyModel
from agent.tui.view import ViewState
from agent.tui.widgets.charts import Charts


class CurvesPanel(Charts):
    """Shows the curves of some trials of the model."""

    dashes_best = True

    def __init__(self) -> None:
        super().__init__("curves")

    def metrics(self, model: StudyModel, view: ViewState, metric: str) -> tuple[str, ...]:
        """Those to draw."""
        return self.fitting(model.metrics, view, metric)

    def update(
        self, model: StudyModel, view: ViewState, metric: str, shown: Sequence[Trial], mark: float | None
    ) -> None:
        """Draws anew. `shown` from back to front; `mark` is a step to draw a line at."""
        metrics = self.metrics(model, view, metric)
        self.draw(Looked(model, view, view, model.curves, model.metrics, metric, metrics, tuple(shown), mark))
