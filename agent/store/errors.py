"""SQLite's own codes as something a person can act on."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from agent.store.kind import STORE, Kind
from trainers.errors import TunewrightError

BUSY_SECONDS = 30.0


class StoreError(TunewrightError):
    """The store cannot be opened, read or written; says why and what to do."""

    exit_code = 1


def explain(error: sqlite3.DatabaseError, path: Path, kind: Kind = STORE) -> StoreError | None:
    """None where the code tells of a fault of ours."""
    text, where = str(error), str(path)
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the primary code
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path, text, kind)
        case sqlite3.SQLITE_FULL:
            return _full(where)
        case sqlite3.SQLITE_IOERR:  # SQLite says so, too, when there is no space for the index of its log
            return _full(where) if _is_full(path) else StoreError(f"the disk does not answer ({text})", where=where)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            remedy = "Check the folder's permissions."
            return StoreError(f"the {kind.noun} cannot be written ({text})", where=where, remedy=remedy)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            what = f"another program has kept the {kind.noun} locked for {BUSY_SECONDS:g} s"
            return StoreError(what, where=where, remedy="Close it and try again.")
    return None


def damaged(path: Path, detail: str, kind: Kind) -> StoreError:
    return StoreError(
        f"the {kind.noun} is damaged ({detail})",
        where=str(path),
        remedy=f"Nothing was written. Restore a .bak file, or try: sqlite3 '{path}' .recover | sqlite3 new.sqlite.",
    )


def _full(where: str) -> StoreError:
    return StoreError("the disk is full", where=where, remedy="Free some space; nothing acknowledged is lost.")


def _is_full(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < 1 << 20
