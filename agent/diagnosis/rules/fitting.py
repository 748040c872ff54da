"""Rules on how well a trial learned: too little, too slowly, not at all, or by heart."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.curves import trend
from agent.diagnosis.metrics import Measure
from agent.diagnosis.roles import Role, role
from agent.diagnosis.rules.base import Case, Finding, at_value, judged, of_config
from agent.diagnosis.rules.learning_rate import descent
from agent.diagnosis.rules.levels import (
    GOOD_ERROR,
    TRENDING,
    curves,
    good,
    high_rate,
    low_rate,
    nothing_learned,
    poor_score,
    rate_evidence,
    scores,
    succeeded,
    trivial,
)
from agent.diagnosis.rules.overfitting import gap_open
from agent.diagnosis.rules.restraints import freer, held_back
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move, Wish
from agent.study.nouns import Evidence

_LITTLE = 0.35  # a gain below this share of the start is little
_FLAT = 0.02  # below this one it may be noise,
_NOTHING = 0.005  # and below this one it is nothing, however steady
_SHORT, _VERY_SHORT = 0.15, 0.05  # of a training length's range, on its own scale


# -- nothing was learned -------------------------------------------------------


def flat_from_start(case: Case) -> Finding | None:
    """No curve ever left its first value; dead units where gradients or identical values say so."""
    v = case.signals.main
    if v is None or not judged(case) or not _is_flat(v) or _validation_gained(case) or _fits_well(case):
        return None
    if succeeded(case) is not None or any(role(n) in (Role.REGULARISER, Role.DROPOUT) for n in held_back(case)):
        return None  # it did learn; or it is smothered, that is under-fitting
    dead, (wishes, why) = _dead(case, v), _revive(case)
    extreme = high_rate(case) or _tiny_rate(case)
    if not (dead or extreme or _at_chance(case) or case.signals.far_behind):
        return None  # it may have converged before its first report
    return Finding(
        verdict=_cause_of_stillness(case, dead),
        confidence=0.88 if dead else 0.8,
        explanation=f"{v.name} never left its first value: {v.raw(0):.4g} at step {v.step(0)}, {v.raw(-1):.4g} at step "
        f"{v.step(-1)}. {dead or 'Nothing was learned.'} {why}",
        evidence=(at_value(v, 0, "the start"), at_value(v, -1, "the end"), *_gradient(case), *rate_evidence(case)),
        wishes=wishes,
        advice="Check that the optimiser got the model's parameters, that nothing is frozen, and how weights start.",
    )


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
    return "dead_units" if dead else "lr_too_low" if _tiny_rate(case) else "flat_from_start"


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
    moved = max(abs(s.gain), abs(s.best_gain), abs(float(np.median(v.values[:3])) - s.end))
    by_luck = 2.5 * s.noise * min(1.0, 1.8 / np.sqrt(len(v) // 12)) if len(v) >= 24 else 0.0  # few tell too little
    spread = float(v.values.max() - v.values.min())
    calm = spread <= 0.2 * abs(s.start) or spread <= 6 * s.noise
    if v.meaning.measure is not Measure.LOSS and s.noise > 0.05 * abs(s.end):
        return False  # a noisy reward says too little
    falling = s.trend < -TRENDING and s.still_falling > 0.15 and s.share > _NOTHING
    return len(v) >= 5 and moved <= max(_FLAT * abs(s.start), by_luck) and calm and not falling


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
    trivial = any(abs(w.shape.end - np.log(k)) < 0.01 * np.log(k) for w in losses for k in range(2, 11))
    both = len(losses) == 2 and all(len(w) >= 8 and w.step(0) <= 1 for w in losses)
    return (both or trivial) and all(_is_flat(w) or w.shape.gain <= 0 for w in losses)


def _dead(case: Case, v: View) -> str:
    g = case.signals.gradients
    if g is not None and len(g) and float(abs(g.values[-max(1, len(g) // 2) :]).max()) < 1e-6:
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


# -- too little was learned ----------------------------------------------------


def underfitting(case: Case) -> Finding | None:
    """Training and validation both ended poor: too small, regularised too much, or stopped too early."""
    early = _ended_early(case)
    v = early or case.signals.main or case.signals.goal
    if v is None or not judged(case) or good(case) or gap_open(case):
        return None
    held, none = held_back(case) if _poor(case, v) else [], trivial(case)
    if not early and not held and not none:
        return None
    short = "Training ended while it was still improving quickly." if early else ""
    return Finding(
        verdict="underfitting",
        confidence=0.85 if early or case.signals.far_behind else 0.8,
        explanation=f"{_levels(case, v)} {_cause(held)} {short} {_NO_BETTER if none else ''}",
        evidence=(*_both(case, v), *of_config(case, held), *_worse(case)),
        wishes=(*freer(held), *(_longer(case) if early else ())),
        advice="Give the model more freedom." if held else "Train longer.",
    )


def _ended_early(case: Case) -> View | None:
    """Validation, or without it training, that was still coming down when a short training ended: quickly, or
    slowly with next to nothing gained. Where its length is no parameter, or not short, that is only remarked on."""
    plan = case.param(Role.LENGTH)
    place = case.place(plan[0]) if plan else None
    v = case.signals.valid
    watched = [v] if v is not None and case.signals.is_curve(v) else curves(case)
    watched = [w for w in watched if w.shape.gain > 4 * w.shape.noise]
    if place is not None and place <= _SHORT:
        if place <= _VERY_SHORT and scores(case) and nothing_learned(case, chance=0.6):
            return max(watched, key=lambda w: w.shape.share, default=None)
        falling = [w for w in watched if trend(w.values[len(w) // 2 :]) < -TRENDING]
        if (quick := descent(falling, share=0.6, still_falling=0.18)) is not None:
            return quick
    return descent(watched, share=0.05, still_falling=0.18)


def _poor(case: Case, v: View) -> bool:
    little = case.signals.is_curve(v) and v.shape.share < _LITTLE
    climbing = case.signals.is_curve(v) and v.shape.share >= 0.5  # a low score may just be a hard task
    return little or ((poor_score(case) or _both_poor(case)) and not climbing) or case.signals.far_behind


def _both_poor(case: Case) -> bool:
    """Whether a single report of the objective is mediocre, and training's as well."""
    goal = case.signals.goal
    pair = next((p for p in case.signals.pairs if p.same and p.valid is goal), None)
    if pair is None or goal is None or case.signals.is_curve(goal) or not goal.error_rate:
        return False
    return pair.valid.shape.end >= 0.2 and pair.train.shape.end >= GOOD_ERROR


def _cause(held: list[str]) -> str:
    return f"{', '.join(held)} {'keeps' if len(held) == 1 else 'keep'} the model from fitting." if held else ""


def _levels(case: Case, v: View) -> str:
    came = f"is only {v.raw(-1):.4g}"
    if case.signals.is_curve(v):
        came = f"went only from {v.raw(0):.4g} to {v.raw(-1):.4g}"
    pair = next((p for p in case.signals.pairs if v in (p.train, p.valid)), None)
    other = None if pair is None else pair.train if v is pair.valid else pair.valid
    return f"{v.name} {came}{f', and {other.name} is no further: {other.raw(-1):.4g}' if other else ''}."


def _both(case: Case, v: View) -> tuple[Evidence, ...]:
    ends = [at_value(v, 0, "the start"), at_value(v, -1, "the end")] if len(v) > 1 else [at_value(v, -1)]
    pair = next(iter(case.signals.pairs), None)
    others = [p for p in (pair.train, pair.valid) if p is not v] if pair else []
    return (*ends, *(at_value(other, -1) for other in others))


def _worse(case: Case) -> tuple[Evidence, ...]:
    s = case.signals
    if not s.far_behind:
        return ()
    best = min(s.finished, key=lambda p: s.record.objective.sign * (p.value or 0.0))
    return (Evidence(kind="trial", trial=best.number, text=f"trial {best.number} reached {best.value:.4g}"),)


def _longer(case: Case) -> tuple[Wish, ...]:
    raise_rate = Move(Role.LEARNING_RATE, 3.0, "larger steps get further in the same time")
    wish = Move(Role.LENGTH, 3.0, "the loss was still falling when training ended")
    return (wish,) if high_rate(case) else (wish, raise_rate)


_NO_BETTER = "A model that ignores its input does as well."

# -- stuck ---------------------------------------------------------------------


def _missed_much(case: Case) -> bool:
    """Whether peers' values lie below by a good part of all that this trial gained: 0.002 and 0.001 are both
    nothing to a loss that began at 2."""
    goal, value = case.signals.goal, case.record.value
    if goal is None or value is None or not case.signals.is_curve(goal):
        return True
    sign, found = case.record.objective.sign, [p.value for p in case.signals.finished if p.value is not None]
    return sign * value - float(np.median([sign * f for f in found])) > 0.1 * goal.shape.best_gain


def plateau(case: Case) -> Finding | None:
    """It stopped improving in the first half, well behind its peers. Without peers no level is poor."""
    v = case.signals.main
    if v is None or not judged(case) or good(case) or len(v) < 10 or not case.signals.far_behind:
        return None
    s, high = v.shape, high_rate(case)
    if s.settled > 0.5 or s.still_falling >= 0.05 or not _missed_much(case):
        return None
    index = min(int(s.settled * len(v)), len(v) - 1)
    factor, why = (0.3, "smaller steps can settle lower") if high else (3.0, "larger steps can leave the plateau")
    return Finding(
        verdict="plateau",
        confidence=0.75,
        explanation=f"{v.name} stopped improving at step {v.step(index)} of {v.step(-1)}, at {s.end:.4g} after "
        f"{s.start:.4g}. Other trials went well below.",
        evidence=(at_value(v, 0, "the start"), at_value(v, index, "no gain from here"), at_value(v, -1), *_worse(case)),
        wishes=(Move(Role.LEARNING_RATE, factor, why), Move(Role.BATCH, 2.0, "larger batches are less noisy")),
        advice="Let the learning rate decay, or change it; the second half of this run gained nothing.",
    )
