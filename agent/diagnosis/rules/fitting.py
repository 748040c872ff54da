"""Rules on trials that learned, but too little: held back, ended early, or stuck behind their peers."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.curves import trend
from agent.diagnosis.rules.base import Case, Finding, at_value, judged, of_config
from agent.diagnosis.rules.learning_rate import descent
from agent.diagnosis.rules.levels import (
    TRENDING,
    both_poor,
    curves,
    good,
    high_rate,
    nothing_learned,
    poor_score,
    scores,
    trivial,
)
from agent.diagnosis.rules.overfitting import gap_open
from agent.diagnosis.rules.restraints import freer, held_back
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move, Wish
from agent.study.nouns import Evidence
from agent.study.roles import Role

_LITTLE = 0.35  # a gain below this share of the start is little
_SHORT = 0.06  # of a training length's range, on its own scale


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
        if scores(case) and nothing_learned(case, chance=0.6):
            return max(watched, key=lambda w: w.shape.share, default=None)
        falling = [w for w in watched if trend(w.values[len(w) // 2 :]) < -TRENDING]
        if (quick := descent(falling, share=0.6, still_falling=0.18)) is not None:
            return quick
    return descent(watched, share=0.05, still_falling=0.18)


def _poor(case: Case, v: View) -> bool:
    little = case.signals.is_curve(v) and v.shape.share < _LITTLE
    climbing = case.signals.is_curve(v) and v.shape.share >= 0.5  # a low score may just be a hard task
    return little or ((poor_score(case) or both_poor(case) is not None) and not climbing) or case.signals.far_behind


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
