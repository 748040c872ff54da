"""CURVES: a heading that says what is drawn, the plots, a legend with each trial's state or what is at the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from agent.scales import Scale
from agent.study.nouns import Trial, TrialState
from agent.tui.charts import lens, xaxis
from agent.tui.charts.buckets import CAPACITY
from agent.tui.charts.curve import CurveData
from agent.tui.charts.looked import Looked
from agent.tui.charts.panes import Pane, room
from agent.tui.charts.plot import Series, View, is_log
from agent.tui.model import StudyModel
from agent.tui.view import ViewState
from agent.tui.widgets.bar import Bar, Piece, title
from agent.tui.widgets.curves_text import at_cursor, legend, options, pane_title, role_of, values
from agent.tui.widgets.plot import Plot
from agent.tui.widgets.usage_strip import UsageStrip
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.tui.ink.colours import Colours
    from agent.tui.pictures import Svg


class CurvesPanel(Vertical):
    """Shows the curves of some trials of the model, and does to the view what is done to the plots."""

    picture_name = "curves"

    class Rearranged(Message):
        """The view has changed: another stretch, another place of the cursor, another metric."""

    def __init__(self) -> None:
        super().__init__(id="curves")
        self._shown: Looked | None = None
        self.heading = Bar(classes="heading")
        self.plot = Plot()
        self.legend = Bar(id="legend")
        self.usage = UsageStrip()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.plot
        yield self.legend
        yield self.usage

    def metrics(self, model: StudyModel, view: ViewState, metric: str) -> tuple[str, ...]:
        """Those to draw: the one that is picked, or in the grid as many as fit, with it among them."""
        if not view.grid or len(model.metrics) < 2:
            return (metric,)
        most = room(self.plot.size.width, self.plot.size.height)
        at = model.metrics.index(metric) if metric in model.metrics else 0
        return model.metrics[at // most * most :][:most]

    def update(
        self, model: StudyModel, view: ViewState, metric: str, shown: Sequence[Trial], mark: float | None
    ) -> None:
        """Draws anew. `shown` from back to front; `mark` is a step to draw a line at."""
        metrics = self.metrics(model, view, metric)
        self._shown = now = Looked(model, view, metric, metrics, tuple(shown), mark)
        panes = [self._pane(now, name) for name in metrics]
        self.plot.show_panes(panes)
        picked = next(p for p in panes if p.picked)
        self._head(now, picked)
        self._foot(now, picked)

    # -- what is drawn -----------------------------------------------------------

    def _pane(self, now: Looked, metric: str) -> Pane:
        view, window, curves = now.view, now.window, now.curves(metric)
        looked_at = window if window is not None else now.whole if now.log_x else None
        series = tuple(self._series(now, t, curves[t.id], looked_at) for t in now.trials if t.id in curves)
        log, objective = view.log_y, now.model.spec.objective
        if log is None and metric == objective.metric and objective.direction == "maximize":
            log = False  # scores near 1 are told apart on a linear axis
        alone = len(now.metrics) == 1
        y_window = (view.y_window[0], view.y_window[1]) if alone and view.y_window else None
        mark = now.mark if view.axis == xaxis.STEP else None
        drawn = View(log, view.axis, mark, now.log_x, looked_at, y_window, view.cursor)
        picked = alone or metric == now.metric
        if alone:
            return Pane(metric, series, drawn, picked=True)
        beside = (
            [] if view.cursor is None else values(now.trials, curves, view, view.cursor, self._near(now), brief=True)
        )
        head = pane_title(metric, beside, view, log=is_log(series, drawn), picked=picked)
        return Pane(metric, series, drawn, tuple(head), picked)

    def _series(self, now: Looked, trial: Trial, curve: CurveData, looked_at: lens.Window | None) -> Series:
        view, model = now.view, now.model
        best = model.best is not None and model.best.number == trial.number
        buckets = curve.buckets(view.axis, view.smooth)
        broken = buckets.gap is not None or (trial.failure is not None and trial.state is TrialState.FAILED)
        if looked_at is not None:
            buckets = curve.stretch(view.axis, view.smooth, *looked_at, log=now.log_x, columns=self._columns)
            broken = broken and (buckets.gap is not None or curve.buckets(view.axis, view.smooth).gap is None)
        label = f"t{trial.number}{'★' if best else ''}"
        return Series(label, role_of(trial, view), buckets, best and trial.state.ended, "✗" if broken else "")

    @property
    def _columns(self) -> int:
        """Of dots, at most: finer than that is not to be seen."""
        return 2 * self.plot.size.width or CAPACITY

    def _head(self, now: Looked, picked: Pane) -> None:
        log = is_log(picked.series, picked.view)
        hidden = sum(s.buckets.not_positive for s in picked.series) if log else 0
        several, drawn = len(now.model.metrics), len(now.metrics)
        name = now.metric if drawn == 1 else f"{drawn} of {several} metrics" if drawn < several else f"{drawn} metrics"
        choice = Piece(f" {name}{' ▾' if several > 1 else ''} ", "primary", "metric", 8)
        zoomed = now.window is not None or bool(now.view.y_window and drawn == 1)
        self.heading.show([*title(self, "CURVES"), choice], options(now, log=log, zoomed=zoomed, hidden=hidden))

    def _foot(self, now: Looked, picked: Pane) -> None:
        view, curves = now.view, now.curves(picked.name)
        if view.cursor is not None:
            self.legend.show(at_cursor(now.trials, curves, view, view.cursor, self._near(now)))
            return
        whole = {i: c.buckets(view.axis, view.smooth) for i, c in curves.items()}
        other = picked.name != now.model.spec.objective.metric
        said = [legend(t, now.model, view, whole.get(t.id), other=other) for t in reversed(now.trials)]
        self.legend.show([piece for pieces in said for piece in pieces])

    def _near(self, now: Looked) -> float:
        """How far a point may be from the cursor to count as being there: a cell, about."""
        seen = now.window or now.whole
        return (seen[1] - seen[0]) / max(self.plot.size.width - 12, 20) if seen is not None else 0.0

    def picture(self, ink: Colours) -> Svg:
        """The same curves as vectors, every point of them."""
        from agent.tui.charts.figures import figure
        from agent.tui.pictures import plots

        if self._shown is None:
            raise TunewrightError("the study is still being opened", remedy="Try again in a moment.")
        now = self._shown
        panes = [self._pane(now, name) for name in now.metrics]
        return plots([figure(now.model, now.view, p, now.trials, now.curves(p.name)) for p in panes], ink)

    # -- what is done to it ------------------------------------------------------

    def _now(self) -> tuple[Looked, lens.Window]:
        if self._shown is None or (whole := self._shown.whole) is None:
            raise TunewrightError("there is nothing to look at yet", remedy="Wait for a trial's first reports.")
        return self._shown, whole

    def _look(self, now: Looked, window: lens.Window | None, whole: lens.Window) -> None:
        now.view.x_window = list(window) if window is not None else []
        now.view.follows = window is not None and lens.is_at_end(window, whole)
        self.post_message(self.Rearranged())

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Around `at`, or else the cursor, what is new while trials run, or the middle. Raises TunewrightError when
        nothing is drawn, as all of these do."""
        now, whole = self._now()
        low, high = now.window or whole
        if at is None:
            live = bool(now.model.running) and lens.is_at_end((low, high), whole)
            at = now.view.cursor if now.view.cursor is not None else high if live else self.middle
        self._look(now, lens.zoomed(now.window, whole, factor, at, log=now.log_x), whole)

    def pan(self, share: float, up: float = 0.0) -> None:
        now, whole = self._now()
        if up and now.view.y_window and (scale := self._y_scale) is not None:
            now.view.y_window = [scale.value(up), scale.value(1 + up)]
        self._look(now, lens.panned(now.window, whole, share, log=now.log_x), whole)

    def zoom_y(self, factor: float) -> None:
        """Around the front curve's value at the cursor, or the middle."""
        now, _ = self._now()
        scale = self._y_scale
        if scale is None or len(now.metrics) > 1:
            raise TunewrightError("values are zoomed in a single plot", remedy="Press enter on one of the grid first.")
        unit = self._cursor_height(now)
        unit = 0.5 if unit is None else min(max(unit, 0.0), 1.0)
        ends = [scale.value(unit - unit / factor), scale.value(unit + (1 - unit) / factor)]
        now.view.y_window = ends if ends[1] - ends[0] > 1e-12 * max(map(abs, ends)) else now.view.y_window
        self.post_message(self.Rearranged())

    def _cursor_height(self, now: Looked) -> float | None:
        scale, at = self._y_scale, now.view.cursor
        curves = now.curves(now.metric)
        front = next((curves[t.id] for t in reversed(now.trials) if t.id in curves), None)
        point = front.nearest(now.view.axis, now.view.smooth, at) if front is not None and at is not None else None
        return scale.unit(point[2]) if scale is not None and point is not None else None

    @property
    def _y_scale(self) -> Scale | None:
        return self.plot.picked.frame.y_scale if self.plot.picked is not None else None

    def look_at(self, window: lens.Window | None) -> None:
        """A stretch of x; all of everything where None."""
        now, whole = self._now()
        if window is None:
            now.view.y_window = []
        else:
            window = lens.between(*window, whole)
            if window is None:
                raise TunewrightError("nothing lies there", remedy=f"There is {whole[0]:g} to {whole[1]:g}.")
        self._look(now, window, whole)

    def put_cursor(self, at: float | None) -> None:
        """Where its values are said; None takes it away."""
        now, whole = self._now()
        now.view.cursor = None if at is None else min(max(at, whole[0]), whole[1])
        self.post_message(self.Rearranged())

    @property
    def middle(self) -> float:
        """The middle of what is seen."""
        now, whole = self._now()
        low, high = now.window or whole
        return float((low * high) ** 0.5) if now.log_x else (low + high) / 2

    @on(Plot.Zoomed)
    def _zoomed(self, event: Plot.Zoomed) -> None:
        event.stop()
        if self._shown is not None and self._shown.whole is not None:
            self.zoom(event.factor, event.at)

    @on(Plot.Panned)
    def _panned(self, event: Plot.Panned) -> None:
        event.stop()
        if self._shown is not None and self._shown.whole is not None:
            self.pan(event.x, event.y)

    @on(Plot.Boxed)
    def _boxed(self, event: Plot.Boxed) -> None:
        event.stop()
        x0, y0, x1, y1 = event.corners
        if self._shown is not None and (whole := self._shown.whole) is not None:
            if len(self._shown.metrics) == 1 and y0 != y1:
                self._shown.view.y_window = sorted((y0, y1))
            self._look(self._shown, lens.between(x0, x1, whole), whole)

    @on(Plot.CursorMoved)
    def _cursor_moved(self, event: Plot.CursorMoved) -> None:
        event.stop()
        if self._shown is None or (whole := self._shown.whole) is None:
            return
        if event.to is not None:
            self.put_cursor(event.to)
            return
        view, picked = self._shown.view, self.plot.picked
        if view.cursor is None or picked is None or picked.frame.x_scale is None:
            self.pan(0.1 * event.cells)  # off, so the arrows move what is seen
            return
        scale = picked.frame.x_scale
        self.put_cursor(scale.value((scale.unit(view.cursor) or 0.0) + event.cells / max(picked.frame.width - 1, 1)))
        self._keep_in_sight(whole)

    def _keep_in_sight(self, whole: lens.Window) -> None:
        """Moves what is seen after a cursor that has left it."""
        assert self._shown is not None
        now, at = self._shown, self._shown.view.cursor
        if (seen := now.window) is not None and at is not None and not seen[0] <= at <= seen[1]:
            share = (at - (seen[1] if at > seen[1] else seen[0])) / (seen[1] - seen[0])
            self._look(now, lens.panned(seen, whole, share), whole)

    @on(Plot.Picked)
    def _picked(self, event: Plot.Picked) -> None:
        event.stop()
        if self._shown is not None:
            self._shown.view.metric = event.name
            self._shown.view.grid = self._shown.view.grid and not event.alone
            self.post_message(self.Rearranged())
