"""What a model is told of one ended trial: its config beside others, its curves, its log, the verdict of the rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from agent.diagnosis.log import Line, Log
from agent.diagnosis.metrics import Measure, meaning
from agent.diagnosis.pointers import read_log
from agent.diagnosis.render import marker
from agent.diagnosis.thinning import thinned
from agent.digest import digest
from agent.digest.seen import Seen, see
from agent.digest.shape import describe, held_out, safe_name
from agent.digest.text import changes, number, plural, seconds, shorten, value
from agent.store import points
from agent.store.connection import Store
from agent.store.points import Curve
from agent.store.studies import Study
from agent.study.nouns import Diagnosis, Evidence, Trial
from trainers.contract import TELEMETRY, Objective

_METRICS, _POINTS = 5, 16
_NEIGHBOURS = 5
_AROUND, _HEAD, _TAIL = 4, 6, 24  # lines of the log: around evidence, at its beginning, at its end
_LINE = 240


def brief(
    store: Store, study: Study, trial: Trial, diagnosis: Diagnosis, lessons: Sequence[str] = ()
) -> dict[str, Any]:
    """What `explain.j2` is given, the digest of the study included."""
    seen = see(store, study)
    nearest = _nearest(seen, trial)
    sound = [t for t in nearest if seen.value(t) is not None and not seen.verdict(t)]
    beside = {t.number: t for t in (seen.best, *sound[:1]) if t is not None and t.number != trial.number}
    told = digest(store, study, lessons).context()
    return {
        **told,
        "trial": _head(seen, trial),
        "config": _config(seen, trial, tuple(beside.values())),
        "verdict": _verdict(diagnosis),
        "metrics": _metrics(seen, trial, diagnosis.evidence),
        "log": _log(read_log(store, trial), diagnosis.evidence),
        "neighbours": [_neighbour(seen, trial, t) for t in nearest[:_NEIGHBOURS]],
    }


def _nearest(seen: Seen, trial: Trial) -> list[Trial]:
    others = [t for t in seen.trials if t.state.ended and t.number != trial.number]
    return sorted(others, key=lambda t: (seen.space.distance(trial.params, t.params), t.number))


def _head(seen: Seen, trial: Trial) -> dict[str, Any]:
    expected, proposal = seen.expected(trial), seen.proposal(trial)
    ranks = [t.number for t in seen.ranking]
    return {
        "number": trial.number,
        "state": str(trial.state) + (", cut short by its time limit" if trial.cut_short else ""),
        "value": "" if trial.value is None else number(trial.value, 6),
        "rank": f"{ranks.index(trial.number) + 1} of {len(ranks)}" if trial.number in ranks else "",
        "expected": "" if expected is None else f"{number(expected[0])} to {number(expected[1])}",
        "took": "" if trial.seconds is None else seconds(trial.seconds),
        "last_step": trial.last_step,
        "rationale": "" if proposal is None else shorten(proposal.rationale, 600),
        "stopped": trial.stop_requested or "",
        "failure": _failure(trial),
    }


def _failure(trial: Trial) -> dict[str, str]:
    if trial.failure is None:
        return {}
    code = trial.failure.exit_code if trial.failure.signal is None else f"signal {trial.failure.signal}"
    return {
        "kind": str(trial.failure.kind).replace("_", " "),
        "code": "" if code is None else str(code),
        "message": shorten(trial.failure.message, 600),
    }


def _config(seen: Seen, trial: Trial, beside: Sequence[Trial]) -> list[str]:
    """A table: the parameter, the trial's value, that of the best and of the nearest sound trial."""
    names = ["best" if seen.best is not None and t.number == seen.best.number else "nearest sound" for t in beside]
    rows = [
        " | ".join(["parameter", f"t{trial.number}", *(f"{n} t{t.number}" for n, t in zip(names, beside, strict=True))])
    ]
    metric = [seen.objective.metric, *("–" if t.value is None else number(t.value, 6) for t in (trial, *beside))]
    for name in dict.fromkeys([*seen.space.parameters, *trial.params]):
        cells = [value(t.params[name]) if name in t.params else "–" for t in (trial, *beside)]
        rows.append(" | ".join([name, *cells]))
    return [*rows, " | ".join(metric)]


def _verdict(diagnosis: Diagnosis) -> dict[str, Any]:
    suggested = diagnosis.suggested_reason if diagnosis.suggested_params else ""
    return {
        "name": diagnosis.verdict.replace("_", " "),
        "healthy": diagnosis.healthy,
        "confidence": f"{diagnosis.confidence:.0%}",
        "explanation": diagnosis.explanation,
        "evidence": [f"{marker(e)} {shorten(e.text, _LINE)}" for e in diagnosis.evidence],
        "suggestion": suggested,
    }


def _metrics(seen: Seen, trial: Trial, evidence: Sequence[Evidence]) -> list[dict[str, str]]:
    """The objective, the metrics the rules point at, then the others; data held out from the search stay unseen."""
    goal = seen.objective.metric
    cited = [e.metric for e in evidence if e.metric]
    known = [m for m in points.metrics(seen.store, trial.id) if m == goal or not (held_out(m) or m in TELEMETRY)]
    chosen = [m for m in dict.fromkeys([goal, *cited, *known]) if m in known][:_METRICS]
    told = []
    for metric in chosen:
        curve = points.curve(seen.store, trial.id, metric)
        kept = thinned(curve, _POINTS, [e.step for e in evidence if e.metric == metric and e.step is not None])
        shown = [f"{number(curve.values[i], 5)}@{curve.steps[i]}" for i in kept]
        told.append({"name": safe_name(metric), "said": _said(seen, metric, curve), "points": ", ".join(shown)})
    return told


def _said(seen: Seen, metric: str, curve: Curve) -> str:
    """How the curve went; of a metric that is neither loss nor score nobody knows which way is better."""
    goal = seen.objective
    sense = meaning(metric, {goal.metric: goal.direction}).measure
    if sense in (Measure.LOSS, Measure.SCORE):
        return describe(metric, curve, Objective(metric, "minimize" if sense is Measure.LOSS else "maximize"))
    finite = [v for v in curve.values if math.isfinite(v)]
    if not finite:
        return f"{safe_name(metric)}: never a finite value, {plural(len(curve.values), 'report')}"
    ends = f"{number(curve.values[0])} at {curve.steps[0]}, {number(curve.values[-1])} at {curve.steps[-1]}"
    between = f"between {number(min(finite))} and {number(max(finite))}"
    return f"{safe_name(metric)} {ends}, {between} ({plural(len(curve.values), 'report')})"


def _log(log: Log, evidence: Sequence[Evidence]) -> str:
    """The beginning, the end, and what stands around the lines the rules point at; gaps are marked."""
    pointed = [e.line for e in evidence if e.line is not None and e.trial is None]
    last = log.total - _TAIL
    kept = [
        line
        for line in log.lines
        if line.number <= _HEAD or line.number > last or any(abs(line.number - at) <= _AROUND for at in pointed)
    ]
    rows: list[str] = []
    for before, line in zip([None, *kept], kept, strict=False):
        if before is not None and line.number > before.number + 1:
            rows.append("…")
        rows.append(_shown(line))
    return "\n".join(rows)


def _shown(line: Line) -> str:
    return f"{line.number}: {line.text if len(line.text) <= _LINE else line.text[:_LINE] + '…'}"


def _neighbour(seen: Seen, trial: Trial, other: Trial) -> str:
    how = seen.verdict(other).replace("_", " ") or str(other.state)
    got = "" if other.value is None else f", {seen.objective.metric} {number(other.value, 6)}"
    return f"t{other.number} ({how}{got}) differs in: {changes(seen.space, trial.params, other.params)}"
