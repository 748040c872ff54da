"""The learning-curve rule: a trial whose curve, carried on to its end, will hardly beat the best (after Domhan et al.,
2015)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agent.stopping.fits import Prediction, Shape, mixture, parametric
from agent.stopping.run import Frame, Run, Verdict, going_on
from agent.stopping.words import figure, standing
from agent.study.stopping_spec import StoppingSpec
from trainers.contract import Objective

FEWEST = 4  # finite reports
_MOST_POINTS, _MOST_CURVES = 48, 24


def verdict(run: Run, done: Sequence[Run], frame: Frame, spec: StoppingSpec, objective: Objective) -> Verdict:
    """Stops a run whose chance to beat the best of `done`, runs that completed, is below `spec.chance`."""
    if sum(map(math.isfinite, run.levels)) < FEWEST:
        return going_on(f"it has fewer than {FEWEST} reports to go by")
    best = min(other.now for other in done)
    chance = chance_below(best, predictions(run, done, frame))
    said = f"its curve has a chance of {chance:.1%} to beat the best, {figure(best, objective)}"
    if not chance < spec.chance:  # values beyond what floats can square give no chance at all
        return going_on(said, chance)
    here = standing(run, frame, frame.position(run), run.now, objective)
    return Verdict(stop=True, reason=f"{here}; {said}", chance=chance)


def chance_below(best: float, mix: Sequence[Prediction]) -> float:
    """P(the run ends below `best`)."""
    return sum(p.weight * p.below(best) for p in mix)


def predictions(run: Run, done: Sequence[Run], frame: Frame) -> list[Prediction]:
    """What the run may end with."""
    position = frame.position(run)
    every = max(1, math.ceil(len(run.steps) / _MOST_POINTS))
    length = (run.length or 1) if frame.by_share else 1
    points = [
        (step / length, level)
        for step, level in list(zip(run.steps, run.levels, strict=True))[::-every][::-1]
        if math.isfinite(level)
    ]
    at = [p for p, _ in points]
    shares = [p / frame.reach for p in at] if frame.reach else at
    others = sorted(done, key=lambda other: abs((frame.level(other, position) or math.inf) - run.now))[:_MOST_CURVES]
    shapes = [shape for other in others if (shape := _of(other, frame, at, position)) is not None]
    finals = [other.now for other in done]
    spread = max(max(finals) - min(finals), abs(run.now - min(finals)))
    return mixture([y for _, y in points], [parametric(shares), shapes], spread)


def _of(other: Run, frame: Frame, at: Sequence[float], position: float) -> Shape | None:
    """A completed trial's own curve as a shape; None where it has no finite values there."""
    levels = [frame.level(other, p) for p in at]
    now = frame.level(other, position)
    found = [level for level in levels if level is not None and math.isfinite(level)]
    if now is None or not math.isfinite(now) or len(found) < len(levels):
        return None
    return Shape(found, now, other.now, 1.0)
