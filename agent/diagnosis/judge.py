"""From a record to a diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.diagnosis.record import Peer, TrialRecord
from agent.diagnosis.rules import CURVES, ENDINGS, LAST, REQUESTED
from agent.diagnosis.rules.base import Case, Finding, Rule
from agent.diagnosis.signals import Signals
from agent.diagnosis.suggest import suggest
from agent.study.nouns import Diagnosis


def diagnose(record: TrialRecord, peers: Sequence[Peer] = ()) -> Diagnosis:
    """What happened to an ended trial, from its record and the other trials of its study. Pure.

    Raises ValueError for a trial that has not ended.
    """
    if not record.state.ended:
        raise ValueError(f"trial {record.number} is {record.state}; only ended trials are diagnosed")
    others = [p for p in peers if p.number != record.number or record.number is None]
    case = Case(record, Signals(record, others))
    return _diagnosis(_find(case), case, others)


def _find(case: Case) -> Finding:
    requested = _first(REQUESTED, case)
    if requested is not None:
        fault = _first(CURVES, case)
        return requested if fault is None else _with_fault(requested, fault)
    found = _first((*ENDINGS, *CURVES, *LAST), case)
    assert found is not None, "the last rule always finds something"
    return found


def _first(rules: Iterable[Rule], case: Case) -> Finding | None:
    return next((finding for rule in rules if (finding := rule(case)) is not None), None)


def _with_fault(requested: Finding, fault: Finding) -> Finding:
    """A stopped trial keeps its verdict; what its curve already showed is said and answered."""
    return replace(
        requested,
        explanation=f"{requested.explanation} Until then: {fault.explanation}",
        evidence=(*requested.evidence, *fault.evidence),
        wishes=fault.wishes,
        advice=fault.advice,
    )


def _diagnosis(finding: Finding, case: Case, others: Sequence[Peer]) -> Diagnosis:
    granted = suggest(case.record, others, finding.wishes)
    params, reason = granted or (None, finding.advice)
    return Diagnosis(
        verdict=finding.verdict,
        healthy=finding.healthy,
        confidence=finding.confidence,
        explanation=" ".join(finding.explanation.split()),
        evidence=finding.evidence,
        suggested_params=params,
        suggested_reason=reason,
    )
