"""The curves that are on the screen as figures of a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.study.nouns import Trial, TrialState
from agent.tui.charts.curve import CurveData
from agent.tui.charts.panes import Pane
from agent.tui.charts.plot import is_log
from agent.tui.ink.looks import look
from agent.tui.model import StudyModel
from agent.tui.pictures.plots import Figure, Line
from agent.tui.text import number
from agent.tui.view import ViewState


def line(
    trial: Trial, curve: CurveData, *, best: bool, colour: int, axis: str, smooth: float, other: bool = False
) -> Line:
    """One curve: all its points, smoothed over the raw ones where that is asked for. Beside its name stands the trial's
    value, or the newest of the curve where it is of an `other` metric than the objective."""
    xs, ys = curve.points(axis, smooth)
    value = curve.newest if other else trial.value if trial.value is not None else trial.last_value
    broken = curve.buckets(axis, smooth).gap is not None or trial.state is TrialState.FAILED
    note = f"{'★' if best else look(trial).glyph} {number(value) if value is not None else ''}"
    return Line(
        label=f"t{trial.number}",
        role=f"curve:{colour}",
        xs=xs,
        ys=ys,
        raw=curve.values if smooth else (),
        dashed=best and trial.state.ended,
        note=note.rstrip(),
        broken=broken,
    )


def figure(
    model: StudyModel, view: ViewState, pane: Pane, shown: Sequence[Trial], curves: Mapping[int, CurveData]
) -> Figure:
    """One plot of the screen as one of a picture: the same stretch, the same axes."""
    best = model.best.number if model.best is not None else None
    lines = [
        line(
            trial,
            curves[trial.id],
            best=trial.number == best,
            colour=view.colours.get(str(trial.number), 0),
            axis=view.axis,
            smooth=view.smooth,
            other=pane.name != model.spec.objective.metric,
        )
        for trial in shown
        if trial.id in curves
    ]
    return Figure(
        title=f"{model.spec.name} · {pane.name}",
        lines=lines,
        x_kind=view.axis,
        log_x=pane.view.log_x,
        log_y=is_log(pane.series, pane.view),
        x_window=pane.view.x_window,
        y_window=pane.view.y_window,
        notes=[f"smoothed {number(view.smooth)}"] if view.smooth else [],
    )
