"""The tables of lessons.sqlite, as migrations. Append; never edit one that has shipped."""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.db import Table
from sqlite_utils.migrations import Migrations

from agent.store.kind import Kind

migrations = Migrations("tunewright-lessons")

_LIBRARY = """
CREATE TABLE lesson (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '',
    confidence REAL NOT NULL,
    created REAL NOT NULL,
    changed REAL NOT NULL,
    edited INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0,
    contradicted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE verdict (
    lesson_id INTEGER NOT NULL REFERENCES lesson(id),
    study TEXT NOT NULL,
    holds INTEGER NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (lesson_id, study)
);
CREATE TABLE learnt (
    study TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE TABLE embedding (
    lesson_id INTEGER PRIMARY KEY REFERENCES lesson(id),
    model TEXT NOT NULL,
    text TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE TABLE shipped (
    version TEXT NOT NULL
);
"""


@migrations()
def m001_library(db: Database) -> None:
    """Lessons, what later studies said of them, which studies were learnt from, vectors of texts; the full text."""
    for statement in _LIBRARY.split(";"):
        if statement.strip():
            db.execute(statement)
    lessons = db["lesson"]
    assert isinstance(lessons, Table)
    lessons.enable_fts(["text", "words"], create_triggers=True, tokenize="porter unicode61 remove_diacritics 2")


LESSONS = Kind(0x5455_4E4C, migrations, "lessons file", "set TUNEWRIGHT_LESSONS to another path")  # "TUNL"
