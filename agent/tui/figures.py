"""The curves that are on the screen as figures of a picture."""

from __future__ import annotations

from agent.study.nouns import Trial, TrialState
from agent.tui.curve import CurveData
from agent.tui.looks import look
from agent.tui.pictures.plots import Line
from agent.tui.text import number


def line(trial: Trial, curve: CurveData, *, best: bool, colour: int, axis: str, smooth: float) -> Line:
    """One curve: all its points, smoothed over the raw ones where that is asked for."""
    xs, ys = curve.points(axis, smooth)
    value = trial.value if trial.value is not None else trial.last_value
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
