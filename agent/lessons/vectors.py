"""Lessons by meaning: sentence vectors of a local model, where TUNEWRIGHT_EMBEDDER names its folder."""

from __future__ import annotations

import os

from agent.lessons import rows
from agent.lessons.lesson import Lesson
from agent.store.connection import Store

VARIABLE = "TUNEWRIGHT_EMBEDDER"


def by_meaning(store: Store, text: str, limit: int) -> list[int]:
    """Ids, the nearest first; none without a model. Vectors of lessons are made once and kept in their file.

    Raises TunewrightError for a folder that holds no such model.
    """
    folder = os.environ.get(VARIABLE, "")
    lessons = rows.all_of(store) if folder and text.strip() else []
    if not lessons:
        return []
    import numpy as np

    from agent.llm.embedder import embedder

    model = embedder(folder)
    known = _kept(store, model.name)
    missing = [lesson for lesson in lessons if known.get(lesson.id, ("", b""))[0] != lesson.text]
    vectors = model.embed([_searched(lesson) for lesson in missing])
    fresh = {lesson.id: vector.tobytes() for lesson, vector in zip(missing, vectors, strict=True)}
    _keep(store, model.name, missing, fresh)
    bytes_of = {i: vector for i, (_, vector) in known.items()} | fresh
    matrix = np.stack([np.frombuffer(bytes_of[lesson.id], dtype=np.float32) for lesson in lessons])
    near = matrix @ model.embed([text])[0]
    order = sorted(range(len(lessons)), key=lambda i: (-float(near[i]), lessons[i].id))
    return [lessons[i].id for i in order[:limit]]


def _searched(lesson: Lesson) -> str:
    return ". ".join(part for part in (lesson.text, lesson.conditions.when, lesson.conditions.about) if part)


def _kept(store: Store, model: str) -> dict[int, tuple[str, bytes]]:
    found = store.rows("SELECT lesson_id, text, vector FROM embedding WHERE model = ?", (model,))
    return {i: (text, vector) for i, text, vector in found}


def _keep(store: Store, model: str, lessons: list[Lesson], vectors: dict[int, bytes]) -> None:
    if not lessons:
        return
    sql = "INSERT OR REPLACE INTO embedding (lesson_id, model, text, vector) VALUES (?, ?, ?, ?)"
    with store.transaction(durable=False) as conn:
        conn.executemany(sql, [(lesson.id, model, lesson.text, vectors[lesson.id]) for lesson in lessons])
