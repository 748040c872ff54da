"""The curves of one trial: its metrics below one another, as many as there is room for, whole or around a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from textual import events

from agent.study.nouns import Trial
from agent.tui.charts import lens
from agent.tui.charts.curve import CurveData
from agent.tui.charts.looked import Looked
from agent.tui.charts.panes import Pane
from agent.tui.charts.xaxis import STEP
from agent.tui.model import StudyModel
from agent.tui.text import Part, number, steps
from agent.tui.view import PageView, ViewState
from agent.tui.widgets.bar import Piece
from agent.tui.widgets.charts import Charts

if TYPE_CHECKING:
    from agent.tui.app import TunewrightApp

_SHARE = 0.15  # of the whole curve on each side of a step that is pointed at
_REPORTS = 12  # shown on each side at least


class TrialCurves(Charts, can_focus=True):
    """`show` draws anew; `point_at` goes to a step. While it has the focus the letters of the page act; those of the
    curves act once the focus is within, on the plot."""

    def __init__(self) -> None:
        super().__init__("trial-curves", upright=True)
        self._pointed: tuple[str, int] | None = None  # to be looked at once its curve is there

    def point_at(self, metric: str, step: int) -> None:
        """The stretch of a metric around a step."""
        self._pointed = metric, step

    def show(self, curves: Mapping[str, CurveData], trial: Trial, model: StudyModel, view: ViewState) -> None:
        chart, objective = view.page_charts, model.spec.objective.metric
        if self._pointed is not None and curves:
            self._go_to(chart, curves, *self._pointed)
        known = tuple(dict.fromkeys([*(n for n in (objective,) if n in curves), *curves])) or (objective,)
        metric = chart.metric if chart.metric in known else known[0]
        held = {(trial.id, name): curve for name, curve in curves.items()}
        self.picture_name = f"t{trial.number}"
        self.usage.follow(trial.id)
        mark = float(chart.mark) if chart.mark is not None else None
        drawn = self.fitting(known, chart, metric)
        self.draw(Looked(model, view, chart, held, known, metric, drawn, (trial,), mark))

    def _go_to(self, chart: PageView, curves: Mapping[str, CurveData], metric: str, step: int) -> None:
        self._pointed = None
        chart.see_all()
        if metric not in curves:
            return
        chart.metric, chart.mark = metric, step
        chart.x_window = list(window(curves[metric], step))

    @property
    def is_within(self) -> bool:
        """Whether the keys of the curves act."""
        return self.plot.has_focus

    def go_within(self) -> None:
        """Gives the keys to the plot, or back to the page."""
        (self if self.is_within else self.plot).focus()

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self.has_focus:
            event.stop()
            event.prevent_default()
            self.go_within()

    # -- what is written around it -------------------------------------------------

    def _title(self) -> list[Piece]:
        left = [Piece(" CURVES ", "title", "curve", 9)]
        if self._shown is not None and self._shown.mark is not None and self._says_where:
            key = cast("TunewrightApp", self.app).key_name("window")
            left.append(Piece(f" around step {steps(int(self._shown.mark))} ", "ask", "window", 7))
            left.append(Piece(f" {key} whole ", "muted", "window", 7))
        return left

    @property
    def _says_where(self) -> bool:
        return self._shown is not None and self._shown.mark is not None and self._shown.window is not None

    def _label(self, trial: Trial, *, best: bool) -> str:
        return ""

    def _pane_title(
        self, now: Looked, metric: str, curves: Mapping[int, CurveData], *, log: bool, picked: bool
    ) -> list[Part]:
        """With what was reported last, or at the step that is pointed at; with the cursor, what stands there."""
        parts = super()._pane_title(now, metric, curves, log=log, picked=picked)
        if now.chart.cursor is None and (curve := curves.get(now.trials[0].id)) is not None:
            parts += [(f"  {text}", role) for text, role in said(curve, now.mark)]
        return parts

    def _below(self, now: Looked, picked: Pane) -> list[Piece]:
        curve = now.curves(picked.name).get(now.trials[0].id)
        if now.chart.cursor is not None or curve is None:
            return super()._below(now, picked)
        app = cast("TunewrightApp", self.app)
        into = "" if self.is_within else f" {app.key_name('curve')} or a click: zoom, pan, cursor "
        return [
            *(Piece(f" {text} ", role, "", 6) for text, role in said(curve, now.mark) if len(now.metrics) == 1),
            Piece(into, "faint", "curve", 3),
        ]


def said(curve: CurveData, mark: float | None) -> list[Part]:
    """`.3121 at step 2000`."""
    last = f"{number(curve.values[-1], 6)} at step {steps(curve.steps[-1])}" if curve.steps else "no reports"
    at = curve.at_step(int(mark)) if mark is not None else None
    return [(last, "muted"), *([(f"{number(at, 6)} at step {steps(int(mark or 0))}", "ask")] if at is not None else [])]


def window(curve: CurveData, step: int) -> lens.Window:
    """The first and last step shown around one: a part of the whole, with some reports on each side."""
    first, last = curve.extent(STEP) or (float(step), float(step))
    spacing = max((last - first) // max(len(curve.steps) - 1, 1), 1.0)
    reach = max(_SHARE * (last - first), _REPORTS * spacing, 1.0)
    return step - reach, step + reach
