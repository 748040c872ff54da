"""Whether what a lesson claims holds in a study: confirmed, contradicted, or not for this study to say."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator

from agent.lessons.facts import Facts
from agent.lessons.lesson import Claim, ClaimKind, Lesson, LessonSource
from agent.lessons.likeness import Profile, fitness, task_likeness
from agent.lessons.rules import defaults_hold
from agent.study.aliases import common
from agent.study.nouns import Trial
from trainers.dimension import is_number

_SAME_TASK = 0.6  # likeness from which a study may contradict what another one found
_FAILING, _FINE = 0.6, 0.1  # shares of failures that confirm or contradict that a region fails
_FEW = 3  # trials
_DECADE = 10
_COVERED = 0.5  # of the narrower of two ranges


def verdicts(lessons: Iterable[Lesson], facts: Facts, mine: Profile) -> Iterator[tuple[Lesson, bool]]:
    """What the study says of the lessons that it can be held against. A study does not confirm itself, and what
    holds under a condition that only words state is nothing to count."""
    for lesson in lessons:
        if lesson.claim is None or any(one.key == facts.key for one in lesson.evidence):
            continue
        shipped = lesson.source is LessonSource.SHIPPED
        if (shipped and lesson.conditions.when) or fitness(lesson, mine) is None:
            continue
        if not shipped and task_likeness(lesson.conditions, mine.held) < _SAME_TASK:
            continue
        found = holds(lesson.claim, facts)
        if found is not None:
            yield lesson, found


def holds(claim: Claim, facts: Facts) -> bool | None:
    match claim.kind:
        case ClaimKind.RANGE | ClaimKind.CHOICE | ClaimKind.WORST | ClaimKind.FLAT:
            return _effect(claim, facts)
        case ClaimKind.FAILS:
            return _fails(claim, facts)
        case ClaimKind.REMEDY:
            return _remedy(claim, facts)
        case ClaimKind.INDIFFERENT:
            return True if facts.indifferent else False if any(e.matters for e in facts.effects) else None
        case ClaimKind.DEFAULTS:
            return defaults_hold(facts)
    return _seconds(claim, facts)


def _seconds(claim: Claim, facts: Facts) -> bool | None:
    """How long a trial takes depends on the machine, so that another figure contradicts nothing."""
    took = [t.seconds for t in facts.completed if t.seconds is not None]
    if not took or claim.low is None or claim.high is None:
        return None
    return True if claim.low / 2 <= statistics.median(took) <= 2 * claim.high else None


def _effect(claim: Claim, facts: Facts) -> bool | None:
    effect = facts.by_name.get(common(claim.parameter))
    if effect is None:
        return None
    if claim.kind is ClaimKind.FLAT:
        return not effect.matters
    if not effect.matters or effect.inside is None:
        return None
    if claim.kind is ClaimKind.RANGE:
        if effect.low is None or effect.high is None or claim.low is None or claim.high is None:
            return None
        return _ranges(claim.low, claim.high, effect.low, effect.high)
    if (claim.kind is ClaimKind.WORST) == effect.worst:
        return effect.choice == claim.choice
    return False if effect.choice == claim.choice else None


def _ranges(low: float, high: float, other_low: float, other_high: float) -> bool | None:
    """Apart they contradict each other; they agree where they share a good part of the narrower one, on a log scale
    where either spans more than a decade."""
    if min(low, other_low) > 0 and max(high / low, other_high / other_low) > _DECADE:
        low, high, other_low, other_high = (math.log(x) for x in (low, high, other_low, other_high))
    shared = min(high, other_high) - max(low, other_low)
    if shared < 0:
        return False
    narrow = min(high - low, other_high - other_low)
    return True if narrow == 0 or shared >= _COVERED * narrow else None


def _fails(claim: Claim, facts: Facts) -> bool | None:
    inside = [why for trial, why in facts.judged if within(claim, trial)]
    if len(inside) < _FEW:
        return None
    share = sum(bool(why) for why in inside) / len(inside)
    return True if share >= _FAILING else False if share <= _FINE else None


def within(claim: Claim, trial: Trial) -> bool:
    for name, value in trial.params.items():
        if common(name) != common(claim.parameter):
            continue
        if claim.low is None and claim.high is None:
            return bool(value == claim.choice)
        if is_number(value):
            above = claim.low is None or value >= claim.low
            return above and (claim.high is None or value <= claim.high)
    return False


def _remedy(claim: Claim, facts: Facts) -> bool | None:
    cases = [
        remedy.helped
        for remedy in facts.remedies
        if remedy.verdict == claim.choice and common(claim.parameter) in map(common, remedy.changed)
    ]
    return None if not cases else sum(cases) * 2 >= len(cases)
