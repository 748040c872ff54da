"""The lessons that come with Tunewright: read from shipped.toml, and portfolios.toml, into the file of lessons, once a
version of them."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from agent.lessons import rows
from agent.lessons.lesson import Lesson, LessonSource
from agent.lessons.wire import trusted
from agent.store.connection import Store

_PATHS = [Path(__file__).with_name(name) for name in ("shipped.toml", "portfolios.toml")]
_CONDITIONS = ("trainer", "task", "families", "metric", "parameters", "when")


@cache
def _source() -> bytes:
    return b"\n".join(path.read_bytes() for path in _PATHS)


def shipped() -> list[Lesson]:
    """In the order of the files."""
    return [_lesson(key, table) for key, table in tomllib.loads(_source().decode("utf-8")).items()]


def _lesson(key: str, table: dict[str, Any]) -> Lesson:
    held = {name: table.pop(name) for name in _CONDITIONS if name in table}
    return trusted({"uid": f"shipped:{key}", "source": LessonSource.SHIPPED, "conditions": held, **table})


def bring_up_to_date(store: Store) -> None:
    """Writes what this version ships unless it is there already. What a person edited or deleted stays so; what is
    no longer shipped goes, unless a person edited it."""
    version = hashlib.sha256(_source()).hexdigest()[:16]
    if store.one("SELECT version FROM shipped WHERE version = ?", (version,)):
        return
    with store.transaction() as conn:
        ours = shipped()
        for lesson in ours:
            _renew(store, lesson)
        gone = f"source = 'shipped' AND NOT edited AND uid NOT IN ({','.join('?' * len(ours))})"
        uids = tuple(lesson.uid for lesson in ours)
        for table in ("verdict", "embedding"):
            conn.execute(f"DELETE FROM {table} WHERE lesson_id IN (SELECT id FROM lesson WHERE {gone})", uids)
        conn.execute(f"DELETE FROM lesson WHERE {gone}", uids)
        conn.execute("DELETE FROM shipped")
        conn.execute("INSERT INTO shipped (version) VALUES (?)", (version,))


def _renew(store: Store, lesson: Lesson) -> None:
    old = rows.by_uid(store, lesson.uid)
    if rows.was_deleted(store, lesson.uid) or (old is not None and old.edited):
        return
    rows.put(store, lesson if old is None else rows.counted_as(lesson, old))
