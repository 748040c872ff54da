"""The lessons that fit a study: by its task, trainer and space, by words, and by meaning where there is a model."""

from __future__ import annotations

from dataclasses import dataclass

from agent.lessons import rows
from agent.lessons.lesson import Lesson
from agent.lessons.library import open_lessons
from agent.lessons.likeness import Profile, fitness, profile
from agent.lessons.search import likeness
from agent.lessons.words import terms
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.aliases import common

_WORDS = 1.5  # weight of how well the words fit
_AGAIN = 0.6  # what one more lesson about the same thing counts for
_UNSAID = 0.85
_REFUTED = 0.2  # trust below which a lesson that studies contradicted is not shown


@dataclass(frozen=True)
class _Scored:
    lesson: Lesson
    score: float


def recall(study: Study, limit: int = 8) -> list[Lesson]:
    """The most fitting first; the same file and study give the same. Raises StoreError for a file that cannot be
    used, TunewrightError for an embedder that cannot."""
    with open_lessons() as store:
        return recall_from(store, profile(study), limit)


def recall_from(store: Store, mine: Profile, limit: int) -> list[Lesson]:
    spoken = likeness(store, mine.words)
    scored = []
    for lesson in rows.all_of(store):
        fit = fitness(lesson, mine)
        if fit is None or (lesson.contradicted > 1 and lesson.trust < _REFUTED):
            continue
        fit += _WORDS * spoken.get(lesson.id, 0.0)
        scored.append(_Scored(lesson, fit * lesson.trust * _met(lesson, mine)))
    return _varied(scored, limit)


def _met(lesson: Lesson, mine: Profile) -> float:
    """Less than 1 where the study says nothing of what else must be so."""
    wanted = terms(lesson.conditions.when)
    return 1.0 if not wanted or set(wanted) & set(terms(mine.words, most=400)) else _UNSAID


def _varied(scored: list[_Scored], limit: int) -> list[Lesson]:
    """The best, each later one on the same subject counting less: eight lessons on one parameter are one."""
    chosen: list[Lesson] = []
    seen: dict[str, int] = {}
    waiting = sorted(scored, key=lambda s: (-s.score, s.lesson.id))
    while waiting and len(chosen) < limit:
        best = max(waiting, key=lambda s: (s.score * _AGAIN ** seen.get(_subject(s.lesson), 0), -s.lesson.id))
        waiting.remove(best)
        chosen.append(best.lesson)
        seen[_subject(best.lesson)] = seen.get(_subject(best.lesson), 0) + 1
    return chosen


def _subject(lesson: Lesson) -> str:
    return common(lesson.subjects[0]) if lesson.subjects else (lesson.claim.kind if lesson.claim else lesson.uid)
