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
        assert not self.conn.in_transaction, "transactions do not nest"
        try:
            if durable != self._durable:
                self.conn.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            self.conn.execute("BEGIN IMMEDIATE")
            yield self.conn
            self.conn.execute("COMMIT")
        except BaseException as error:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError) and (said := explain(error, self.path)):
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
            if said := explain(error, self.path):
                raise said from error
            raise

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
    if not os.path.lexists(path):
        if not create:
            raise StoreError(
                f"there is no store at {path}",
                remedy="Run 'tunewright demo' or 'tunewright run' first, or give --store.",
            )
        _create_file(path)
    _require_writable(path)
    try:
        if check:
            _check_untouched(path)
        conn = _connect(path)
        try:
            _migrate(conn, path)
        except BaseException:
            conn.close()
            raise
    except sqlite3.DatabaseError as error:
        raise (explain(error, path) or error) from error
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


def _require_writable(path: Path) -> None:
    if not os.path.isfile(path):
        raise StoreError("this is not a file", where=str(path), remedy="Give --store the path of a file.")
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise StoreError(
            "the store or its folder is read-only", where=str(path), remedy="Make both writable, or give --store."
        )


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(path))}?mode={'ro' if read_only else 'rw'}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _check_untouched(path: Path) -> None:
    """Read-only, so that closing it does not write what a crash left in the log to a damaged file."""
    try:
        with closing(_connect(path, read_only=True)) as reader:
            return _check(reader, path)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
    # Whoever made the store was killed at it; only a writer may undo the half that there is.
    with closing(_connect(path)) as writer:
        return _check(writer, path)


def _check(conn: sqlite3.Connection, path: Path) -> None:
    """Raises StoreError for a file that is damaged, not ours or from a newer version."""
    # In this order: another process may be making the store, and writes tables and id in one go.
    empty = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    application = conn.execute("PRAGMA application_id").fetchone()[0]
    if not empty and application != APPLICATION_ID:
        raise StoreError("this SQLite file is not a Tunewright store", where=str(path), remedy="Give another --store.")
    _refuse_newer(conn, path)
    verdict = conn.execute("PRAGMA integrity_check(3)").fetchall()
    if verdict != [("ok",)]:
        raise _damaged(path, "; ".join(str(row[0]) for row in verdict[:1]))


def _version(conn: sqlite3.Connection) -> int:
    return int(conn.execute("PRAGMA user_version").fetchone()[0])


def _known() -> int:
    return len(migrations.pending(Database(memory=True)))


def _refuse_newer(conn: sqlite3.Connection, path: Path) -> None:
    if _version(conn) > _known():
        raise StoreError(
            f"the store has schema {_version(conn)}, this version of tunewright knows {_known()}",
            where=str(path),
            remedy="Upgrade tunewright, or give another --store. Nothing was changed.",
        )


def _migrate(conn: sqlite3.Connection, path: Path) -> None:
    """All that is missing in one transaction: two processes may open a new store at once; one migrates."""
    _refuse_newer(conn, path)
    if _version(conn) == (known := _known()):
        return
    _use_wal(conn)
    conn.execute("BEGIN IMMEDIATE")
    try:
        if 0 < (version := _version(conn)) < known:
            _back_up(path, version)
        if version < known:
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


def _damaged(path: Path, detail: str) -> StoreError:
    return StoreError(
        f"the store is damaged ({detail})",
        where=str(path),
        remedy=f"Nothing was written. Restore a .bak file, or try: sqlite3 '{path}' .recover | sqlite3 new.sqlite.",
    )


def explain(error: sqlite3.DatabaseError, path: Path) -> StoreError | None:
    """SQLite's own codes into what a person can act on; None where they tell of a fault of ours."""
    text, where = str(error), str(path)
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:  # the primary code
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(path, text)
        case sqlite3.SQLITE_FULL:
            return _full(where)
        case sqlite3.SQLITE_IOERR:  # SQLite says so, too, when there is no space for the index of its log
            return _full(where) if _is_full(path) else StoreError(f"the disk does not answer ({text})", where=where)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            remedy = "Check the folder's permissions."
            return StoreError(f"the store cannot be written ({text})", where=where, remedy=remedy)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            what = f"another program has kept the store locked for {BUSY_SECONDS:g} s"
            return StoreError(what, where=where, remedy="Close it and try again.")
    return None


def _full(where: str) -> StoreError:
    return StoreError("the disk is full", where=where, remedy="Free some space; nothing acknowledged is lost.")


def _is_full(path: Path) -> bool:
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return False
    return disk.f_bavail * disk.f_frsize < 1 << 20
