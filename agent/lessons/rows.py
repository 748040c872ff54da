"""Lessons in their file: plain functions over one SQLite file, opened by agent.lessons.library."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from agent.lessons.lesson import Lesson
from agent.lessons.wire import body, checked, trusted
from agent.lessons.words import words
from agent.redaction import redact
from agent.store.connection import Store
from trainers.errors import TunewrightError

_COUNTED = "uid, text, source, confidence, created, changed, edited, used, confirmed, contradicted"
_COLUMNS = f"id, body, {_COUNTED}"


def _lesson(row: dict[str, Any]) -> Lesson:
    return trusted({**json.loads(row.pop("body")), **row, "edited": bool(row["edited"])})


def _values(lesson: Lesson) -> dict[str, Any]:
    now = time.time()
    return {
        "uid": lesson.uid,
        "text": lesson.text,
        "source": str(lesson.source),
        "body": body(lesson),
        "words": words(lesson),
        "confidence": lesson.confidence,
        "created": lesson.created or now,
        "changed": lesson.changed or now,
        "edited": int(lesson.edited),
        "used": lesson.used,
        "confirmed": lesson.confirmed,
        "contradicted": lesson.contradicted,
    }


def put(store: Store, lesson: Lesson) -> int:
    """Inside a transaction: stores a lesson under its uid, in place of what stood there. Returns its number."""
    values = {**_values(lesson), "deleted": 0}
    updates = ", ".join(f"{name} = excluded.{name}" for name in values if name not in ("uid", "created"))
    sql = f"INSERT INTO lesson ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
    found = store.conn.execute(f"{sql} ON CONFLICT (uid) DO UPDATE SET {updates} RETURNING id", tuple(values.values()))
    return int(found.fetchone()[0])


def all_of(store: Store) -> list[Lesson]:
    """Oldest first, those that were deleted left out."""
    return [_lesson(row) for row in store.query(f"SELECT {_COLUMNS} FROM lesson WHERE NOT deleted ORDER BY id")]


def get(store: Store, lesson_id: int) -> Lesson:
    """Raises TunewrightError where there is none of that number."""
    row = store.one(f"SELECT {_COLUMNS} FROM lesson WHERE id = ? AND NOT deleted", (lesson_id,))
    if row is None:
        remedy = "'tunewright lessons' lists them."
        raise TunewrightError(f"there is no lesson {lesson_id}", where=str(store.path), remedy=remedy)
    return _lesson(row)


def by_uid(store: Store, uid: str) -> Lesson | None:
    row = store.one(f"SELECT {_COLUMNS} FROM lesson WHERE uid = ? AND NOT deleted", (uid,))
    return None if row is None else _lesson(row)


def was_deleted(store: Store, uid: str) -> bool:
    return store.one("SELECT 1 AS found FROM lesson WHERE uid = ? AND deleted", (uid,)) is not None


def counted_as(lesson: Lesson, old: Lesson) -> Lesson:
    """The lesson with the age and the counts of the one it stands in for."""
    return replace(lesson, created=old.created, used=old.used, confirmed=old.confirmed, contradicted=old.contradicted)


def delete(store: Store, lesson: Lesson) -> None:
    """It is kept as deleted, so that neither its study nor the next version writes it again."""
    with store.transaction() as conn:
        conn.execute("UPDATE lesson SET deleted = 1, changed = ? WHERE id = ?", (time.time(), lesson.id))


def edit(store: Store, lesson_id: int, **changes: Any) -> Lesson:
    """A person's change; later studies no longer rewrite the text. Raises TunewrightError for what no lesson is."""
    if "text" in changes:
        changes["text"] = redact(changes["text"])
    with store.transaction():
        lesson = checked(replace(get(store, lesson_id), **changes, edited=True, changed=time.time()))
        put(store, lesson)
    return lesson


def mark_used(store: Store, ids: Collection[int]) -> None:
    """Counts that a proposal rested on them."""
    with store.transaction(durable=False) as conn:
        conn.executemany("UPDATE lesson SET used = used + 1 WHERE id = ?", [(i,) for i in set(ids)])


def judge(store: Store, verdicts: Iterable[tuple[Lesson, bool]], study: str) -> None:
    """Inside a transaction: counts what a study says of lessons, once a study; a later look at it replaces the
    earlier one."""
    for lesson, holds in verdicts:
        key = (lesson.id, study)
        row = store.conn.execute("SELECT holds FROM verdict WHERE lesson_id = ? AND study = ?", key).fetchone()
        before = None if row is None else bool(row[0])
        if before is holds:
            continue
        store.conn.execute("INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?)", (*key, int(holds), time.time()))
        store.conn.execute(
            "UPDATE lesson SET confirmed = confirmed + ?, contradicted = contradicted + ? WHERE id = ?",
            (int(holds) - int(before is True), int(not holds) - int(before is False), lesson.id),
        )


def drop(store: Store, lesson: Lesson) -> None:
    """Inside a transaction: takes it out for good; it may be written again."""
    for table in ("verdict", "embedding"):
        store.conn.execute(f"DELETE FROM {table} WHERE lesson_id = ?", (lesson.id,))
    store.conn.execute("DELETE FROM lesson WHERE id = ?", (lesson.id,))
