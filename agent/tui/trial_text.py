"""A trial's page in words: params, diagnosis with evidence, failure, decision, attempts, files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.study.nouns import Evidence
from agent.study.verdicts import beside
from agent.tui.looks import look
from agent.tui.marks import marked
from agent.tui.messages import TrialRead
from agent.tui.model import StudyModel
from agent.tui.notes import marker
from agent.tui.text import Part, config, fit, log_line, neutral, number, param, percent, plural, seconds, signed, size

_TAIL_LINES = 25


def page(read: TrialRead, model: StudyModel, now: float) -> list[Part]:
    return [
        *_head(read, model, now),
        *_diagnosis(read),
        *_narrative(read),
        *_params(read, model),
        *_metrics(read),
        *_failure(read),
        *_decision(read),
        *_attempts(read),
        *_files(read),
    ]


def evidence(read: TrialRead) -> list[Evidence]:
    """The evidence that can be followed, in the order of the numbers shown."""
    found = read.diagnosis.evidence if read.diagnosis is not None else ()
    return [e for e in found if marker(e, read.trial.number) is not None][:9]


def _title(text: str) -> Part:
    return f"\n{text}\n", "title"


def _head(read: TrialRead, model: StudyModel, now: float) -> list[Part]:
    trial, seen = read.trial, look(read.trial)
    parts: list[Part] = [(f"t{trial.number} ", "title"), (f"{seen.glyph} {seen.word}", seen.role)]
    value = trial.value if trial.value is not None else trial.last_value
    if value is not None:
        parts.append((f"   {model.spec.objective.metric} {number(value, 6)}", "strong"))
    best = model.best
    if best is not None and best.value is not None and value is not None and value == value:
        said = (
            "★ the best" if best.number == trial.number else f"{signed(value - best.value)} to the best, t{best.number}"
        )
        parts.append((f"   {said}", "best" if best.number == trial.number else "muted"))
        if best.number != trial.number and (judged := beside(trial, best, read.noise)):
            parts.append((f"  {judged}", "muted"))
    took = trial.seconds if trial.ended_at is not None else now - trial.started_at if trial.started_at else None
    facts = [f"by {trial.source}", f"seed {trial.seed}"]
    facts += [f"step {trial.last_step}"] if trial.last_step is not None else []
    facts += [f"ran {seconds(took)}"] if took is not None else []
    facts += [plural(trial.attempts, "attempt")] if trial.attempts > 1 else []
    facts += [f"asked to stop: {neutral(trial.stop_requested)}"] if trial.stop_requested else []
    return [*parts, ("\n" + "  ·  ".join(facts) + "\n", "muted")]


def _diagnosis(read: TrialRead) -> list[Part]:
    found = read.diagnosis
    if found is None:
        return []
    role = "good" if found.healthy else "bad"
    parts = [_title("DIAGNOSIS"), (found.verdict.replace("_", " "), role)]
    parts.append((f"   {percent(found.confidence)} sure\n", "muted"))
    parts.append((neutral(found.explanation) + "\n", "text"))
    count = 0
    for item in found.evidence:
        mark = marker(item, read.trial.number)
        count += mark is not None and count < 9
        parts.append((f"  {count if mark is not None else '·'} ", "primary" if mark is not None else "faint"))
        parts += [(neutral(item.text), "text"), *([("  ", ""), mark] if mark is not None else []), ("\n", "")]
    if found.suggested_params:
        parts += [("→ try ", "muted"), (config(found.suggested_params), "strong")]
        parts.append((f"  {neutral(found.suggested_reason)}\n", "muted"))
    return parts


def _narrative(read: TrialRead) -> list[Part]:
    """What the model made of it, and how many of its claims pointed at nothing."""
    found = read.narrative
    if found is None:
        return []
    parts = [_title(f"EXPLANATION  {neutral(found.model)}"), *marked(neutral(found.text)), ("\n", "")]
    if found.dropped:
        what = plural(found.dropped, "claim")
        parts.append((f"{what} left out: they cited what is not there\n", "ask"))
    if found.suggested_params:
        parts += [("→ try ", "muted"), (config(found.suggested_params), "strong")]
        parts.append((f"  {neutral(found.suggested_reason)}\n", "muted"))
    return parts


def _params(read: TrialRead, model: StudyModel) -> list[Part]:
    best, trial = model.best, read.trial
    names = list(dict.fromkeys([*model.spec.space.parameters, *trial.params]))
    wide = max((len(n) for n in names), default=0) + 2
    compare = best is not None and best.number != trial.number
    parts = [_title("PARAMS" + (f"  beside the best, t{best.number}" if compare and best is not None else ""))]
    for name in names:
        if name not in trial.params:
            continue
        parts += [(fit("  " + name, wide + 2), "muted"), (fit(param(trial.params[name]), 14), "strong")]
        other = param(best.params[name]) if compare and best is not None and name in best.params else ""
        parts += [("=" if other == param(trial.params[name]) else other, "faint"), ("\n", "")]
    return parts


def _metrics(read: TrialRead) -> list[Part]:
    if not read.metrics:
        return []
    parts = [_title("LAST REPORTS")]
    for name, (step, value) in read.metrics.items():
        parts += [(fit(f"  {name}", 24), "muted"), (fit(number(value, 6), 12), "text"), (f" at step {step}\n", "faint")]
    return parts


def _failure(read: TrialRead) -> list[Part]:
    failure = read.trial.failure
    if failure is None:
        return []
    facts = [str(failure.kind).replace("_", " ")]
    facts += [f"exit code {failure.exit_code}"] if failure.exit_code is not None else []
    facts += [f"signal {failure.signal}"] if failure.signal is not None else []
    facts += ["may pass when tried again" if failure.transient else "would happen again"]
    parts = [_title("FAILURE"), ("  ·  ".join(facts) + "\n", "bad"), (neutral(failure.message) + "\n", "text")]
    tail = [log_line(line) for line in (failure.traceback or failure.stderr_tail).rstrip().split("\n")][-_TAIL_LINES:]
    return [*parts, *((f"  │ {line}\n", "muted") for line in tail if line or len(tail) > 1)]


def _decision(read: TrialRead) -> list[Part]:
    proposal, decision = read.proposal, read.decision
    parts = [_title(f"PROPOSAL {proposal.number}")]
    if proposal.rationale:
        parts.append((neutral(proposal.rationale) + "\n", "text"))
    if proposal.expected is not None:
        low, high = proposal.expected
        parts.append((f"  expected {number(low)} … {number(high)}", "muted"))
        if read.trial.value is not None:
            inside = low <= read.trial.value <= high
            parts.append((f"  it was {'inside' if inside else 'outside'}\n", "good" if inside else "ask"))
        else:
            parts.append(("\n", ""))
    if decision is not None:
        who = "you" if decision.actor == "person" else f"policy ({neutral(decision.clause)})"
        parts.append((f"  {decision.action} by {who}\n", "muted"))
    return parts


def _attempts(read: TrialRead) -> list[Part]:
    parts = [_title("ATTEMPTS")] if read.attempts else []
    for attempt in read.attempts:
        parts.append((f"  {attempt['number']}  {attempt['run_dir']}", "text"))
        parts += [("  " + "  ".join(_outcome(attempt.get("outcome") or {})) + "\n", "muted")]
    return parts


def _outcome(outcome: Mapping[str, Any]) -> list[str]:
    facts = [str(outcome.get("state", "running"))]
    if outcome.get("wall_seconds") is not None:
        facts.append(f"{seconds(outcome['wall_seconds'])} wall, {seconds(outcome.get('cpu_seconds'))} cpu")
    for key, name in (("peak_host_bytes", "memory"), ("peak_device_bytes", "device memory")):
        if outcome.get(key):
            facts.append(f"{size(outcome[key])} {name}")
    return facts


def _files(read: TrialRead) -> list[Part]:
    parts = [_title("FILES")] if read.files else []
    for path, count in read.files:
        parts += [(f"  {neutral(_from_here(path))}", "text"), (f"  {size(count)}\n", "faint")]
    return parts


def _from_here(path: Path) -> str:
    """As it would be written in the folder the app was started in; whole, where it lies elsewhere."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
