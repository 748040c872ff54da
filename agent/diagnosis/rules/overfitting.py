"""The rule on models that learn their training data by heart."""

from __future__ import annotations

import re

import numpy as np

from agent.diagnosis.curves import Floats, climb, trend
from agent.diagnosis.metrics import Measure
from agent.diagnosis.rules.base import Case, Finding, at_value, judged
from agent.diagnosis.rules.levels import ended_well, succeeded
from agent.diagnosis.signals import Pair, View
from agent.diagnosis.suggest import Move
from agent.study.roles import Role

_STEADY = 0.3  # Kendall's tau of a rise that is no accident
_TREES = re.compile(r"(^|[._])(n_)?(estimators|trees)$")


def overfitting(case: Case) -> Finding | None:
    """Validation turned back up while training went on falling, or stayed far behind it."""
    if not judged(case):
        return None
    for pair in case.signals.pairs:
        if _benign(case, pair):
            continue
        if case.signals.is_curve(pair.valid) and _turned(pair):
            return _overfitted(case, pair, _turn_text(pair), pair.valid.shape.best_index)
        if pair.same and _far_apart(case, pair):
            return _overfitted(case, pair, _gap_text(pair), None)
    return None


def _turned(pair: Pair) -> bool:
    """Validation rose well before the end, steadily and beyond its noise, while training fell: by 15% of its best
    and a tenth of its gain; or, where both are the same metric, by a third of its gain and 5% of its best."""
    v, t = pair.valid.shape, pair.train
    if v.n - 1 - v.best_index < max(3, 0.25 * v.n) or len(t) < 4:
        return False
    up = climb(pair.valid.values, v.best_index)
    rise = min(up.size, v.rise)
    if rise < (4 if up.trend >= _STEADY else 10) * up.error:
        return False
    if pair.valid.error_rate and rise < max(0.05, 1.5 * pair.valid.sampling_error):
        return False  # a few samples more or less
    of_best, of_gain = rise / max(abs(v.best), 1e-12), rise / max(v.best_gain, 1e-12)
    at_turn = _beside(t, pair.valid, v.best_index)
    rose = (of_best >= 0.15 and of_gain > 0.1) or (pair.same and of_best >= 0.05 and of_gain >= 0.35)
    return rose and max(t.shape.end, t.shape.late) < at_turn - max(0.1 * abs(at_turn), 2 * t.shape.noise)


def _beside(t: View, v: View, index: int) -> float:
    """Where training stood when validation made its report `index`: as far between first and last step, since
    one may count epochs and the other batches."""
    first, last = v.step(0), v.step(-1)
    share = (v.step(index) - first) / max(last - first, 1)
    at = round(share * (len(t) - 1))
    return float(np.median(t.values[max(0, at - 1) : at + 2]))


def _far_apart(case: Case, pair: Pair) -> bool:
    """Training is far better than validation, and validation is poor."""
    t, v = pair.train.shape.end, min(pair.valid.shape.end, pair.valid.shape.late)
    once = not case.signals.is_curve(pair.valid)
    if once and _bagged(case):
        return False
    if "r2" in pair.valid.meaning.stem.split("_"):
        return v - t >= 0.4 and -t >= 0.8
    if pair.valid.error_rate and pair.train.error_rate:
        by_heart = t <= 0.005 if once else t <= 0.03 and trend(_half(pair.valid)) > -_STEADY
        least = (0.25 if once or not by_heart else 0.2) + 1.5 * pair.valid.sampling_error
        return (by_heart or not once) and v - t >= least and t <= 0.25 * v
    if pair.valid.meaning.measure is not Measure.LOSS or t < 0 or v <= 0:
        return False
    return t <= 0.2 * v and not once and pair.valid.shape.share < 0.3


def _half(v: View) -> Floats:
    return v.values[len(v) // 2 :]


def _bagged(case: Case) -> bool:
    """Averaged trees learn their training data by heart one by one, and are none the worse for it."""
    ensemble = any(_TREES.search(name) for name in case.record.params)
    return ensemble and case.param(Role.LEARNING_RATE) is None


def gap_open(case: Case) -> bool:
    """Whether training is much better than validation: then more capacity is not what is missing."""
    return any(p.same and _far_apart(case, p) for p in case.signals.pairs)


def _benign(case: Case, pair: Pair) -> bool:
    """A validation loss that rises while a good validation score holds its best is over-confidence only; so is
    one beside a score that is the objective and went on improving."""
    goal = succeeded(case)
    held = goal is not None and goal.error_rate and goal.shape.rise <= 0.1 * goal.shape.best_gain
    return not pair.valid.error_rate and (held or ended_well(case))


def over_confidence(case: Case) -> str:
    """Says so of a healthy trial."""
    found = [p for p in case.signals.pairs if case.signals.is_curve(p.valid) and _turned(p) and _benign(case, p)]
    return f" {_turn_text(found[0])} The score held, so this is over-confidence rather than harm." if found else ""


def gap(case: Case) -> str:
    """Says of a healthy trial that training is well ahead of validation."""
    for pair in case.signals.pairs:
        ahead = pair.valid.shape.end - pair.train.shape.end
        if pair.same and pair.valid.error_rate and ahead >= 0.15 + 1.5 * pair.valid.sampling_error:
            return f" {_gap_text(pair)} That is no fault yet; more regularisation may gain something."
    return ""


def _turn_text(pair: Pair) -> str:
    v, t = pair.valid, pair.train
    turn = v.shape.best_index
    return (
        f"{v.name} was best at step {v.step(turn)} ({v.raw(turn):.4g}) and ended at {v.raw(-1):.4g}, "
        f"while {t.name} went on from {t.raw(min(turn, len(t) - 1)):.4g} to {t.raw(-1):.4g}."
    )


def _gap_text(pair: Pair) -> str:
    t, v = pair.train, pair.valid
    return f"{t.name} reached {t.raw(-1):.4g} and {v.name} only {v.raw(-1):.4g}."


def _overfitted(case: Case, pair: Pair, text: str, turn: int | None) -> Finding:
    v, t = pair.valid, pair.train
    early = (at_value(v, turn, "the best"),) if turn is not None else ()
    length = (Move(Role.LENGTH, 0.5, "validation was best long before the end"),) if turn is not None else ()
    return Finding(
        verdict="overfitting",
        confidence=0.9 if turn is not None else 0.82,
        explanation=f"{text} The model learned its training data by heart.",
        evidence=(*early, at_value(v, -1, "the end"), at_value(t, -1, "the end")),
        wishes=(
            Move(Role.REGULARISER, 10.0, "more regularisation narrows the gap to validation"),
            Move(Role.DROPOUT, 2.0, "more dropout narrows the gap to validation"),
            Move(Role.CAPACITY, 0.5, "a smaller model cannot learn the training data by heart"),
            *length,
        ),
        advice="Stop when validation stops improving, regularise more, or get more data.",
    )
