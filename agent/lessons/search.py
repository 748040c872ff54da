"""Lessons by what they say: full text, and meaning where there is a model for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.lessons import rows
from agent.lessons.lesson import Lesson
from agent.lessons.vectors import by_meaning
from agent.lessons.words import match
from agent.store.connection import Store

_LOOKED_AT = 200  # hits of either kind
_SMOOTH = 10  # of reciprocal rank fusion (Cormack et al. 2009, who took 60 for lists of thousands)


def search(store: Store, text: str, limit: int = 20) -> list[Lesson]:
    """The most fitting first. Where no word is found whole, those whose text holds `text` as it stands: writing
    without spaces has no words to an index."""
    known = {lesson.id: lesson for lesson in rows.all_of(store)}
    scores = likeness(store, text)
    if not scores and text.strip():
        needle = text.strip().lower()
        return [lesson for lesson in known.values() if needle in lesson.text.lower()][:limit]
    ordered = sorted(scores, key=lambda i: (-scores[i], i))
    return [known[i] for i in ordered if i in known][:limit]


def likeness(store: Store, text: str) -> dict[int, float]:
    """How well lessons fit `text`, by id, the best at most 1. Ranks by full text and by meaning count alike."""
    rankings = [ranking for ranking in (_by_words(store, text), by_meaning(store, text, _LOOKED_AT)) if ranking]
    return fused(rankings)


def fused(rankings: Sequence[Iterable[int]]) -> dict[int, float]:
    """Reciprocal rank fusion: what is near the top of every list comes first; 1 for the first of all lists."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, found in enumerate(ranking):
            scores[found] = scores.get(found, 0.0) + _SMOOTH / (_SMOOTH + rank) / len(rankings)
    return scores


def _by_words(store: Store, text: str) -> list[int]:
    """Ids by bm25; what stands in the text itself counts twice what stands in the conditions."""
    expression = match(text)
    if not expression:
        return []
    sql = """SELECT lesson.id FROM lesson_fts JOIN lesson ON lesson.id = lesson_fts.rowid
             WHERE lesson_fts MATCH ? AND NOT deleted ORDER BY bm25(lesson_fts, 2.0, 1.0), lesson.id LIMIT ?"""
    return [row[0] for row in store.rows(sql, (expression, _LOOKED_AT))]
