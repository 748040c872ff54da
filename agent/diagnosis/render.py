"""A diagnosis as text for a terminal and as the JSON document of `why --json`."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from agent.diagnosis.suggest import show
from agent.study.nouns import Diagnosis, Evidence, Narrative

_WIDTH = 96


def marker(evidence: Evidence) -> str:
    """`[log:412]`, `[val_loss@300]`, `[t17]`, or the kind where there is nothing to point at."""
    if evidence.line is not None:
        return f"[log:{evidence.line}]"
    if evidence.step is not None:
        return f"[{evidence.metric}@{evidence.step}]"
    return f"[t{evidence.trial}]" if evidence.trial is not None else f"[{evidence.kind}]"


def difference(params: Mapping[str, Any], suggested: Mapping[str, Any]) -> list[str]:
    """`lr  0.1 → 0.01`, one line a changed parameter."""
    names = [name for name in {**params, **suggested} if params.get(name) != suggested.get(name)]
    return [f"{name}  {_shown(params, name)} → {_shown(suggested, name)}" for name in names]


def _shown(params: Mapping[str, Any], name: str) -> str:
    return show(params[name]) if name in params else "–"


def text(trial: int, diagnosis: Diagnosis, params: Mapping[str, Any], narrative: Narrative | None = None) -> str:
    """Plain text: verdict, explanation, evidence, suggestion, narrative. `params` are the trial's own."""
    lines = [f"trial {trial}: {diagnosis.verdict} (confidence {diagnosis.confidence:.0%})"]
    lines += _wrapped(diagnosis.explanation, "")
    if diagnosis.evidence:
        lines += ["", "evidence"]
        width = max(len(marker(e)) for e in diagnosis.evidence)
        lines += [f"  {marker(e):<{width}}  {e.text}" for e in diagnosis.evidence]
    if diagnosis.suggested_params is not None:
        lines += ["", "suggestion", *(f"  {d}" for d in difference(params, diagnosis.suggested_params))]
        lines += _wrapped(diagnosis.suggested_reason.split(": ", 1)[-1], "  ")
    elif diagnosis.suggested_reason:
        lines += ["", "suggestion", *_wrapped(diagnosis.suggested_reason, "  ")]
    return "\n".join([*lines, *(_told(narrative, params) if narrative is not None else [])])


def _told(narrative: Narrative, params: Mapping[str, Any]) -> list[str]:
    lines = ["", f"explained by {narrative.model or 'the built-in advisor'}"]
    lines += [line for part in narrative.text.splitlines() for line in _wrapped(part, "  ")]
    if narrative.suggested_params is not None:
        lines += ["", "its suggestion", *(f"  {d}" for d in difference(params, narrative.suggested_params))]
        lines += _wrapped(narrative.suggested_reason, "  ")
    if narrative.dropped:
        what = "claim was" if narrative.dropped == 1 else "claims were"
        lines += ["", f"{narrative.dropped} {what} left out: what it cited does not exist"]
    return lines


def _wrapped(words: str, indent: str) -> list[str]:
    return textwrap.wrap(words, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def document(trial: int, diagnosis: Diagnosis, narrative: Narrative | None = None) -> dict[str, Any]:
    """`{trial, verdict, confidence, explanation, evidence, suggestion: {params, reason}, healthy, narrative}`.

    `suggestion` is None where nothing is suggested; its `params` are None for advice in words. `narrative` is None
    for a trial that was not explained.
    """
    suggestion = {"params": diagnosis.suggested_params, "reason": diagnosis.suggested_reason}
    return {
        "trial": trial,
        "verdict": diagnosis.verdict,
        "confidence": diagnosis.confidence,
        "explanation": diagnosis.explanation,
        "evidence": [_item(e) for e in diagnosis.evidence],
        "suggestion": suggestion if diagnosis.suggested_reason else None,
        "healthy": diagnosis.healthy,
        "narrative": None if narrative is None else _narrative(narrative),
    }


def _narrative(narrative: Narrative) -> dict[str, Any]:
    suggestion = {"params": narrative.suggested_params, "reason": narrative.suggested_reason}
    return {
        "text": narrative.text,
        "claims": [{"text": c.text, "evidence": [_item(e) for e in c.evidence]} for c in narrative.claims],
        "dropped": narrative.dropped,
        "model": narrative.model,
        "suggestion": suggestion if narrative.suggested_params else None,
    }


def _item(evidence: Evidence) -> dict[str, Any]:
    pointers = {"metric": evidence.metric, "step": evidence.step, "line": evidence.line, "trial": evidence.trial}
    return {"kind": evidence.kind, **{k: v for k, v in pointers.items() if v is not None}, "text": evidence.text}
