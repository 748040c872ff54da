"""CURVES: a heading that says what is drawn, the plot, a legend with each trial's state."""

from __future__ import annotations

import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from agent.study.nouns import Trial, TrialState
from agent.tui import xaxis
from agent.tui.colours import Colours
from agent.tui.figures import line
from agent.tui.looks import look
from agent.tui.model import StudyModel
from agent.tui.pictures import Figure, Svg, plots
from agent.tui.plot import Series, View
from agent.tui.text import number
from agent.tui.view import ViewState
from agent.tui.widgets.bar import Bar, Piece, title
from agent.tui.widgets.plot import Plot
from trainers.errors import TunewrightError

_AXES = {xaxis.STEP: "steps", xaxis.TIME: "time", xaxis.RELATIVE: "since start"}


class CurvesPanel(Vertical):
    """Shows the curves of some trials of the model."""

    picture_name = "curves"

    def __init__(self) -> None:
        super().__init__(id="curves")
        self._drawn: tuple[StudyModel, ViewState, str, tuple[Trial, ...]] | None = None
        self.heading = Bar(classes="heading")
        self.plot = Plot()
        self.legend = Bar(id="legend")

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.plot
        yield self.legend

    def update(
        self, model: StudyModel, view: ViewState, metric: str, shown: Sequence[Trial], mark: float | None
    ) -> None:
        """Draws anew. `shown` from back to front; `mark` is a step to draw a line at."""
        self._drawn = (model, view, metric, tuple(shown))
        series = [s for trial in shown if (s := self._series(trial, model, view)) is not None]
        log = view.log_y
        if log is None and metric == model.spec.objective.metric and model.spec.objective.direction == "maximize":
            log = False  # scores near 1 are told apart on a linear axis
        self.plot.show(series, View(log=log, axis=view.axis, cursor=mark if view.axis == xaxis.STEP else None))
        self._head(view, metric, len(model.metrics))
        self.legend.show([p for trial in reversed(shown) for p in _legend(trial, model, view)])

    def picture(self, ink: Colours) -> Svg:
        """The same curves as vectors, every point of them."""
        if self._drawn is None:
            raise TunewrightError("the study is still being opened", remedy="Try again in a moment.")
        model, view, metric, shown = self._drawn
        lines = [
            line(
                trial,
                curve,
                best=model.best is not None and model.best.number == trial.number,
                colour=view.colours.get(str(trial.number), 0),
                axis=view.axis,
                smooth=view.smooth,
            )
            for trial in shown
            if (curve := model.curves.get(trial.id)) is not None
        ]
        notes = [f"smoothed {number(view.smooth)}"] if view.smooth else []
        title = f"{model.spec.name} · {metric}"
        return plots([Figure(title=title, lines=lines, x_kind=view.axis, log_y=self.plot.log_shown, notes=notes)], ink)

    def _series(self, trial: Trial, model: StudyModel, view: ViewState) -> Series | None:
        curve = model.curves.get(trial.id)
        if curve is None:
            return None
        best = model.best is not None and model.best.number == trial.number
        buckets = curve.buckets(view.axis, view.smooth)
        broken = buckets.gap is not None or (trial.failure is not None and trial.state is TrialState.FAILED)
        role = f"curve:{view.colours.get(str(trial.number), 0)}"
        label = f"t{trial.number}{'★' if best else ''}"
        return Series(label, role, buckets, dashed=best and trial.state.ended, mark="✗" if broken else "")

    def _head(self, view: ViewState, metric: str, metrics: int) -> None:
        choice = " ▾" if metrics > 1 else ""
        scale = "log" if self.plot.log_shown else "linear"
        smooth = number(view.smooth) if view.smooth else "off"
        self.heading.show(
            [*title(self, "CURVES"), Piece(f" {metric}{choice} ", "primary", "metric", 8)],
            [
                Piece(f" {_AXES[view.axis]} ", "muted", "xaxis", 3),
                Piece(f" y {scale} ", "muted", "ylog", 4),
                Piece(f" smooth {smooth} ", "muted", "smooth", 2),
            ],
        )


def _legend(trial: Trial, model: StudyModel, view: ViewState) -> list[Piece]:
    """`━ t18 ▶ .334`: line, name, state, value or where it broke."""
    seen, role = look(trial), f"curve:{view.colours.get(str(trial.number), 0)}"
    best = model.best is not None and model.best.number == trial.number
    line = "╌╌" if best and trial.state.ended else "━━"
    command = f"select {trial.number}"
    value = trial.value if trial.value is not None else trial.last_value
    said = f" {number(value)}" if value is not None else ""
    curve = model.curves.get(trial.id)
    gap = curve.buckets(view.axis, view.smooth).gap if curve is not None else None
    if gap is not None and curve is not None:
        where = xaxis.text(gap[0], view.axis)
        said = f" {'nan' if math.isnan(gap[1]) else 'inf'}@{where}"
    keep = 5 if not trial.state.ended or best else 4
    return [
        Piece(f" {line} t{trial.number} ", role, command, keep),
        Piece(f"{'★' if best else seen.glyph}{said} ", "best" if best else seen.role, command, keep),
    ]
