"""The curves of one trial: its metrics under one another, as many as there is room for, whole or around a step."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical

from agent.study.nouns import Trial, TrialState
from agent.tui.charts import xaxis
from agent.tui.charts.buckets import Buckets
from agent.tui.charts.curve import CurveData
from agent.tui.charts.plot import Series, View
from agent.tui.model import StudyModel
from agent.tui.text import number, plural, steps
from agent.tui.view import ViewState
from agent.tui.widgets.bar import Bar, Piece
from agent.tui.widgets.plot import Plot

_MOST = 4
_LEAST_ROWS = 7
_SHARE = 0.15  # of the whole curve on each side of a step that is pointed at
_REPORTS = 12  # shown on each side at least


class MetricPlot(Vertical):
    """One metric: its name with the last value, and its curve."""

    def __init__(self) -> None:
        super().__init__(classes="metric")
        self.heading = Bar()
        self.plot = Plot()
        self.plot.can_focus = (
            False  # the page's letters act here; those of the curves beside the chat would be in the way
        )

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.plot


class TrialCurves(Vertical, can_focus=True):
    """`show` draws anew; `point_at` goes to a step."""

    def __init__(self) -> None:
        super().__init__(id="trial-curves")
        self.heading = Bar(classes="heading")
        self.plots = [MetricPlot() for _ in range(_MOST)]
        self.step: int | None = None  # the step pointed at
        self.first = ""  # the metric shown first; none: the objective's

    def compose(self) -> ComposeResult:
        yield self.heading
        yield from self.plots

    def point_at(self, metric: str, step: int | None) -> None:
        self.first, self.step = metric, step

    def names(self, curves: Mapping[str, CurveData], model: StudyModel) -> list[str]:
        """All metrics: the one that is wanted first, the objective's, then the others."""
        order = [n for n in (self.first, model.spec.objective.metric) if n in curves]
        return list(dict.fromkeys([*order, *curves]))

    def show(self, curves: Mapping[str, CurveData], trial: Trial, model: StudyModel, view: ViewState) -> None:
        names = self.names(curves, model)
        fitting = min(max((self.size.height - 1) // _LEAST_ROWS, 1), _MOST, max(len(names), 1))
        for index, one in enumerate(self.plots):
            one.display = index < fitting
            if index < min(fitting, len(names)):
                self._draw(one, names[index], curves[names[index]], trial, view)
            elif index == 0:
                one.plot.show((), View())
                one.heading.show(())
        self._head(len(names) - fitting, view)

    def _head(self, hidden: int, view: ViewState) -> None:
        left = [Piece(" CURVES ", "title", "curve", 9)]
        if self.step is not None:
            left.append(Piece(f" around step {steps(self.step)} ", "ask", "whole", 7))
            left.append(Piece(" 0 whole ", "muted", "whole", 7))
        if hidden > 0:
            left.append(Piece(f" m: {plural(hidden, 'metric')} more ", "muted", "metric", 6))
        axis = {xaxis.STEP: "steps", xaxis.TIME: "time", xaxis.RELATIVE: "since start"}[view.axis]
        self.heading.show(
            left,
            [
                Piece(f" {axis} ", "muted", "xaxis", 3),
                Piece(f" smooth {number(view.smooth) if view.smooth else 'off'} ", "muted", "smooth", 2),
            ],
        )

    def _draw(self, one: MetricPlot, name: str, curve: CurveData, trial: Trial, view: ViewState) -> None:
        buckets = self._buckets(curve, view)
        failed = trial.failure is not None and trial.state is TrialState.FAILED
        broken = curve.buckets(view.axis, view.smooth).gap is not None or failed
        role = f"curve:{view.colours.get(str(trial.number), 0)}"
        cursor = float(self.step) if self.step is not None and view.axis == xaxis.STEP else None
        drawing = View(log=view.log_y, axis=view.axis, mark=cursor)
        one.plot.show([Series("", role, buckets, mark="✗" if broken else "")], drawing)
        at = curve.at_step(self.step) if self.step is not None else None
        said = f"{number(curve.values[-1], 6)} at step {steps(curve.steps[-1])}" if curve.steps else "no reports"
        pieces = [Piece(f" {name} ", "primary", "", 9), Piece(f" {said} ", "muted", "", 4)]
        if at is not None:
            pieces.append(Piece(f" {number(at, 6)} at step {steps(self.step)} ", "ask", "", 6))
        one.heading.show(pieces)

    def _buckets(self, curve: CurveData, view: ViewState) -> Buckets:
        """The whole curve, or its window around the step pointed at."""
        if self.step is None or view.axis != xaxis.STEP or not curve.steps:
            return curve.buckets(view.axis, view.smooth)
        low, high = window(curve, self.step)
        made = Buckets()
        for x, value in zip(*curve.points(view.axis, view.smooth), strict=True):
            if low <= x <= high:
                made.add(float(x), value)
        return made


def window(curve: CurveData, step: int) -> tuple[int, int]:
    """The first and last step shown around one: a part of the whole, with some reports on each side."""
    known = sorted(curve.steps)
    reach = max(round(_SHARE * (known[-1] - known[0])), 1)
    spacing = max((known[-1] - known[0]) // max(len(known) - 1, 1), 1)
    reach = max(reach, _REPORTS * spacing)
    return step - reach, step + reach
