"""Rules on learning rates that are too high to settle or too low to get anywhere."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.curves import trend
from agent.diagnosis.rules.base import Case, Finding, at_value, judged
from agent.diagnosis.rules.blowups import CALM, CALM_ADVICE
from agent.diagnosis.rules.levels import (
    LARGE_LR,
    TRENDING,
    both_poor,
    curves,
    good,
    high_rate,
    low_rate,
    nothing_learned,
    rate_evidence,
    scores,
    uniform_guess,
)
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move
from agent.study.roles import Role

_VERY_BOTTOM, _BOTTOM = 0.1, 0.2  # of a learning rate's range, on its own scale
_GAINED = (
    (_VERY_BOTTOM, 0.4),
    (_BOTTOM, 0.2),
    (1.0, 0.05),
)  # up to there a gain below so much of the start is its doing,
_STRAIGHT = 0.12  # if it is a straight line, of which the last quarter makes 25%, or nearly
_NOTHING, _FAINT = 0.04, 0.3  # at the bottom this little is enough, with so faint a trend (Kendall's tau)
_BOUNCING, _UNSTEADY = 0.2, 0.05  # noise from report to report of validation and training, as a share of the level


def lr_too_high(case: Case) -> Finding | None:
    """At a high rate: nothing learned after the first steps, or bouncing."""
    v = case.signals.main
    if v is None or not judged(case) or high_rate(case) is None:
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
        confidence=0.85,
        explanation=f"{text} {name} = {rate:.4g} is so high that each step overshoots.",
        evidence=(at_value(v, 0, "the start"), *middle, at_value(v, -1, "the end"), *rate_evidence(case)),
        wishes=CALM,
        advice=CALM_ADVICE,
    )


def _went_nowhere(case: Case, v: View) -> bool:
    """Losses that were never again as low as at first; scores that stayed at chance while no loss fell steadily, or
    that came to nothing after a burst of the loss. Without scores a loss that lies still after its first value may
    as well have converged at once."""
    if len(v) < 5:
        return False
    if len(v) >= 8 and all(w.values[1:].min() > w.values[0] for w in curves(case)):
        return True
    if watched := scores(case):
        burst = v.shape.worst > 20 * abs(v.shape.end) and min(w.shape.end for w in watched) >= 0.35
        unsteady = all(w.shape.trend > -TRENDING for w in curves(case))
        return burst or (unsteady and nothing_learned(case, chance=0.6))
    if v.values[0] > 1e6 * abs(v.values[1]):
        return True  # nothing but a blow-up begins so far above
    if all(w.values[0] > 2 * w.shape.end and w.shape.settled <= 0.25 and uniform_guess(w) for w in curves(case)):
        return True  # thrown up, and come down to a guess
    rate = case.param(Role.LEARNING_RATE)
    return _burst(case) if rate is not None and rate[1] >= LARGE_LR else False


def _burst(case: Case) -> bool:
    """Whether every loss began so far above a level it then kept, that the first steps must have thrown it up."""
    return all(_came_down(v) for v in curves(case))


def _came_down(v: View) -> bool:
    """At once, or far and in the first quarter; to a level at which it is unsteady, or to that of a constant guess."""
    s = v.shape
    fall = v.values[0] / max(abs(s.end), 1e-300)
    if fall > 1e4 and np.ptp(v.values[len(v) // 4 :]) <= 0.02 * abs(s.end):
        return True
    far = fall > 300
    early = s.settled * len(v) <= max(2, len(v) // 4 if far else 0)
    return fall > 20 and early and s.noise > (0.003 if far else 0.02) * abs(s.end)


def _bouncing(case: Case) -> View | None:
    """Validation, measured on the same data each time, should not jump about: it does, by a share of its level and
    of all it gained, training does as well, and there is still far to go."""
    valid, train = case.signals.valid, case.signals.train
    if valid is None or not case.signals.is_curve(valid) or len(valid) < 10 or good(case):
        return None
    s, late = valid.shape, valid.values[len(valid) // 2 :]
    if train is not None and train.shape.noise <= _UNSTEADY * abs(train.shape.end):
        return None
    level = max(_BOUNCING * abs(s.end), 0.1 * s.best_gain, 3 * valid.sampling_error)
    bounces = s.noise > level and trend(late) > -0.5
    return valid if bounces and s.share < 0.8 else None


def lr_too_low(case: Case) -> Finding | None:
    """A steady descent in an almost straight line that had hardly begun, at a low learning rate.

    Straight, because a loss that bends is on its way to settle; hardly begun, because a hard task also gains little.
    At the very end of its range a rate is so unlikely to be right that more may be gained, and that a single poor
    report of both splits will do.
    """
    low = low_rate(case)
    if low is None or not judged(case) or good(case):
        return None
    place = case.place(low[0]) or 0.0
    v = descent(curves(case), share=next(share for top, share in _GAINED if place <= top), still_falling=_STRAIGHT)
    if v is None and place <= _BOTTOM:
        v = descent(curves(case), share=_NOTHING, still_falling=-1.0, clear=_FAINT)
    if v is not None:
        course = f"crept from {v.raw(0):.5g} to {v.raw(-1):.5g}, {v.shape.share:.2%} of its start{_pace(v)}"
    elif place <= _VERY_BOTTOM and (v := both_poor(case)) is not None:
        course = f"is only {v.raw(-1):.4g}, and training is no further"
    else:
        return None
    return Finding(
        verdict="lr_too_low",
        confidence=0.88 if len(v) > 1 else 0.75,
        explanation=f"{v.name} {course}. {low[0]} = {low[1]:.4g} is too low for this many steps.",
        evidence=(at_value(v, 0, "the start"), at_value(v, -1, "the end"), *rate_evidence(case)),
        wishes=(
            Move(Role.LEARNING_RATE, 10.0, "larger steps get further, and nothing shows that they would be unstable"),
            Move(Role.LENGTH, 3.0, "it had not got far when training ended"),
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
