"""The chat of a study. A turn that is being written grows in place; screens read it by cursor."""

from __future__ import annotations

import os
import time

from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.nouns import Turn, TurnState
from trainers import processes
from trainers.errors import TunewrightError

_STANDING = " AND state != 'undone'"
_NEVER = 2**62  # beyond every id
_COLUMNS = "id, study_id, at, role, text, state, model, note"


def add(
    store: Store, study_id: int, role: str, text: str, *, state: TurnState = TurnState.WHOLE, model: str = ""
) -> int:
    """Adds a turn and returns its id. One in state WRITING belongs to this process until it is settled."""
    writer = f"{os.getpid()}:{processes.mark_of(os.getpid()) or ''}" if state is TurnState.WRITING else ""
    with store.transaction(durable=state is not TurnState.WRITING) as conn:
        cursor = conn.execute(
            "INSERT INTO turn (study_id, at, role, text, state, model, writer) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (study_id, time.time(), role, text, str(state), model, writer),
        )
    return int(cursor.lastrowid or 0)


def write(store: Store, turn_id: int, text: str, *, state: TurnState = TurnState.WRITING, note: str = "") -> None:
    """Replaces the text so far; any state but WRITING settles the turn."""
    with store.transaction(durable=state is not TurnState.WRITING) as conn:
        conn.execute("UPDATE turn SET text = ?, state = ?, note = ? WHERE id = ?", (text, str(state), note, turn_id))


def get(store: Store, turn_id: int) -> Turn | None:
    row = store.one(f"SELECT {_COLUMNS} FROM turn WHERE id = ?", (turn_id,))
    return None if row is None else Turn(**{**row, "state": TurnState(row["state"])})


def written_by(store: Store, study_id: int, pid: int) -> Turn | None:
    """The newest turn of the study that this process has written, or is writing."""
    sql = f"SELECT {_COLUMNS} FROM turn WHERE study_id = ? AND writer LIKE ? ORDER BY id DESC LIMIT 1"
    row = store.one(sql, (study_id, f"{pid}:%"))
    return None if row is None else Turn(**{**row, "state": TurnState(row["state"])})


def since(store: Store, study_id: int, first: int, limit: int = 1_000) -> list[Turn]:
    """Turns with `id >= first`, oldest first. A reader asks from the oldest turn it knows to be WRITING."""
    sql = f"SELECT {_COLUMNS} FROM turn WHERE study_id = ? AND id >= ? ORDER BY id LIMIT ?"
    rows = store.query(sql, (study_id, first, limit))
    return [Turn(**{**row, "state": TurnState(row["state"])}) for row in rows]


def last(store: Store, study_id: int, count: int, *, before: int | None = None, undone: bool = True) -> list[Turn]:
    """The newest `count` turns, oldest first: those with an id less than `before`; without those that were taken back
    unless `undone`."""
    which = "study_id = ? AND id < ?" + ("" if undone else _STANDING)
    sql = f"SELECT {_COLUMNS} FROM turn WHERE {which} ORDER BY id DESC LIMIT ?"
    rows = store.query(sql, (study_id, _NEVER if before is None else before, count))
    return [Turn(**{**row, "state": TurnState(row["state"])}) for row in reversed(rows)]


def undo(store: Store, study_id: int, first: int) -> None:
    """Takes turn `first` and all after it back: they stay, and are no part of what follows. Raises TunewrightError
    while one of them is being written."""
    with store.transaction() as conn:
        sql = "SELECT count(*) FROM turn WHERE study_id = ? AND id >= ? AND state = 'writing'"
        if conn.execute(sql, (study_id, first)).fetchone()[0]:
            raise TunewrightError("an answer is being written", remedy="Interrupt it first, then take it back.")
        conn.execute("UPDATE turn SET state = 'undone' WHERE study_id = ? AND id >= ?", (study_id, first))
        events.record(store, study_id, EventKind.REWOUND, first=first)


def rewind(store: Store, study_id: int, count: int) -> Turn:
    """Takes the last `count` questions back, with all that followed; the first of them. Raises TunewrightError where
    there are not as many."""
    which = f"study_id = ? AND role = 'person'{_STANDING}"
    rows = store.query(f"SELECT {_COLUMNS} FROM turn WHERE {which} ORDER BY id DESC LIMIT ?", (study_id, count))
    if len(rows) < count:
        raise TunewrightError(f"{len(rows)} of your questions can be taken back, not {count}")
    first = Turn(**{**rows[-1], "state": TurnState(rows[-1]["state"])})
    undo(store, study_id, first.id)
    return first


def cut_orphans(store: Store, study_id: int) -> int:
    """Marks turns whose writer is gone as CUT; returns how many."""
    rows = store.query("SELECT id, writer FROM turn WHERE study_id = ? AND state = 'writing'", (study_id,))
    gone = [row["id"] for row in rows if not _alive(row["writer"])]
    if gone:
        with store.transaction() as conn:
            conn.executemany("UPDATE turn SET state = 'cut', note = 'interrupted' WHERE id = ?", [(i,) for i in gone])
    return len(gone)


def _alive(writer: str) -> bool:
    pid, _, mark = writer.partition(":")
    return pid.isdigit() and processes.is_alive(int(pid), mark or None)
