"""Rules for what remains: ended on request, failed otherwise, healthy."""

from __future__ import annotations

from agent.diagnosis.curves import largest_rise, trend
from agent.diagnosis.rules.base import Case, Finding, at_value, last_line, of_raised, quoted, resource
from agent.diagnosis.rules.overfitting import gap, over_confidence
from agent.diagnosis.rules.stillness import stillness
from agent.diagnosis.signals import View
from agent.study.nouns import Evidence, TrialState
from trainers.contract import FailureKind


def ended_on_request(case: Case) -> Finding | None:
    """Stopped by a person or a policy, or pruned: no fault by itself."""
    state = case.record.state
    if state not in (TrialState.STOPPED, TrialState.PRUNED):
        return None
    pruned = state is TrialState.PRUNED
    who = "It was pruned because it promised too little." if pruned else "It was stopped on request."
    reason = f" Reason given: {quoted(case.record.stop_reason)}." if case.record.stop_reason else ""
    return Finding(
        verdict=str(state),
        confidence=0.99,
        explanation=f"{who}{reason} {_course(case)}".strip(),
        evidence=_course_evidence(case),
        healthy=True,
    )


def exception(case: Case) -> Finding | None:
    if not case.failed or case.raised is None or case.kind is FailureKind.TIMEOUT:
        return None
    where = f", raised at {quoted(case.raised.frame.text)}" if case.raised.frame else ""
    return Finding(
        verdict="exception",
        confidence=0.9,
        explanation=f"The script raised {quoted(case.raised.text)}{where}. None of the known causes fits it.",
        evidence=of_raised(case.raised),
        advice="Read the traceback in the log; the last frame in your own code is cited.",
    )


def nonzero_exit(case: Case) -> Finding | None:
    if not case.failed:
        return None
    failure = case.record.failure
    code = f" with code {failure.exit_code}" if failure and failure.exit_code else ""
    last = last_line(case)
    words = f" Its {last[0].text}." if last else " It printed nothing."
    told = failure.message if failure and failure.message else f"exit{code or ' without success'}"
    return Finding(
        verdict="nonzero_exit",
        confidence=0.7,
        explanation=f"The trial ended{code or ' without success'}.{words}",
        evidence=(resource(told), *last),
        advice="Run the command by hand and read its output from the start.",
    )


def healthy(case: Case) -> Finding | None:
    """No rule found a fault."""
    return Finding(
        verdict="healthy",
        confidence=_surety(case),
        explanation=f"{_found(case)} {_course(case)}{_standing(case)}{_remark(case)}".strip(),
        evidence=(*_course_evidence(case), *_leader(case)),
        healthy=True,
    )


def _surety(case: Case) -> float:
    """Less where there is little to judge by."""
    return 0.9 if case.signals.main is not None else 0.7


def _goal_or_main(case: Case) -> View | None:
    return case.signals.goal or case.signals.main


def _course(case: Case) -> str:
    v = _goal_or_main(case)
    if v is None:
        return "It reported nothing to judge by."
    best = int(v.values.argmin())
    if len(v) == 1:
        return f"{v.name} is {v.raw(0):.4g}."
    return f"{v.name} went from {v.raw(0):.4g} to {v.raw(-1):.4g}, at best {v.raw(best):.4g} (step {v.step(best)})."


def _course_evidence(case: Case) -> tuple[Evidence, ...]:
    v = _goal_or_main(case)
    return (at_value(v, int(v.values.argmin()), "its best" if len(v) > 1 else ""),) if v is not None else ()


def _standing(case: Case) -> str:
    s = case.signals
    if s.rank is None or not s.finished:
        return ""
    return f" Its value ranks {s.rank} of the {len(s.finished) + 1} that had completed by then."


def _found(case: Case) -> str:
    """A trial without a fault is not a good one by that: where it lies beyond the bulk, that is said."""
    best = case.signals.leader
    if best is None or best.value is None:
        return "No fault was found."
    return f"Nothing went wrong while it ran, but it is far behind the best, t{best.number} ({best.value:.4g})."


def _leader(case: Case) -> tuple[Evidence, ...]:
    best = case.signals.leader
    return (
        ()
        if best is None
        else (Evidence(kind="trial", trial=best.number, text=f"t{best.number} reached {best.value:.4g}"),)
    )


def _remark(case: Case) -> str:
    """What is worth knowing though it is no fault."""
    v = case.signals.main
    told = over_confidence(case) or gap(case) or stillness(case)
    if v is None or told:
        return told
    jump = largest_rise(v.values)
    if jump is not None and jump.size > max(8 * jump.usual, 8 * v.shape.noise, 0.25 * v.shape.best_gain) > 0:
        return f" A spike at step {v.step(jump.index)} was got over."
    if v.shape.still_falling > 0.1 and v.shape.gain > 4 * v.shape.noise and trend(v.values[len(v) // 2 :]) < -0.6:
        return f" {v.name} was still improving at the end; a longer run may gain more."
    return ""
