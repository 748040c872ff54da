"""The rule on models that learn their training data by heart."""

from __future__ import annotations

from agent.diagnosis.metrics import Measure
from agent.diagnosis.roles import Role
from agent.diagnosis.rules.base import Case, Finding, at_value, judged
from agent.diagnosis.rules.levels import GOOD_ERROR, ended_well
from agent.diagnosis.signals import Pair
from agent.diagnosis.suggest import Move


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
    """Validation rose well before the end, while training fell: by 15% of its best and a tenth of its
    gain, or by a third of its gain and 5% of its best."""
    v, t = pair.valid.shape, pair.train
    if v.n - 1 - v.best_index < max(3, 0.25 * v.n) or v.rise < 3 * v.noise or len(t) < 4:
        return False
    if pair.valid.error_rate and v.rise < 0.05:
        return False  # a few samples more or less
    of_best, of_gain = v.rise / max(abs(v.best), 1e-12), v.rise / max(v.best_gain, 1e-12)
    at_turn = float(t.values[min(v.best_index, len(t) - 1)])
    rose = (of_best >= 0.15 and of_gain > 0.1) or (of_best >= 0.05 and of_gain >= 0.35)
    return rose and t.shape.end < at_turn - 0.1 * abs(at_turn)


def _far_apart(case: Case, pair: Pair) -> bool:
    """Training is far better than validation, and validation is poor."""
    t, v = pair.train.shape.end, pair.valid.shape.end
    if "r2" in pair.valid.meaning.stem.split("_"):
        return v - t >= 0.3 and -t >= 0.8
    if pair.valid.error_rate and pair.train.error_rate:
        return v - t >= 0.15 and t <= 0.4 * v and v >= GOOD_ERROR
    if pair.valid.meaning.measure is not Measure.LOSS or t < 0 or v <= 0:
        return False
    return t <= 0.2 * v and case.signals.is_curve(pair.valid) and pair.valid.shape.share < 0.3


def gap_open(case: Case) -> bool:
    """Whether training is much better than validation: then more capacity is not what is missing."""
    return any(p.same and _far_apart(case, p) for p in case.signals.pairs)


def _benign(case: Case, pair: Pair) -> bool:
    """A validation loss that rises while a good validation score holds its best is over-confidence only."""
    return not pair.valid.error_rate and ended_well(case)


def over_confidence(case: Case) -> str:
    """Says so of a healthy trial."""
    found = [p for p in case.signals.pairs if case.signals.is_curve(p.valid) and _turned(p) and _benign(case, p)]
    return f" {_turn_text(found[0])} The score held, so this is over-confidence rather than harm." if found else ""


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
