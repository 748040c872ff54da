"""What was found out about single trials, and how a few of them went: diagnoses, narratives, curves."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from agent.digest.seen import Seen
from agent.digest.shape import describe, held_out, safe_name
from agent.digest.text import changes, number, shorten
from agent.store import points
from agent.study.nouns import Source, Trial
from trainers.contract import TELEMETRY

_BEST, _LATEST = 3, 3  # trials whose curves are told
_ANALYSES = 4
_COMPANIONS = 2  # metrics told beside the objective
_EXPLANATION, _NARRATIVE, _RATIONALE = 280, 450, 240  # characters
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def curves(seen: Seen) -> list[str]:
    """How the best trials, the worst and the latest went, by number."""
    ended = [t for t in seen.trials if t.state.ended and t.last_step is not None]
    chosen = {t.number: t for t in (*seen.ranking[:_BEST], *seen.ranking[-1:], *ended[-_LATEST:])}
    lines = (_curve(seen, trial) for _, trial in sorted(chosen.items()))
    return [line for line in lines if line]


def _curve(seen: Seen, trial: Trial) -> str:
    metric = seen.objective.metric
    told = describe(metric, points.curve(seen.store, trial.id, metric), seen.objective)
    others = [m for m in points.metrics(seen.store, trial.id) if m != metric and m not in TELEMETRY and not held_out(m)]
    beside = [_companion(seen, trial, name) for name in sorted(others, key=_relevance)[:_COMPANIONS]]
    facts = "; ".join(f for f in (told, *beside) if f)
    return f"t{trial.number} {facts}" if facts else ""


def _relevance(name: str) -> tuple[bool, str]:
    """Training metrics first: beside the objective they tell under- from overfitting."""
    return ("train" not in name.lower() and "loss" not in name.lower(), name)


def _companion(seen: Seen, trial: Trial, metric: str) -> str:
    values = points.curve(seen.store, trial.id, metric).values
    finite = [v for v in values if math.isfinite(v)]
    if len(finite) < 2:
        return ""
    return f"{safe_name(metric)} {number(finite[0], 3)} to {number(values[-1], 3)}"


def analyses(seen: Seen) -> list[str]:
    """What was said about the latest trials that went wrong, and about those a model has looked at."""
    wanted = [t for t in seen.trials if t.id in seen.narratives or seen.verdict(t)]
    told = [(trial, _analysis(seen, trial)) for trial in reversed(wanted[-3 * _ANALYSES :])]
    seen_texts: set[str] = set()
    lines: list[str] = []
    for trial, text in told:
        if text and text not in seen_texts and len(lines) < _ANALYSES:
            lines.append(f"t{trial.number} {text}")
        seen_texts.add(text)
    return lines


def _analysis(seen: Seen, trial: Trial) -> str:
    narrative, found = seen.narratives.get(trial.id), seen.diagnoses.get(trial.id)
    text = narrative.text if narrative is not None else found.explanation if found is not None else ""
    hidden = [m for m in points.metrics(seen.store, trial.id) if held_out(m) and m != seen.objective.metric]
    text = " ".join(s for s in _SENTENCE.split(text) if not any(m in s for m in hidden))
    text = shorten(text, _NARRATIVE if narrative is not None else _EXPLANATION)
    source = narrative if narrative is not None and narrative.suggested_params else found
    advised = source.suggested_params if source is not None else None
    verdict = f"({found.verdict.replace('_', ' ')}) " if found is not None else ""
    wish = f" Suggested: {changes(seen.space, trial.params, advised)}." if advised and advised != trial.params else ""
    return f"{verdict}{text}{wish}" if text else ""


def rationales(seen: Seen) -> list[str]:
    """What the model gave as its reasons last, oldest first."""
    theirs: Iterable[Trial] = (t for t in reversed(seen.trials) if t.source in (Source.LLM, Source.LLAMBO))
    found: dict[str, int] = {}
    for trial in theirs:
        proposal = seen.proposal(trial)
        if proposal is not None and proposal.rationale:
            found.setdefault(shorten(proposal.rationale, _RATIONALE), trial.number)
        if len(found) == _LATEST:
            break
    return [f"t{number}: {text}" for text, number in reversed(found.items())]
