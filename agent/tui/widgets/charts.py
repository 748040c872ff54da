"""Curves with all that belongs to them: a heading that says what is drawn, the plots, a line of values below, usage.

One widget for every place that has curves – beside the chat, on a trial's page, comparing – so that keys, mouse and
commands do the same in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from agent.study.nouns import Trial, TrialState
from agent.tui.charts import lens, xaxis
from agent.tui.charts.buckets import CAPACITY, Buckets
from agent.tui.charts.curve import CurveData
from agent.tui.charts.looked import Looked
from agent.tui.charts.panes import Pane, room
from agent.tui.charts.plot import Series, View, is_log
from agent.tui.text import Part
from agent.tui.view import ChartView
from agent.tui.widgets.bar import Bar, Piece, title
from agent.tui.widgets.curves_text import at_cursor, legend, options, pane_title, role_of, values
from agent.tui.widgets.moving import Moving
from agent.tui.widgets.plot import Plot
from agent.tui.widgets.usage_strip import UsageStrip
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.ink.colours import Colours
    from agent.tui.pictures import Svg


_MARGIN = 5  # cells for values, where plots stand below one another


class Charts(Moving):
    """`draw` draws what it is told to look at; what differs from place to place is overridden."""

    picture_name = "curves"
    dashes_best = False

    def __init__(self, id: str, *, upright: bool = False) -> None:
        super().__init__(id=id)
        self._upright = upright
        self.heading = Bar(classes="heading")
        self.plot = Plot(upright=upright)
        self.legend = Bar(id="legend")
        self.usage = UsageStrip()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.plot
        yield self.legend
        yield self.usage

    def fitting(self, known: Sequence[str], chart: ChartView, metric: str) -> tuple[str, ...]:
        """Those to draw: the one that is picked, or in the grid as many as fit, with it among them."""
        if not chart.grid or len(known) < 2:
            return (metric,)
        most = room(self.plot.size.width, self.plot.size.height, upright=self._upright)
        at = known.index(metric) if metric in known else 0
        return tuple(known[at // most * most :][:most])

    def draw(self, now: Looked) -> None:
        """Draws anew."""
        self._shown = now
        panes = [self._pane(now, name) for name in now.metrics]
        self.plot.show_panes(panes)
        picked = next(p for p in panes if p.picked)
        self._head(now, picked)
        self.legend.show(self._below(now, picked))
        self.usage.look(now.times(self.usage.about))

    # -- what is drawn -----------------------------------------------------------

    def _pane(self, now: Looked, metric: str) -> Pane:
        view, window, curves = now.view, now.window, now.curves(metric)
        looked_at = window if window is not None else now.whole if now.log_x else None
        series = self._series(now, metric, curves, looked_at)
        log, objective = view.log_y, now.model.spec.objective
        if log is None and metric == objective.metric and objective.direction == "maximize":
            log = False  # scores near 1 are told apart on a linear axis
        mark = now.mark if view.axis == xaxis.STEP else None
        margin = _MARGIN if self._upright else 0
        drawn = View(log, view.axis, mark, now.log_x, looked_at, now.y_window(metric), now.chart.cursor, margin)
        if len(now.metrics) == 1:
            return Pane(metric, series, drawn, picked=True)
        picked = metric == now.metric
        head = self._pane_title(now, metric, curves, log=is_log(series, drawn), picked=picked)
        return Pane(metric, series, drawn, tuple(head), picked)

    def _pane_title(
        self, now: Looked, metric: str, curves: Mapping[int, CurveData], *, log: bool, picked: bool
    ) -> list[Part]:
        at = now.chart.cursor
        beside = [] if at is None else values(now.trials, curves, now.view, at, self._near(now), brief=True)
        return pane_title(metric, beside, now.view, log=log, picked=picked, zoomed=now.y_window(metric) is not None)

    def _series(
        self, now: Looked, metric: str, curves: Mapping[int, CurveData], looked_at: lens.Window | None
    ) -> tuple[Series, ...]:
        """From back to front."""
        return tuple(self._curve(now, t, curves[t.id], looked_at) for t in now.trials if t.id in curves)

    def _curve(self, now: Looked, trial: Trial, curve: CurveData, looked_at: lens.Window | None) -> Series:
        view, model = now.view, now.model
        best = model.best is not None and model.best.number == trial.number
        whole = curve.buckets(view.axis, view.smooth)
        broken = whole.gap is not None or (trial.failure is not None and trial.state is TrialState.FAILED)
        buckets = self._buckets(now, curve, looked_at)
        if buckets is not whole:
            broken = broken and (buckets.gap is not None or whole.gap is None)
        dashed = self.dashes_best and best and trial.state.ended
        return Series(self._label(trial, best=best), role_of(trial, view), buckets, dashed, "✗" if broken else "")

    def _label(self, trial: Trial, *, best: bool) -> str:
        """What stands at the end of a curve."""
        return f"t{trial.number}{'★' if best else ''}"

    def _buckets(self, now: Looked, curve: CurveData, looked_at: lens.Window | None) -> Buckets:
        """As fine as dots are: finer than that is not to be seen."""
        view = now.view
        if looked_at is None:
            return curve.buckets(view.axis, view.smooth)
        columns = 2 * self.plot.size.width or CAPACITY
        return curve.stretch(view.axis, view.smooth, *looked_at, log=now.log_x, columns=columns)

    # -- what is written around it -----------------------------------------------

    def _title(self) -> list[Piece]:
        return title(self, "CURVES")

    def _head(self, now: Looked, picked: Pane) -> None:
        log = is_log(picked.series, picked.view)
        hidden = sum(s.buckets.not_positive for s in picked.series) if log else 0
        several, drawn = len(now.known), len(now.metrics)
        name = now.metric if drawn == 1 else f"{drawn} of {several} metrics" if drawn < several else f"{drawn} metrics"
        choice = Piece(f" {name}{' ▾' if several > 1 else ''} ", "primary", "metric", 8)
        self.heading.show(
            [*self._title(), choice], options(now, log=log, zoomed=now.zoomed and not self._says_where, hidden=hidden)
        )

    @property
    def _says_where(self) -> bool:
        """Whether the title says what stretch is looked at."""
        return False

    def _below(self, now: Looked, picked: Pane) -> list[Piece]:
        """What stands at the cursor, or else who is drawn."""
        view, curves = now.view, now.curves(picked.name)
        if now.chart.cursor is not None:
            return at_cursor(now.trials, curves, view, now.chart.cursor, self._near(now))
        whole = {i: c.buckets(view.axis, view.smooth) for i, c in curves.items()}
        other = picked.name != now.model.spec.objective.metric
        said = [legend(t, now.model, view, whole.get(t.id), other=other) for t in reversed(now.trials)]
        return [piece for pieces in said for piece in pieces]

    def _near(self, now: Looked) -> float:
        """How far a point may be from the cursor to count as being there: a cell, about."""
        seen = now.window or now.whole
        return (seen[1] - seen[0]) / max(self.plot.size.width - 12, 20) if seen is not None else 0.0

    # -- pictures ----------------------------------------------------------------

    def picture(self, ink: Colours) -> Svg:
        """The same curves as vectors, every point of them."""
        from agent.tui.charts.figures import figure
        from agent.tui.pictures import plots

        if self._shown is None:
            raise TunewrightError("the curves are still being read", remedy="Try again in a moment.")
        now = self._shown
        panes = [self._pane(now, name) for name in now.metrics]
        made = [figure(now.model, now.view, p, now.trials, now.curves(p.name)) for p in panes]
        return plots([replace(made[0], notes=[*made[0].notes, *self._notes(now)]), *made[1:]], ink)

    def _notes(self, now: Looked) -> list[str]:
        """What is said below the picture."""
        return []
