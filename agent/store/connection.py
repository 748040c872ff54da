"""Opening store.sqlite: checks first, then migrations, then one connection a thread."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlite_utils import Database

from agent.store import errors
from agent.store.errors import StoreError, damaged, explain
from agent.store.kind import STORE, Kind

__all__ = ["Store", "StoreError", "open_store"]


class Store:
    """One connection to a store. Not to be shared between threads; open one in each.

    `conn` is in autocommit mode: reads need nothing, writes go through `transaction`.
    """

    def __init__(self, path: Path, conn: sqlite3.Connection, kind: Kind = STORE) -> None:
        self.path, self.kind = path, kind
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
        assert not self.conn.in_transaction, "transactions do not nest"
        try:
            if durable != self._durable:
                self.conn.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self.conn.execute("BEGIN IMMEDIATE")
            yield self.conn
            self.conn.execute("COMMIT")
        except BaseException as error:  # an interrupt too must leave no transaction open; it goes on to the caller
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and (said := explain(error, self.path, self.kind)):
                raise said from error
            raise

    def query(self, sql: str, params: tuple[Any, ...] | dict[str, Any] = ()) -> list[dict[str, Any]]:
        """Rows as dicts, all of them: a cursor left open would keep its snapshot, and the next write would
        find it out of date. Raises StoreError for a damaged file."""
        with self._explained():
            return list(self.db.query(sql, params))

    def rows(self, sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Rows as tuples, for what is read by the thousand. Raises StoreError for a damaged file."""
        with self._explained():
            return self.conn.execute(sql, params).fetchall()

    def one(self, sql: str, params: tuple[Any, ...] | dict[str, Any] = ()) -> dict[str, Any] | None:
        return next(iter(self.query(sql, params)), None)

    def version(self) -> int:
        """Changes whenever another connection has written. Cheap enough to ask 50 times a second."""
        return int(self.rows("PRAGMA data_version")[0][0])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if said := explain(error, self.path, self.kind):
                raise said from error
            raise

    def close(self) -> None:
        self.conn.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(path: str | Path, *, create: bool = True, check: bool = True, kind: Kind = STORE) -> Store:
    """Opens, checks and where needed migrates the store at `path`, or another `kind` of file that is ours.

    `check=False` skips the integrity check, for further connections to a store this process has
    already checked. Raises StoreError when the file is missing (and not `create`), damaged, not a
    store, from a newer version, or cannot be written.
    """
    path = Path(path).absolute()
    if not os.path.lexists(path):
        if not create:
            raise StoreError(
                f"there is no {kind.noun} at {path}",
                remedy=f"Run 'tunewright demo' or 'tunewright run' first, or {kind.elsewhere}.",
            )
        _create_file(path, kind)
    _require_writable(path, kind)
    try:
        if check:
            _check_untouched(path, kind)
        conn = _connect(path)
        try:
            _migrate(conn, path, kind)
        except BaseException:  # whatever it is, the connection is not left open; it goes on to the caller
            conn.close()
            raise
    except sqlite3.DatabaseError as error:
        raise (explain(error, path, kind) or error) from error
    return Store(path, conn, kind)


def _create_file(path: Path, kind: Kind) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"cannot make the {kind.noun} ({error.strerror})",
            where=str(path),
            remedy=f"Use a folder you can write, or {kind.elsewhere}.",
        ) from error


def _require_writable(path: Path, kind: Kind) -> None:
    if not os.path.isfile(path):
        raise StoreError("this is not a file", where=str(path), remedy=kind.another)
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        remedy = f"Make both writable, or {kind.elsewhere}."
        raise StoreError(f"the {kind.noun} or its folder is read-only", where=str(path), remedy=remedy)


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path))}?mode={'ro' if read_only else 'rw'}"
    return sqlite3.connect(uri, uri=True, timeout=errors.BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _check_untouched(path: Path, kind: Kind) -> None:
    """Read-only, so that closing it does not write what a crash left in the log to a damaged file."""
    try:
        with closing(_connect(path, read_only=True)) as reader:
            return _check(reader, path, kind)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
    # Whoever made the store was killed at it; only a writer may undo the half that there is.
    with closing(_connect(path)) as writer:
        return _check(writer, path, kind)


def _check(conn: sqlite3.Connection, path: Path, kind: Kind) -> None:
    """Raises StoreError for a file that is damaged, not ours or from a newer version."""
    # In this order: another process may be making the store, and writes tables and id in one go.
    empty = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    application = conn.execute("PRAGMA application_id").fetchone()[0]
    if not empty and application != kind.application_id:
        what = f"this SQLite file is not a Tunewright {kind.noun}"
        raise StoreError(what, where=str(path), remedy=kind.another)
    _refuse_newer(conn, path, kind)
    verdict = conn.execute("PRAGMA integrity_check(3)").fetchall()
    if verdict != [("ok",)]:
        raise damaged(path, "; ".join(str(row[0]) for row in verdict[:1]), kind)


def _version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def _known(kind: Kind) -> int:
    return len(kind.migrations.pending(Database(memory=True)))


def _refuse_newer(conn: sqlite3.Connection, path: Path, kind: Kind) -> None:
    if _version(conn) > _known(kind):
        raise StoreError(
            f"the {kind.noun} has schema {_version(conn)}, this version of tunewright knows {_known(kind)}",
            where=str(path),
            remedy=f"Upgrade tunewright, or {kind.elsewhere}. Nothing was changed.",
        )


def _migrate(conn: sqlite3.Connection, path: Path, kind: Kind) -> None:
    """All that is missing in one transaction: two processes may open a new store at once; one migrates."""
    _refuse_newer(conn, path, kind)
    if _version(conn) == (known := _known(kind)):
        return
    _use_wal(conn)
    conn.execute("BEGIN IMMEDIATE")
    try:
        if 0 < (version := _version(conn)) < known:
            _back_up(path, version)
        if version < known:
            kind.migrations.apply(Database(conn, execute_plugins=False))
            conn.execute(f"PRAGMA application_id = {kind.application_id}")
            conn.execute(f"PRAGMA user_version = {known}")
        conn.execute("COMMIT")
    except BaseException:  # an interrupt too must leave the file as it was; it goes on to the caller
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise


def _use_wal(conn: sqlite3.Connection) -> None:
    """SQLite does not wait for its lock here as it does elsewhere, so we do."""
    until = time.monotonic() + errors.BUSY_SECONDS
    while True:
        try:
            conn.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _back_up(path: Path, version: int) -> None:
    """A copy beside the store, made before its schema changes. Whole, or not there."""
    target = path.with_name(f"{path.name}.v{version}-{time.strftime('%Y%m%d-%H%M%S')}.bak")
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(_connect(path, read_only=True)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
