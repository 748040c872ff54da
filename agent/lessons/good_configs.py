"""The configs that did best in a study, kept for a similar one to begin with."""

from __future__ import annotations

from collections.abc import Iterator

from agent.digest.text import number, plural, shorten, value
from agent.importance import ENOUGH, importances
from agent.lessons.facts import Facts
from agent.lessons.lesson import GoodConfig, Lesson, LessonEvidence, LessonSource, Portfolio
from agent.lessons.rules import defaults_hold
from agent.lessons.wire import uid_of
from agent.study.nouns import Trial

_MOST = 4
_APART = 0.08  # SearchSpace.distance within which a second config would say the same again
_WITHOUT = 2  # configs kept where nothing is known of the noise: the best, and the runner-up
_NAMED = 4  # parameters that the sentence names
_CONFIDENCE = 0.7


def good_configs(facts: Facts) -> Iterator[Lesson]:
    """One lesson, where the study shows more than chance: some parameter matters, or the best beats the defaults."""
    if len(facts.completed) < ENOUGH or not _shows_something(facts):
        return
    kept = _kept(facts)
    weights = importances(facts.trials, facts.study.spec.space, facts.objective)
    yield Lesson(
        uid=uid_of(facts.key, "portfolio"),
        text=_text(facts, kept, list(weights)),
        source=LessonSource.RULES,
        subjects=tuple(list(weights or kept[0].params)[:_NAMED]),
        conditions=facts.held,
        portfolio=Portfolio(
            configs=tuple(GoodConfig(params=t.params, told=_told(facts, t)) for t in kept),
            weights={name: round(share, 3) for name, share in weights.items()},
        ),
        evidence=(LessonEvidence(study=facts.study.name, trials=tuple(t.number for t in kept), key=facts.key),),
        confidence=_CONFIDENCE,
        tags=("portfolio", "first configs"),
    )


def _shows_something(facts: Facts) -> bool:
    return not facts.indifferent and (any(e.matters for e in facts.effects) or defaults_hold(facts) is False)


def _kept(facts: Facts) -> list[Trial]:
    """The best, and what cannot be told from it, as far as it is another config and not a neighbour."""
    best, space = facts.ranking[0], facts.study.spec.space
    kept = [best]
    for trial in facts.ranking[1:]:
        limit = facts.noise.between(best.runs, trial.runs)
        apart = abs((trial.value or 0.0) - (best.value or 0.0))
        if len(kept) >= (_WITHOUT if limit is None else _MOST) or (limit is not None and apart > limit):
            break
        if all(space.distance(trial.params, other.params) > _APART for other in kept):
            kept.append(trial)
    return kept


def _told(facts: Facts, trial: Trial) -> str:
    came = f"{facts.objective.metric} {number(trial.value or 0.0)} in study {shorten(facts.study.name, 40)}"
    if trial is facts.ranking[0]:
        return f"{came}, the best of {plural(len(facts.completed), 'config')}"
    return f"{came}, not told from its best" if facts.noise.limit is not None else f"{came}, close to its best"


def _text(facts: Facts, kept: list[Trial], weights: list[str]) -> str:
    names = [name for name in weights or kept[0].params if name in kept[0].params][:_NAMED]
    values = ", ".join(f"{name} {value(kept[0].params[name])}" for name in names)
    where = " ".join(part for part in (facts.held.trainer, facts.held.task) if part)
    others = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
    count = plural(sum(t.state.ended for t in facts.trials), "trial")
    return (
        f"The best config had {values}: {facts.objective.metric} {number(kept[0].value or 0.0)}. A similar study begins"
        f" with it{others} ({where}, {count})."
    )
