"""The rule on trials that learned nothing at all: flat curves, dead units, scores that stay at zero."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.metrics import Measure
from agent.diagnosis.rules.base import Case, Finding, at_value, judged
from agent.diagnosis.rules.levels import (
    TRENDING,
    curves,
    high_rate,
    low_rate,
    nothing_learned,
    rate_evidence,
    scores,
    succeeded,
    uniform_guess,
)
from agent.diagnosis.rules.restraints import held_back
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move, Wish
from agent.study.nouns import Evidence
from agent.study.roles import Role, role

_FLAT = 0.02  # a gain below this share of the start may be noise,
_NOTHING = 0.005  # and below this one it is nothing, however steady


def flat_from_start(case: Case) -> Finding | None:
    """No curve ever left its first value; dead units where gradients or identical values say so."""
    v = _scored_nothing(case) or _never_moved(case)
    if v is None or not judged(case) or any(role(n) in (Role.REGULARISER, Role.DROPOUT) for n in held_back(case)):
        return None  # if it is smothered, that is under-fitting
    dead, (wishes, why) = _dead(case, v), _revive(case)
    return Finding(
        verdict=_cause_of_stillness(case, dead),
        confidence=0.88 if dead else 0.8,
        explanation=f"{v.name} never left its first value: {v.raw(0):.4g} at step {v.step(0)}, {v.raw(-1):.4g} at step "
        f"{v.step(-1)}. {dead or 'Nothing was learned.'} {why}",
        evidence=(at_value(v, 0, "the start"), at_value(v, -1, "the end"), *_gradient(case), *rate_evidence(case)),
        wishes=wishes,
        advice="Check that the optimiser got the model's parameters, that nothing is frozen, and how weights start.",
    )


def _never_moved(case: Case) -> View | None:
    """The main curve, if it is flat and something else says that this is no early convergence."""
    v = case.signals.main
    if v is None or not _is_flat(v) or _validation_gained(case) or _fits_well(case) or succeeded(case) is not None:
        return None
    sign = _dead(case, v) or high_rate(case) or _tiny_rate(case) or _at_chance(case) or case.signals.far_behind
    return v if sign else None


def _scored_nothing(case: Case) -> View | None:
    """The objective, if it is a poor score that was the same in each of many reports while no other improved."""
    goal = case.signals.goal
    if goal is None or not goal.error_rate or len(goal) < 10 or len(set(goal.values.tolist())) > 1:
        return None
    return goal if goal.shape.end > 0.3 and all(w.shape.gain < 0.05 for w in scores(case)) else None


def stillness(case: Case) -> str:
    """Says of a healthy trial that it hardly moved."""
    v = case.signals.main
    if v is None or not _is_flat(v) or succeeded(case) is not None:
        return ""
    return f" {v.name} hardly moved: it had converged before its first report, or little is trained."


def _cause_of_stillness(case: Case, dead: str) -> str:
    """A learning rate at its extreme is a cause; dead units are what it leads to."""
    if high_rate(case):
        return "lr_too_high"
    if _tiny_rate(case) and not _no_gradient(case):
        return "lr_too_low"
    return "dead_units" if dead else "flat_from_start"


def _tiny_rate(case: Case) -> bool:
    """A learning rate at the bottom of its range explains a flat loss; a low one a score, which moves in steps."""
    low, scores_only = low_rate(case), all(v.error_rate for v in curves(case))
    return low is not None and ((case.place(low[0]) or 0.0) <= 0.2 or scores_only)


def _validation_gained(case: Case) -> bool:
    """Whether validation fell although training did not show it. It may drift up: running averages do."""
    v = case.signals.valid
    return v is not None and case.signals.is_curve(v) and not _is_flat(v) and v.shape.gain > 0


def _is_flat(v: View) -> bool:
    """No value differs from the first ones by more than noise, and none was on its way down at the end."""
    s = v.shape
    moved = max(abs(s.gain), abs(float(np.median(v.values[:3])) - s.end))
    by_luck = 2.5 * s.noise * min(1.0, 1.8 / np.sqrt(len(v) // 12)) if len(v) >= 24 else 0.0  # few tell too little
    spread = float(v.values.max() - v.values.min())
    calm = spread <= 0.2 * abs(s.start) or spread <= 8 * s.noise
    if v.meaning.measure is not Measure.LOSS and s.noise > 0.05 * abs(s.end):
        return False  # a noisy reward says too little
    falling = s.trend < -TRENDING and s.still_falling > 0.15 and s.share > _NOTHING
    level = _FLAT * abs(s.start)
    stayed = moved <= max(level, by_luck) and s.best_gain <= max(level, 2.5 * s.noise if by_luck else 0.0)
    return len(v) >= 5 and stayed and calm and not falling


def _fits_well(case: Case) -> bool:
    """A score that is good or became better is no failure to learn, whatever the loss does."""
    return any(v.error_rate and len(v) for v in case.signals.views.values()) and not nothing_learned(case)


def _at_chance(case: Case) -> bool:
    """Whether something besides a flat loss says that nothing was learned: scores that lie still where guessing
    is, a cross-entropy of ln K, or training and validation both flat from the first step on."""
    if watched := scores(case):
        still = all(np.ptp(w.values) <= 0.02 or len(np.unique(w.values)) <= 3 for w in watched)
        return still and nothing_learned(case) and min(w.shape.best for w in watched) > 0.3
    losses = curves(case)
    both = len(losses) == 2 and all(len(w) >= 8 and w.step(0) <= 1 for w in losses)
    return (both or any(map(uniform_guess, losses))) and all(_is_flat(w) or w.shape.gain <= 0 for w in losses)


def _no_gradient(case: Case) -> bool:
    g = case.signals.gradients
    return g is not None and len(g) > 0 and float(abs(g.values[-max(1, len(g) // 2) :]).max()) < 1e-6


def _dead(case: Case, v: View) -> str:
    g = case.signals.gradients
    if g is not None and _no_gradient(case):
        return f"{g.name} was {g.raw(-1):.3g}: no gradient reached the weights, as with dead or saturated units."
    if not v.error_rate and len(set(v.values[1:].tolist())) == 1:  # a score moves in steps
        return "Every value is the same, as when all units are dead."
    valid = case.signals.valid
    same = valid is not None and case.signals.is_curve(valid) and len(set(valid.values.tolist())) == 1
    return f"{valid.name} is the same in every report, so no weight moved." if valid is not None and same else ""


def _revive(case: Case) -> tuple[tuple[Wish, ...], str]:
    """Which way to move the learning rate, and why."""
    if high := high_rate(case):
        down = Move(Role.LEARNING_RATE, 0.1, "a rate this high can kill every unit in its first steps")
        return (down,), f"{high[0]} = {high[1]:.4g} is high; the first steps may have killed the units."
    if low := low_rate(case):
        up = Move(Role.LEARNING_RATE, 30.0, "at this rate the weights hardly move")
        return (up,), f"{low[0]} = {low[1]:.4g} is low; the weights hardly moved."
    return (), ""


def _gradient(case: Case) -> tuple[Evidence, ...]:
    g = case.signals.gradients
    return (at_value(g, -1),) if g is not None and len(g) else ()
