"""Rules on learning rates that are too high to settle or too low to get anywhere."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.curves import trend
from agent.diagnosis.metrics import Split
from agent.diagnosis.roles import Role
from agent.diagnosis.rules.base import Case, Finding, at_value, judged
from agent.diagnosis.rules.blowups import CALM, CALM_ADVICE
from agent.diagnosis.rules.levels import (
    LARGE_LR,
    TRENDING,
    curves,
    good,
    high_rate,
    low_rate,
    nothing_learned,
    rate_evidence,
    scores,
)
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move

_LITTLE = 0.35  # a gain below this share of the start is little
_BOTTOM = 0.2  # of a learning rate's range, on its own scale: there a gain of
_HARDLY, _FAINT = 0.1, 0.3  # less than this share is put down to it, with so faint a trend (Kendall's tau)
_BOUNCING = 0.15  # noise from step to step, as a share of the level


def lr_too_high(case: Case) -> Finding | None:
    """Scores lost again; or at a high rate: nothing learned after the first steps, or bouncing."""
    v = case.signals.main
    if v is None or not judged(case) or case.param(Role.LEARNING_RATE) is None:
        return None
    if (w := _collapsed(case)) is not None:
        best = int(w.values.argmin())
        text = f"{w.name} had reached {w.raw(best):.4g} (step {w.step(best)}) and fell back to {w.raw(-1):.4g}."
        return _too_high(case, w, text, best)
    if high_rate(case) is None:
        return None
    if _went_nowhere(case, v):
        text = f"{v.name} went from {v.raw(0):.4g} to {v.raw(-1):.4g}, yet nothing was learned after the first report."
        return _too_high(case, v, text, 1)
    if (w := _bouncing(case)) is not None:
        share = w.shape.noise / abs(w.shape.end)
        text = f"{w.name} bounces by {share:.0%} of its level from report to report and settles nowhere."
        return _too_high(case, w, text)
    return None


def _too_high(case: Case, v: View, text: str, index: int | None = None) -> Finding:
    name, rate = case.param(Role.LEARNING_RATE) or ("", 0.0)
    middle = (at_value(v, index),) if index is not None and 0 < index < len(v) - 1 else ()
    return Finding(
        verdict="lr_too_high",
        confidence=0.85 if high_rate(case) else 0.7,
        explanation=f"{text} {name} = {rate:.4g} is so high that each step overshoots.",
        evidence=(at_value(v, 0, "the start"), *middle, at_value(v, -1, "the end"), *rate_evidence(case)),
        wishes=CALM,
        advice=CALM_ADVICE,
    )


def _went_nowhere(case: Case, v: View) -> bool:
    """Scores that never left chance, or came to nothing after a burst of the loss. Without scores a loss that
    lies still after its first value may as well have converged at once."""
    if len(v) < 5:
        return False
    if watched := scores(case):
        burst = v.shape.worst > 20 * abs(v.shape.end) and min(w.shape.end for w in watched) >= 0.35
        return burst or nothing_learned(case, chance=0.6)
    rate = case.param(Role.LEARNING_RATE)
    burst = rate is not None and rate[1] >= LARGE_LR and all(w.values[0] > 20 * abs(w.shape.end) for w in curves(case))
    return burst or _collapsed_at_once(case)


def _collapsed_at_once(case: Case) -> bool:
    """Every loss began a hundredfold above a level that it then kept within 2%: that of a constant guess."""
    return all(
        v.values[0] > 100 * abs(v.shape.end) and np.ptp(v.values[len(v) // 4 :]) <= 0.02 * abs(v.shape.end)
        for v in curves(case)
    )


def _bouncing(case: Case) -> View | None:
    """Validation, measured on the same data each time, should not jump about; a training loss of single
    batches may, so it counts only where it gained little."""
    valid = case.signals.valid
    watched = [valid] if valid is not None and case.signals.is_curve(valid) else curves(case)
    found = [v for v in watched if v is valid or v.shape.share < 0.3]
    return None if good(case) else next((v for v in found if _bounces(v)), None)


def _bounces(v: View) -> bool:
    """By a share of its level, and of all it gained."""
    s, late = v.shape, v.values[len(v) // 2 :]
    return len(v) >= 10 and s.noise > max(_BOUNCING * abs(s.end), 0.1 * s.best_gain) and trend(late) > -0.5


def _collapsed(case: Case) -> View | None:
    """A score lost again: by a tenth, and by half of what was gained. All scores, training's among them;
    at a high rate validation's alone will do, if it lost more."""
    watched = scores(case)
    lost = [v for v in watched if v.shape.rise > max(0.1, 0.5 * v.shape.best_gain) and v.shape.trend > 0]
    clearly = [v for v in lost if v.meaning.split is not Split.TRAIN and v.shape.rise > 0.15]
    together = len(lost) == len(watched) and (len(lost) > 1 or high_rate(case) is not None)
    return lost[-1] if lost and (together or (clearly and high_rate(case))) else None


def lr_too_low(case: Case) -> Finding | None:
    """A steady, almost straight descent that had hardly begun, at a low learning rate."""
    low = low_rate(case)
    v = descent(curves(case), share=_LITTLE, still_falling=0.12)
    if low is not None and v is None and (case.place(low[0]) or 0.0) <= _BOTTOM:
        v = descent(curves(case), share=_HARDLY, still_falling=-1.0, clear=_FAINT)
    if low is None or v is None or not judged(case) or good(case):
        return None
    return Finding(
        verdict="lr_too_low",
        confidence=0.88,
        explanation=f"{v.name} crept from {v.raw(0):.5g} to {v.raw(-1):.5g}, {v.shape.share:.2%} of its start"
        f"{_pace(v)}. {low[0]} = {low[1]:.4g} is too low for this "
        "many steps.",
        evidence=(at_value(v, 0, "the start"), at_value(v, -1, "the end, still falling"), *rate_evidence(case)),
        wishes=(
            Move(Role.LEARNING_RATE, 10.0, "the descent is steady and slow, so larger steps are safe"),
            Move(Role.LENGTH, 3.0, "the loss was still falling when training ended"),
        ),
        advice="Raise the learning rate ten times.",
    )


def _pace(v: View) -> str:
    left = v.shape.still_falling
    return f", and its last quarter still made {left:.0%} of the gain" if left > 0.12 else ""


def descent(views: list[View], *, share: float, still_falling: float, clear: float = TRENDING) -> View | None:
    """The view with the steadiest descent among those that gained less than `share` and were still
    falling. Give training and validation: single batches can hide a slow descent."""
    found = [v for v in views if v.shape.trend < -clear and 0 < v.shape.share < share]
    found = [v for v in found if v.shape.still_falling > still_falling]
    return min(found, key=lambda v: v.shape.trend, default=None)
