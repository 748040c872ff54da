"""Reading the curve of a metric: few points, but the extremes among them."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from agent.chat.tools.base import Args, Tool, TrialNumber, within
from agent.diagnosis.thinning import thinned
from agent.llm.seat import Seat
from agent.store import points, trials
from trainers.errors import TunewrightError, nearest


class CurveArgs(Args):
    trial: TrialNumber
    metric: Annotated[str, Field(description="the objective unless told")] = ""
    points: Annotated[int, Field(ge=4, le=120)] = 40


def read_curve(seat: Seat, args: CurveArgs) -> str:
    """`step value` lines that can be cited as they stand."""
    trial = trials.get(seat.store, seat.study.id, args.trial)
    metric = args.metric or seat.study.spec.objective.metric
    known = points.metrics(seat.store, trial.id)
    if metric not in known:
        remedy = nearest(metric, known) if known else "It has reported nothing."
        raise TunewrightError(f"t{trial.number} has no metric '{metric[:60]}'", remedy=remedy)
    curve = points.curve(seat.store, trial.id, metric)
    kept = thinned(curve, args.points)
    bad = sum(not math.isfinite(value) for value in curve.values)
    head = f"{metric} of t{trial.number}: {len(curve.steps)} reports, {len(kept)} shown"
    head += " (the least and greatest of each stretch)" if len(kept) < len(curve.steps) else ""
    head += f"; {bad} not finite" if bad else ""
    return within([head, "step value", *(f"{curve.steps[i]} {curve.values[i]:.6g}" for i in kept)])


TOOLS = (
    Tool("curve", "the values a trial reported of one metric, thinned out with extremes kept", CurveArgs, read_curve),
)
