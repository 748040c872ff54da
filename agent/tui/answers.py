"""What the built-in advisor can answer without a model: from what the screen knows."""

from __future__ import annotations

import re

from agent.study.nouns import Trial, TrialState
from agent.tui.looks import look
from agent.tui.model import StudyModel
from agent.tui.notes import marker
from agent.tui.text import Part, config, neutral, number, plural, seconds

_TRIAL = re.compile(r"\b(?:trial\s*|t|#)?(\d{1,6})\b", re.IGNORECASE)


def answer(question: str, model: StudyModel) -> tuple[Part, ...]:
    """Parts of an answer. Says what it can do when the question is beyond it."""
    asked = question.lower()
    named = [int(n) for n in _TRIAL.findall(asked)]
    if named:
        unknown = [n for n in named if n not in model.trials]
        if unknown:
            return ((f"There is no trial {unknown[0]}.", "text"),)
        parts: list[Part] = []
        for number_ in dict.fromkeys(named[:3]):
            parts += [*([("\n", "")] if parts else []), *_why(model.trials[number_], model)]
        return tuple(parts)
    if re.search(r"\bbest\b", asked):
        return _best(model)
    if re.search(r"\b(status|progress|how (is|are|goes|far)|what now|next|stop)\b", asked):
        return _standing(model)
    if re.search(r"\bfail", asked):
        return _failures(model)
    return _able()


def _why(trial: Trial, model: StudyModel) -> list[Part]:
    seen = look(trial)
    parts: list[Part] = [(f"t{trial.number}", f"strong#t{trial.number}"), (f" {seen.glyph} {seen.word}. ", seen.role)]
    diagnosis = model.diagnoses.get(trial.id)
    if diagnosis is None:
        said = "It has not ended yet." if not trial.state.ended else "It has no diagnosis yet."
        return [*parts, (said, "text")]
    parts.append((neutral(diagnosis.explanation), "text"))
    for item in diagnosis.evidence:
        mark = marker(item, trial.number)
        parts += [("\n– ", "faint"), (neutral(item.text), "muted"), *([(" ", ""), mark] if mark is not None else [])]
    if diagnosis.suggested_params:
        parts += [("\n→ try ", "muted"), (config(diagnosis.suggested_params), "text")]
        parts += [("  ", ""), (f"/suggest {trial.number}", f"link#suggest:{trial.number}")]
    return parts


def _best(model: StudyModel) -> tuple[Part, ...]:
    best = model.best
    if best is None:
        return (("No trial has completed yet.", "text"),)
    metric = model.spec.objective.metric
    return (
        (f"t{best.number}", f"strong#t{best.number}"),
        (f" has the best {metric}, {number(best.value)}: ", "text"),
        (config(best.params), "strong"),
    )


def _standing(model: StudyModel) -> tuple[Part, ...]:
    counted = ", ".join(f"{n} {state}" for state, n in model.counts().items() if n) or "no trials yet"
    standing = model.standing
    parts: list[Part] = [
        (f"The study is {standing.state}: {neutral(standing.reason)}. ", "text"),
        (f"{counted}; ", "text"),
    ]
    parts.append((f"{seconds(standing.spent_seconds)} of trial time. ", "text"))
    return (*parts, *_best(model), (f"\n{neutral(standing.advice)}" if standing.advice else "", "text"))


def _failures(model: StudyModel) -> tuple[Part, ...]:
    failed = [t for t in model.trials.values() if t.state is TrialState.FAILED]
    if not failed:
        return (("No trial has failed.", "text"),)
    parts: list[Part] = [(f"{plural(len(failed), 'trial')} failed: ", "text")]
    for trial in failed[-12:]:
        parts += [(f"t{trial.number}", f"link#t{trial.number}"), (f" {look(trial).word}  ", "muted")]
    return (*parts, ("\nAsk about one of them, for example: why did ", "muted"), (f"{failed[-1].number} fail?", "text"))


def _able() -> tuple[Part, ...]:
    return (
        ("No model is set, so I answer only what the store tells: ", "text"),
        ("why did 17 fail? · which is the best? · how is it going? · what failed?\n", "strong"),
        ("Everything else is a command: / lists them, ", "muted"),
        ("/help", "link#help"),
        (" explains them.", "muted"),
    )
