"""Opening store.sqlite: checks first, then migrations, then one connection a thread."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from agent.store.schema import APPLICATION_ID, migrations
from trainers.errors import TunewrightError

BUSY_SECONDS = 30.0


class StoreError(TunewrightError):
    """The store cannot be opened, read or written; says why and what to do."""

    exit_code = 1


class Store:
    """One connection to a store. Not to be shared between threads; open one in each.

    `conn` is in autocommit mode: reads need nothing, writes go through `transaction`.
    """

    def __init__(self, path: Path, conn: sqlite3.Connection) -> None:
        self.path = path
        self.conn = conn
        self.db = Database(conn, execute_plugins=False)
        self._durable: bool | None = None

    @property
    def folder(self) -> Path:
        """Where the store lies; run folders are recorded relative to it."""
        return self.path.parent

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A write transaction, taken at once so that what it reads cannot change under it.

        `durable` waits for the disk (decisions); without it a power cut, not a crash, may lose
        the last commits (metrics, which are still in the run folder). Raises StoreError when the
        disk is full or the file is read-only.
        """
        if durable != self._durable:
            self.conn.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        try:
            self.conn.execute("BEGIN IMMEDIATE")
            yield self.conn
            self.conn.execute("COMMIT")
        except BaseException as error:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and (said := _explain(error, self.path)):
                raise said from error
            raise

    def query(self, sql: str, params: tuple[Any, ...] | dict[str, Any] = ()) -> Iterator[dict[str, Any]]:
        """Rows as dicts. Raises StoreError for a damaged file."""
        try:
            yield from self.db.query(sql, params)
        except sqlite3.DatabaseError as error:
            if said := _explain(error, self.path):
                raise said from error
            raise

    def one(self, sql: str, params: tuple[Any, ...] | dict[str, Any] = ()) -> dict[str, Any] | None:
        return next(iter(self.query(sql, params)), None)

    def version(self) -> int:
        """Changes whenever another connection has written. Cheap enough to ask 50 times a second."""
        return int(self.conn.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self.conn.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(path: str | Path, *, create: bool = True, check: bool = True) -> Store:
    """Opens, checks and where needed migrates the store at `path`.

    `check=False` skips the integrity check, for further connections to a store this process has
    already checked. Raises StoreError when the file is missing (and not `create`), damaged, not a
    store, from a newer version, or cannot be written.
    """
    path = Path(path).absolute()
    if not path.exists():
        if not create:
            raise StoreError(
                f"there is no store at {path}",
                remedy="Run 'tunewright demo' or 'tunewright run' first, or give --store.",
            )
        _create_file(path)
    conn = _connect(path)
    try:
        if check:
            _check_integrity(conn, path)
        _migrate(conn, path)
    except sqlite3.DatabaseError as error:
        conn.close()
        raise (_explain(error, path) or error) from error
    except BaseException:
        conn.close()
        raise
    return Store(path, conn)


def _create_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"cannot make the store ({error.strerror})",
            where=str(path),
            remedy="Use a folder you can write, or give --store.",
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreError("this is not a file", where=str(path), remedy="Give --store the path of a file.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreError(
            "the store or its folder is read-only", where=str(path), remedy="Make both writable, or give --store."
        )
    conn = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    conn.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    return conn


def _check_integrity(conn: sqlite3.Connection, path: Path) -> None:
    """Raises StoreError before anything is written to a file that is damaged or not ours."""
    try:
        # In this order: another process may be making the store, and writes tables and id in one go.
        empty = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        application = conn.execute("PRAGMA application_id").fetchone()[0]
        if not empty and application != APPLICATION_ID:
            raise StoreError(
                "this SQLite file is not a Tunewright store", where=str(path), remedy="Give another --store."
            )
        verdict = conn.execute("PRAGMA integrity_check(3)").fetchall()
    except sqlite3.DatabaseError as error:
        raise (_explain(error, path) or error) from error
    if verdict != [("ok",)]:
        raise _damaged(path, "; ".join(str(row[0]) for row in verdict[:1]))


def _migrate(conn: sqlite3.Connection, path: Path) -> None:
    known = len(migrations.pending(Database(memory=True)))
    version = conn.execute("PRAGMA user_version").fetchone()[0]
    if version > known:
        raise StoreError(
            f"the store has schema {version}, this version of tunewright knows {known}",
            where=str(path),
            remedy="Upgrade tunewright, or give another --store. Nothing was changed.",
        )
    if version == known:
        return
    if version > 0:
        _back_up(conn, path, version)
    _use_wal(conn)
    conn.execute("BEGIN IMMEDIATE")  # two processes may open a new store at once; one migrates
    try:
        if conn.execute("PRAGMA user_version").fetchone()[0] < known:
            migrations.apply(Database(conn, execute_plugins=False))
            conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            conn.execute(f"PRAGMA user_version = {known}")
        conn.execute("COMMIT")
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _use_wal(conn: sqlite3.Connection) -> None:
    """SQLite does not wait for its lock here as it does elsewhere, so we do."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            conn.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _back_up(conn: sqlite3.Connection, path: Path, version: int) -> None:
    """A copy beside the store, made before its schema changes."""
    target = path.with_name(f"{path.name}.v{version}-{time.strftime('%Y%m%d-%H%M%S')}.bak")
    copy = sqlite3.connect(target)
    try:
        conn.backup(copy)
    finally:
        copy.close()
    target.chmod(0o600)


def _damaged(path: Path, detail: str) -> StoreError:
    return StoreError(
        f"the store is damaged ({detail})",
        where=str(path),
        remedy=f"Nothing was written. Restore a .bak file, or try: sqlite3 '{path}' .recover | sqlite3 new.sqlite.",
    )


def _explain(error: sqlite3.DatabaseError, path: Path) -> StoreError | None:
    """SQLite's own words into what a person can act on; None where they need no translation."""
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return _damaged(path, text)
    if "full" in text:
        return StoreError("the disk is full", where=str(path), remedy="Free some space; nothing acknowledged is lost.")
    if "readonly" in text or "unable to open" in text:
        return StoreError(
            f"the store cannot be written ({text})", where=str(path), remedy="Check the folder's permissions."
        )
    if "locked" in text:
        return StoreError(
            f"another program has kept the store locked for {BUSY_SECONDS:g} s",
            where=str(path),
            remedy="Close it and try again.",
        )
    return None
