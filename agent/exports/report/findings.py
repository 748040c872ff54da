"""What a report says of parameters and of trials: importances, effects, diagnoses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent import importance
from agent.exports.report.words import shown
from agent.store import diagnoses, narratives
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Diagnosis, Narrative, Trial

MOST_TOLD = 20  # diagnoses in full
_MOST_EVIDENCE = 6


def findings(store: Store, study: Study, trials: Sequence[Trial]) -> dict[str, Any]:
    """`shares` and `effects` of the parameters, `verdicts` with their trials, `told` the diagnoses worth reading."""
    given = trials, study.spec.space, study.spec.objective
    weights = importance.weights(*given)
    effects = {effect.parameter: effect.text for effect in importance.effects(*given)}
    said, explained = diagnoses.all_of(store, study.id), narratives.all_of(store, study.id)
    return {
        "shares": [
            (s.parameter, round(100 * s.share, 1), round(100 * s.deviation, 1), effects.get(s.parameter, ""))
            for s in weights.shares
        ],
        "alone": round(100 * weights.alone),
        "rests_on": weights.trials,
        "method": importance.METHOD,
        "verdicts": _verdicts(trials, said),
        "told": [_told(t, said[t.id], explained.get(t.id)) for t in _worth_telling(trials, said, explained)],
    }


def _verdicts(trials: Sequence[Trial], said: Mapping[int, Diagnosis]) -> list[dict[str, Any]]:
    """Each verdict with the trials it was given to, what is not healthy first."""
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.id in said:
            found.setdefault(said[trial.id].verdict, []).append(trial)
    rows = [
        {
            "name": name.replace("_", " "),
            "healthy": said[having[0].id].healthy,
            "count": len(having),
            "numbers": ", ".join(f"t{t.number}" for t in having[:12]) + (" …" if len(having) > 12 else ""),
        }
        for name, having in found.items()
    ]
    return sorted(rows, key=lambda row: (row["healthy"], -row["count"]))


def _worth_telling(
    trials: Sequence[Trial], said: Mapping[int, Diagnosis], explained: Mapping[int, Narrative]
) -> list[Trial]:
    """Those that were not healthy or that a model has explained, the latest where there are too many."""
    return [t for t in trials if t.id in said and (not said[t.id].healthy or t.id in explained)][-MOST_TOLD:]


def _told(trial: Trial, found: Diagnosis, narrative: Narrative | None) -> dict[str, Any]:
    suggested = narrative if narrative is not None and narrative.suggested_params else found
    changes = {n: v for n, v in (suggested.suggested_params or {}).items() if trial.params.get(n) != v}
    return {
        "number": trial.number,
        "verdict": found.verdict.replace("_", " "),
        "healthy": found.healthy,
        "sure": round(100 * found.confidence),
        "explanation": found.explanation,
        "evidence": [item.text for item in found.evidence[:_MOST_EVIDENCE]],
        "changes": ", ".join(f"{name} {shown(trial.params.get(name))} → {shown(v)}" for name, v in changes.items()),
        "reason": suggested.suggested_reason.split(": ", 1)[-1],
        "narrative": narrative.text if narrative is not None else "",
        "model": narrative.model if narrative is not None else "",
    }
