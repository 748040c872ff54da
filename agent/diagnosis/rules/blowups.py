"""Rules for losses that leave the finite, rise past their start, or jump and stay up."""

from __future__ import annotations

import numpy as np

from agent.diagnosis.curves import Curve, Jump, jump_to, point_of_no_return
from agent.diagnosis.metrics import Measure
from agent.diagnosis.roles import Role
from agent.diagnosis.rules.base import Case, Finding, at_line, at_value, of_config, of_raised
from agent.diagnosis.rules.patterns import BLOWN_UP
from agent.diagnosis.signals import View
from agent.diagnosis.suggest import Move, Wish
from agent.diagnosis.trace import nan_was_scored
from agent.study.nouns import Evidence
from trainers.contract import FailureKind

GOOD_ERROR = 0.15  # a score above .85 is never called poor on its own
LARGE_LR = 0.5  # above this no common optimiser is used without a reason
_HIGH = 0.7  # the upper part of a range, on its own scale
_CALM: tuple[Wish, ...] = (
    Move(Role.LEARNING_RATE, 0.1, "ten times smaller steps stay in the stable region"),
    Move(Role.CLIP, 0.25, "tighter clipping bounds a single step"),
    Move(Role.MOMENTUM, 0.9, "less momentum overshoots less"),
)
_GENTLER: tuple[Wish, ...] = (
    Move(Role.LEARNING_RATE, 0.3, "smaller steps make one bad batch matter less"),
    Move(Role.CLIP, 0.25, "tighter clipping bounds a single step"),
    Move(Role.BATCH, 2.0, "a larger batch has less noisy gradients"),
)
_CALM_ADVICE = "Lower the learning rate ten times, clip gradients to norm 1, or warm the rate up."


def high_rate(case: Case) -> tuple[str, float] | None:
    """The learning rate where it is high by itself or in its range."""
    found = case.param(Role.LEARNING_RATE)
    if found is None:
        return None
    place = case.place(found[0])
    return found if found[1] >= LARGE_LR or (place is not None and place >= _HIGH) else None


def non_finite(case: Case) -> Finding | None:
    """A loss, score or gradient became nan or infinite: from the data, or from steps too large."""
    found = case.signals.first_non_finite
    if found is None and case.kind is not FailureKind.NON_FINITE and not _blown_up(case):
        return None
    if found is not None and found[1] == 0 and high_rate(case) is None and not _overflowed(case):
        return _from_data(case, found[0])
    where = f"{found[0].metric} became {_word(found)} at step {found[0].steps[found[1]]}" if found else ""
    return Finding(
        verdict="non_finite_loss",
        confidence=0.93 if found and found[1] else 0.8,
        explanation=f"{where or 'The numbers left the finite'}{_on_the_way(found)}. {_likely(case, found)}",
        evidence=(*_bad_value(found), *_before(case, found), *_log_evidence(case), *_rate_evidence(case)),
        wishes=_CALM,
        advice=_CALM_ADVICE,
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
    return f", having gone from {values[0]:.4g} to {values[-1]:.4g} before"


def _likely(case: Case, found: tuple[Curve, int] | None) -> str:
    """What to suspect: large steps, unless the curve was calm until the very end."""
    values = found[0].values[: found[1]] if found else np.empty(0)
    if len(values) >= 5 and values[-3:].max() <= values[0] and high_rate(case) is None:
        return (
            "It was calm until then: one operation left its domain (log 0, a division by 0, half precision), "
            f"or one step was too large{_rate(case)}."
        )
    return f"Steps that are too large do this{_rate(case)}."


def _blown_up(case: Case) -> bool:
    """Whether the exception says so, or NaN was refused where predictions are scored."""
    return case.raised is not None and (bool(BLOWN_UP.search(case.raised.text)) or nan_was_scored(case.raised))


def _overflowed(case: Case) -> bool:
    """NumPy says so when finite numbers grew too large."""
    return case.record.log.last(BLOWN_UP) is not None


def _log_evidence(case: Case) -> tuple[Evidence, ...]:
    line = case.record.log.last(BLOWN_UP)
    return (at_line(line),) if line else of_raised(case.raised)


def _rate(case: Case) -> str:
    found = case.param(Role.LEARNING_RATE)
    return f"; {found[0]} was {found[1]:.4g}" if found else ""


def _rate_evidence(case: Case) -> tuple[Evidence, ...]:
    found = case.param(Role.LEARNING_RATE)
    return of_config(case, [found[0]]) if found else ()


def _from_data(case: Case, curve: Curve) -> Finding | None:
    """nan from the first value on at a sane learning rate, unless a peer on the same data stayed finite."""
    fine = [p for p in case.signals.finished if p.healthy is not False]
    if fine:
        return None if not _bad_value((curve, 0)) else _despite_peers(case, curve, fine[0].number)
    step = int(curve.steps[0])
    return Finding(
        verdict="nan_in_data",
        confidence=0.8,
        explanation=f"{curve.metric} was {curve.values[0]} in the very first report{_rate(case)}, not a large rate. "
        "Inputs or labels that hold NaN do this before any step can.",
        evidence=(
            Evidence(kind="metric", metric=curve.metric, step=step, text=f"{curve.metric} = {curve.values[0]}"),
            *_rate_evidence(case),
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
            *_rate_evidence(case),
        ),
        wishes=_CALM,
        advice=_CALM_ADVICE,
    )


def diverged(case: Case) -> Finding | None:
    """The training loss ended above its start, climbed back most of what it had fallen, or was thrown
    out by the first steps; or the scores collapsed at a high learning rate."""
    v = case.signals.main
    if v is None or thrown_up(v) is not None:
        return None
    if v.meaning.measure is Measure.LOSS and _rose(v, validation=v is not case.signals.train):
        return _diverged(case, v)
    if high_rate(case) is None:
        return None
    if (score := _collapsed(case)) is not None:
        return _diverged(case, score)
    return _lay_still(case, v) if _thrown_out(case, v) else None


def _rose(v: View, *, validation: bool) -> bool:
    """A validation loss that rises slowly is over-fitting's sign: of it only a manifold rise counts."""
    s = v.shape
    if validation:
        return -s.gain > 2 * abs(s.start) > 0
    later = v.values[len(v) // 2 :]
    above_start = -s.gain > 0.1 * abs(s.start) and (-s.gain > 4 * s.noise or later.min() > 2 * abs(s.start))
    return above_start or (s.best_gain > 0 and s.rise > max(0.6 * s.best_gain, 4 * s.noise, 0.1 * abs(s.start)))


def _collapsed(case: Case) -> View | None:
    """A score that all scores agree to have lost: by a tenth, and by half of what was gained."""
    scores = [v for v in case.signals.views.values() if v.error_rate and case.signals.is_curve(v)]
    lost = [v for v in scores if v.shape.rise > max(0.1, 0.5 * v.shape.best_gain) and v.shape.trend > 0]
    return lost[-1] if lost and len(lost) == len(scores) else None


def _thrown_out(case: Case, v: View) -> bool:
    """A first value above all others, then rest, with nothing learned."""
    s, rest = v.shape, v.values[1:]
    if len(v) < 5 or v.values[0] <= 1.02 * np.median(rest):
        return False
    still = abs(float(np.median(rest[:3]) - np.median(rest[-3:]))) <= 0.1 * abs(s.end)
    return (still or v.values[0] > 20 * abs(s.end)) and nothing_learned(case)


def nothing_learned(case: Case) -> bool:
    """Whether the score, or else the validation loss, never left its first level."""
    scores = [w for w in case.signals.views.values() if w.error_rate and case.signals.is_curve(w)]
    watched = scores or [w for w in (case.signals.valid, case.signals.goal) if w is not None]
    return bool(watched) and all(_went_nowhere(w) for w in watched)


def _went_nowhere(v: View) -> bool:
    """A score that is no worse than a coin's tells nothing by its level; one that varies has learned."""
    s = v.shape
    if v.error_rate and (s.best <= GOOD_ERROR or (s.best < 0.5 and len(np.unique(v.values)) > 2)):
        return False
    return s.trend > -0.5 and s.gain <= 0.2 * abs(s.start)


def _diverged(case: Case, v: View) -> Finding:
    top, best = int(v.values.argmax()), int(v.values.argmin())
    return Finding(
        verdict="diverged",
        confidence=0.93 if high_rate(case) else 0.85,
        explanation=f"{v.name} {'fell instead of rising' if v.error_rate else 'rose instead of falling'}: "
        f"{v.raw(0):.4g} at the start, {v.raw(best):.4g} at its best (step {v.step(best)}), {v.raw(-1):.4g} at the end"
        f"{'' if v.error_rate else f', {v.raw(top):.4g} at its worst'}. Training left the stable region{_rate(case)}.",
        evidence=(
            at_value(v, 0, "the start"),
            *([at_value(v, top, "the worst")] if 0 < top < len(v) - 1 else []),
            at_value(v, -1, "the end"),
            *_rate_evidence(case),
        ),
        wishes=_CALM,
        advice=_CALM_ADVICE,
    )


def _lay_still(case: Case, v: View) -> Finding:
    return Finding(
        verdict="diverged",
        confidence=0.88,
        explanation=f"The first steps threw the weights out: {v.name} began at {v.raw(0):.4g} and lay still at "
        f"{v.shape.end:.4g} from then on, and nothing was learned{_rate(case)}.",
        evidence=(
            at_value(v, 0, "the start"),
            at_value(v, 1, "from here on it lies still"),
            at_value(v, -1, "the end"),
            *_rate_evidence(case),
        ),
        wishes=_CALM,
        advice=_CALM_ADVICE,
    )


def thrown_up(v: View) -> Jump | None:
    """The jump out of a calm descent from which the curve did not come back; None without one."""
    s = v.shape
    best = float(v.values.min())
    learned = s.start - best
    if learned < 0.3 * abs(s.start):
        return None
    index = point_of_no_return(v.values, best + 0.5 * learned)
    if index is None or index < 5:
        return None
    jump = jump_to(v.values, index)
    calm = float(np.median(v.values[index - 4 : index])) <= best + 0.35 * learned
    return jump if calm and jump.size > 5 * jump.usual else None


def gradient_spike(case: Case) -> Finding | None:
    """One step threw the loss up, out of a calm descent, and it never came back."""
    v = case.signals.main
    jump = thrown_up(v) if v is not None and v.meaning.measure is Measure.LOSS else None
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
            *_rate_evidence(case),
        ),
        wishes=_GENTLER,
        advice="Clip gradients to norm 1 and look at the batch of that step.",
    )
