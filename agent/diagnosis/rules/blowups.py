"""Rules for losses that leave the finite, rise past their start, or jump and stay up."""

from __future__ import annotations

import re

import numpy as np

from agent.diagnosis.curves import Curve, Jump, jump_to, point_of_no_return
from agent.diagnosis.metrics import Measure
from agent.diagnosis.rules.base import Case, Finding, at_line, at_value, of_raised
from agent.diagnosis.rules.levels import ended_well, high_rate, rate_evidence, rate_words, succeeded
from agent.diagnosis.rules.patterns import BLOWN_UP, OVERFLOW
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move, Wish
from agent.diagnosis.trace import nan_was_scored
from agent.study.nouns import Evidence
from agent.study.roles import Role
from trainers.contract import FailureKind

CALM: tuple[Wish, ...] = (
    Move(Role.LEARNING_RATE, 0.1, "ten times smaller steps stay in the stable region"),
    Move(Role.CLIP, 0.25, "tighter clipping bounds a single step"),
    Move(Role.MOMENTUM, 0.9, "less momentum overshoots less"),
)
_GENTLER: tuple[Wish, ...] = (
    Move(Role.LEARNING_RATE, 0.3, "smaller steps make one bad batch matter less"),
    Move(Role.CLIP, 0.25, "tighter clipping bounds a single step"),
    Move(Role.BATCH, 2.0, "a larger batch has less noisy gradients"),
)
CALM_ADVICE = "Lower the learning rate ten times, clip gradients to norm 1, or warm the rate up."


def non_finite(case: Case) -> Finding | None:
    """A loss, score or gradient became nan or infinite: from the data, or from steps too large."""
    found = case.signals.first_non_finite
    if found is None and case.kind is not FailureKind.NON_FINITE and not _blown_up(case):
        return None
    high = high_rate(case)
    calm_rate = (high is None or (case.place(high[0]) or 1.0) < 0.85) and not _overflowed(case)
    if found is not None and found[1] == 0 and calm_rate:
        return _from_data(case, found[0])
    where = f"{found[0].metric} became {_word(found)} at step {found[0].steps[found[1]]}" if found else ""
    return Finding(
        verdict="non_finite_loss",
        confidence=0.93 if found and found[1] else 0.8,
        explanation=f"{where or 'The numbers left the finite'}{_on_the_way(found)}. {_likely(case, found)}",
        evidence=(*_bad_value(found), *_before(case, found), *_log_evidence(case), *rate_evidence(case)),
        wishes=CALM,
        advice=CALM_ADVICE,
    )


def _word(found: tuple[Curve, int]) -> str:
    return f"{found[0].values[found[1]]}"


def _bad_value(found: tuple[Curve, int] | None) -> tuple[Evidence, ...]:
    if found is None:
        return ()
    curve, index = found
    step = int(curve.steps[index])
    return (Evidence(kind="metric", metric=curve.metric, step=step, text=f"{curve.metric} = {_word(found)}"),)


def _before(case: Case, found: tuple[Curve, int] | None) -> tuple[Evidence, ...]:
    """The last finite value before it."""
    v = case.signals.views.get(found[0].metric) if found else None
    return (at_value(v, found[1] - 1, "the value before"),) if found and v and found[1] > 0 else ()


def _on_the_way(found: tuple[Curve, int] | None) -> str:
    if found is None or found[1] == 0:
        return ", from the first report on" if found else ""
    values = found[0].values[: found[1]]
    if len(values) == 1:
        return f", after a single {values[0]:.4g}"
    return f", having gone from {values[0]:.4g} to {values[-1]:.4g} before"


def _likely(case: Case, found: tuple[Curve, int] | None) -> str:
    """What to suspect: large steps, unless the curve was calm until the very end."""
    values = found[0].values[: found[1]] if found else np.empty(0)
    if len(values) >= 5 and values[-3:].max() <= values[0] and high_rate(case) is None:
        return (
            "It was calm until then: one operation left its domain (log 0, a division by 0, half precision), "
            f"or one step was too large{rate_words(case)}."
        )
    return f"Steps that are too large do this{rate_words(case)}."


def _blown_up(case: Case) -> bool:
    """Whether the exception says so, or NaN was refused where predictions are scored."""
    return case.raised is not None and (bool(BLOWN_UP.search(case.raised.text)) or nan_was_scored(case.raised))


def _overflowed(case: Case) -> bool:
    """NumPy says so when finite numbers grew too large."""
    return case.record.log.last(re.compile(OVERFLOW)) is not None


def _log_evidence(case: Case) -> tuple[Evidence, ...]:
    line = case.record.log.last(BLOWN_UP)
    return (at_line(line),) if line else of_raised(case.raised)


def _from_data(case: Case, curve: Curve) -> Finding | None:
    """nan from the first value on at a sane learning rate, unless a peer on the same data stayed finite."""
    fine = [p for p in case.signals.finished if p.healthy is not False]
    if fine:
        return None if not _bad_value((curve, 0)) else _despite_peers(case, curve, fine[0].number)
    step = int(curve.steps[0])
    return Finding(
        verdict="nan_in_data",
        confidence=0.8,
        explanation=f"{curve.metric} was {curve.values[0]} in the very first report{rate_words(case)}. "
        "Inputs or labels that hold NaN do this before any step can.",
        evidence=(
            Evidence(kind="metric", metric=curve.metric, step=step, text=f"{curve.metric} = {curve.values[0]}"),
            *rate_evidence(case),
        ),
        advice="Check the data: torch.isfinite(x).all() for inputs and labels; look for division by zero.",
    )


def _despite_peers(case: Case, curve: Curve, peer: int) -> Finding:
    return Finding(
        verdict="non_finite_loss",
        confidence=0.75,
        explanation=f"{curve.metric} was {curve.values[0]} from the first report on, while trial {peer} stayed finite "
        "on the same data. So this config is the cause.",
        evidence=(
            *_bad_value((curve, 0)),
            Evidence(kind="trial", trial=peer, text=f"trial {peer} stayed finite"),
            *rate_evidence(case),
        ),
        wishes=CALM,
        advice=CALM_ADVICE,
    )


def diverged(case: Case) -> Finding | None:
    """The training loss ended above its start, or climbed back most of what it had fallen."""
    v = case.signals.main
    if v is None or v.meaning.measure is not Measure.LOSS or thrown_up(v) is not None or _went_well(case):
        return None
    return _diverged(case, v) if _rose(v, validation=v is not case.signals.train) else None


def _rose(v: View, *, validation: bool) -> bool:
    """A validation loss that rises slowly is over-fitting's sign: of it only a manifold rise counts."""
    s = v.shape
    if validation:
        return s.above_start > 2 * abs(s.start) > 0 or (s.above_start > abs(s.start) and s.rise > 5 * abs(s.best) > 0)
    later = v.values[len(v) // 2 :]
    above_start = s.above_start > 0.1 * abs(s.start) and (s.above_start > 4 * s.noise or later.min() > 2 * abs(s.start))
    return above_start or (s.best_gain > 0 and s.rise > max(0.6 * s.best_gain, 5 * s.noise, 0.1 * abs(s.start)))


def _went_well(case: Case) -> bool:
    return ended_well(case) or succeeded(case) is not None


def _diverged(case: Case, v: View) -> Finding:
    top, best = int(v.values.argmax()), int(v.values.argmin())
    return Finding(
        verdict="diverged",
        confidence=0.93 if high_rate(case) else 0.85,
        explanation=f"{v.name} rose instead of falling: {v.raw(0):.4g} at the start, {v.raw(best):.4g} at best "
        f"(step {v.step(best)}), {v.raw(-1):.4g} at the end, {v.raw(top):.4g} at worst. "
        f"Training left the stable region{rate_words(case)}.",
        evidence=(
            at_value(v, 0, "the start"),
            *([at_value(v, top, "the worst")] if 0 < top < len(v) - 1 else []),
            at_value(v, -1, "the end"),
            *rate_evidence(case),
        ),
        wishes=CALM,
        advice=CALM_ADVICE,
    )


def thrown_up(v: View) -> Jump | None:
    """The jump out of a calm descent from which the curve did not come back; None without one."""
    s = v.shape
    best = float(v.values.min())
    learned = s.start - best
    index = point_of_no_return(v.values, best + 0.5 * learned)
    if index is None or index < 5:
        return None
    jump, before = jump_to(v.values, index), float(np.median(v.values[index - 4 : index]))
    stayed = len(v) - index >= 3  # one high value at the end may be an odd batch
    out_of_descent = stayed and learned >= 0.3 * abs(s.start) and before <= best + 0.35 * learned
    out_of_calm = jump.size > 10 * abs(s.start) and before <= min(s.start, 2 * abs(v.values[0]))
    return jump if (out_of_descent or out_of_calm) and jump.size > 5 * jump.usual else None


def gradient_spike(case: Case) -> Finding | None:
    """One step threw the loss up, out of a calm descent, and it never came back."""
    v = case.signals.main
    jump = thrown_up(v) if v is not None and v.meaning.measure is Measure.LOSS and not _went_well(case) else None
    if v is None or jump is None:
        return None
    g = case.signals.gradients
    norms = (at_value(g, int(g.values.argmax()), "the largest"),) if g is not None and len(g) else ()
    return Finding(
        verdict="gradient_spike",
        confidence=0.88,
        explanation=f"{v.name} jumped from {v.raw(jump.index - 1):.4g} to {v.raw(jump.index):.4g} at step "
        f"{v.step(jump.index)}, out of a calm descent, and never came back: it ended at {v.raw(-1):.4g}. "
        "One step with a huge gradient threw the weights away.",
        evidence=(
            at_value(v, jump.index - 1, "before the jump"),
            at_value(v, jump.index, "the jump"),
            at_value(v, -1, "the end"),
            *norms,
            *rate_evidence(case),
        ),
        wishes=_GENTLER,
        advice="Clip gradients to norm 1 and look at the batch of that step.",
    )
