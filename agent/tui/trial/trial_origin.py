"""Where a trial came from: who proposed it and why, what was expected of it, who let it run, what it took."""

from __future__ import annotations

from agent.study.blend_words import gate, trust
from agent.study.nouns import Decision, Proposal, Trial
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.talk.notes import marker
from agent.tui.text import Part, neutral, number, param, seconds, signed, size

_SURE = ((0.4, "low"), (0.7, "fair"), (1.01, "high"))


def origin(read: TrialRead, model: StudyModel, now: float) -> list[Part]:
    proposal = read.proposal
    parts: list[Part] = [(f"ORIGIN  proposal {proposal.number}\n", "title")]
    parts += [("  by ", "muted"), (str(proposal.source), "text"), (f", {_ago(now, proposal.created)}\n", "muted")]
    if proposal.rationale:
        parts.append((f"{neutral(proposal.rationale)}", "text"))
        marks = [m for e in proposal.evidence if (m := marker(e, read.trial.number if e.trial is None else e.trial))]
        parts += [part for mark in dict.fromkeys(marks) for part in ((" ", ""), mark)]
        parts.append(("\n", ""))
    for name, said in (("gate", gate(proposal.insight)), ("trust", trust(proposal.insight))):
        parts += [(f"  {name} ", "muted"), (f"{neutral(said)}\n", "text")] if said else []
    return [*parts, *_expected(read, model), *_decision(read, now), *_resources(read)]


def _ago(now: float, at: float) -> str:
    return f"{seconds(max(now - at, 0.0)) or '0s'} ago"


def _expected(read: TrialRead, model: StudyModel) -> list[Part]:
    """`expected −.004 … −.015 beside the best then, got −.007 ✓ inside`."""
    proposal, trial = read.proposal, read.trial
    if proposal.expected is None:
        return []
    low, high = proposal.expected
    then = _best_at(proposal.created, model)
    parts: list[Part] = [("  expected ", "muted")]
    if then is not None and then.value is not None:
        parts.append((f"{signed(low - then.value)} … {signed(high - then.value)}", "text"))
        parts.append((f" beside t{then.number}'s {number(then.value)}, the best then", "muted"))
    else:
        parts.append((f"{number(low)} … {number(high)}", "text"))
    if proposal.confidence is not None:
        parts.append((f", {next(w for most, w in _SURE if proposal.confidence < most)} confidence", "muted"))
    return [*parts, *_got(proposal, trial, then, model), ("\n", "")]


def _got(proposal: Proposal, trial: Trial, then: Trial | None, model: StudyModel) -> list[Part]:
    if trial.value is None or proposal.expected is None:
        return [("; it has no value" if trial.state.ended else "; it has not ended", "muted")]
    if proposal.params != trial.params:
        return [(f"; got {number(trial.value)}, with an edited config", "muted")]
    got = signed(trial.value - then.value) if then is not None and then.value is not None else number(trial.value)
    low, high = proposal.expected
    if low <= trial.value <= high:
        return [(f"; got {got} ", "text"), ("✓ inside", "good")]
    beyond = "better" if model.spec.objective.better(trial.value, low if trial.value < low else high) else "worse"
    return [(f"; got {got} ", "text"), (f"✗ outside, {beyond} than expected", "ask")]


def _best_at(at: float, model: StudyModel) -> Trial | None:
    """The best of the trials that had ended by then."""
    from agent.summary import best

    return best([t for t in model.trials.values() if (t.ended_at or float("inf")) <= at], model.spec.objective)


def _decision(read: TrialRead, now: float) -> list[Part]:
    decision, proposal = read.decision, read.proposal
    if decision is None:
        return []
    who = "you" if decision.actor == "person" else f"policy ({neutral(decision.clause)})"
    parts: list[Part] = [(f"  {decision.action} by ", "muted"), (who, "text"), (f", {_ago(now, decision.at)}", "muted")]
    if edits := _edits(proposal, decision):
        parts.append((f": {edits}", "text"))
    if decision.reason:
        parts.append((f" – {neutral(decision.reason)}", "text"))
    return [*parts, ("\n", "")]


def _edits(proposal: Proposal, decision: Decision) -> str:
    changed = {k: v for k, v in (decision.params or {}).items() if proposal.params.get(k) != v}
    return ", ".join(f"{neutral(k)} {param(proposal.params.get(k))} → {param(v)}" for k, v in changed.items())


def _resources(read: TrialRead) -> list[Part]:
    """The last attempt's wall time beside what was expected; what all attempts took of processors, GPUs, memory."""
    outcome, trial = (read.attempts[-1].get("outcome") or {}) if read.attempts else {}, read.trial
    facts = []
    if (wall := outcome.get("wall_seconds")) is not None:
        expected = read.proposal.expected_seconds
        facts.append(f"{seconds(wall)} wall" + (f" (about {seconds(expected)} expected)" if expected else ""))
    facts += [f"{seconds(trial.cpu_seconds)} cpu"] if trial.cpu_seconds is not None else []
    facts += [f"{seconds(trial.device_seconds)} GPU"] if trial.device_seconds else []
    peaks = {"memory": trial.peak_host_bytes, "device memory": trial.peak_device_bytes}
    facts += [f"{size(value)} {name} at its peak" for name, value in peaks.items() if value]
    return [("  took ", "muted"), ("  ·  ".join(facts) + "\n", "text")] if facts else []
