"""Rules for trials that ran but never reported their objective."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.diagnosis.log import Line
from agent.diagnosis.metrics import Measure, alike, meaning
from agent.diagnosis.rules.base import Case, Finding, at_line, at_value, resource
from agent.study.nouns import Evidence, TrialState
from trainers.contract import FailureKind

_NUMBER = r"(?P<value>[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|nan|inf)\b)"
_NAME = r"""["']?(?P<name>[A-Za-z][\w./@%-]*(?:[ ](?=[a-z]+[:=])[a-z]+)?)["']?"""
_PRINTED = re.compile(rf"{_NAME}\s*[:=]\s*{_NUMBER}")  # loss=0.3, "loss": 0.3, val loss: 0.3
_BESIDE = re.compile(rf"{_NAME}\s+{_NUMBER}")  # loss 0.3: only for names that say what they measure
_SHOWN = 6


def no_metric(case: Case) -> Finding | None:
    """Says what was printed in the objective's stead."""
    metric = case.record.objective.metric
    silent = case.kind is FailureKind.NO_METRIC or (
        case.record.state is TrialState.COMPLETED and case.record.value is None and metric not in case.record.curves
    )
    if not silent:
        return None
    reported = list(dict.fromkeys(name for name in _seen(case) if name != metric))
    printed = dict(printed_numbers(case))
    if (name := alike(metric, [*reported, *printed])) is not None:
        return _misspelt(case, name, printed.get(name))
    if metric in printed:
        return _unread(case, printed[metric])
    return _missing(case, reported, printed)


def _seen(case: Case) -> Iterator[str]:
    """Metrics that were reported; then columns and tags that were met in files but not asked for."""
    yield from (name for name, curve in case.record.curves.items() if len(curve))
    details = case.record.failure.details if case.record.failure else {}
    yield from (str(name) for name in details.get("metrics_seen", {}))


def printed_numbers(case: Case) -> Iterator[tuple[str, Line]]:
    """Names that the log gives a number, each with the last line that does."""
    for line in case.record.log.lines:
        for match in _PRINTED.finditer(line.text):
            yield match["name"], line
        for match in _BESIDE.finditer(line.text):
            if meaning(match["name"]).measure is not Measure.OTHER:
                yield match["name"], line


def _misspelt(case: Case, name: str, line: Line | None) -> Finding:
    metric = case.record.objective.metric
    return Finding(
        verdict="metric_misspelt",
        confidence=0.93,
        explanation=f"The study waits for '{metric}', but the trial printed '{name}'. "
        "Training ran; only the name differs, so no value was recorded.",
        evidence=(at_line(line),) if line else _reported(case, [name]) or (resource(f"{name} was met, not {metric}"),),
        advice=f"Set the objective's metric to '{name}', or print '{metric}'.",
    )


def _unread(case: Case, line: Line) -> Finding:
    metric = case.record.objective.metric
    return Finding(
        verdict="metric_missing",
        confidence=0.85,
        explanation=f"'{metric}' stands in the log but was not read: the study's metric rules do not fit this line.",
        evidence=(at_line(line),),
        advice=f"Give {metric} a regex that matches the cited line, or print JSON lines.",
    )


def _missing(case: Case, reported: list[str], printed: dict[str, Line]) -> Finding:
    metric = case.record.objective.metric
    names = list(dict.fromkeys([*reported, *printed]))
    lines = [line for name, line in printed.items() if name in names[:_SHOWN]]
    last = next((line for line in case.record.log.backwards() if line.text.strip()), None)
    if names:
        instead = f"What it did give numbers for: {', '.join(names[:_SHOWN])}{' …' if len(names) > _SHOWN else ''}."
    else:
        instead = "It printed no number with a name." if last else "It printed nothing at all."
    cited = lines[-1:] or ([last] if last else [])
    return Finding(
        verdict="metric_missing",
        confidence=0.93,
        explanation=f"The trial ended well but never reported '{metric}', so it has no value. {instead}",
        evidence=(*_reported(case, reported[:2]), *map(at_line, cited)) or (_empty(),),
        advice=f'Print {{"step": 1, "{metric}": 0.5}} as a JSON line, or give the metric a regex in the study file.',
    )


def _empty() -> Evidence:
    return Evidence(kind="resource", text="the log is empty")


def _reported(case: Case, names: list[str]) -> tuple[Evidence, ...]:
    views = [case.signals.views[name] for name in names if name in case.signals.views]
    return tuple(at_value(v, -1, "reported instead") for v in views if len(v))
