"""SQL on the store that can only read: a connection of its own, an authorizer, and limits on time, rows and size."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from trainers.errors import TunewrightError

MOST_ROWS = 200
MOST_SECONDS = 2.0
_CELL = 200  # characters shown of one value
_LONGEST_VALUE = 1 << 16  # bytes of one value: functions such as replace take the square of it
_LONGEST_ANSWER = 1 << 18  # characters of all values read
_LONGEST_SQL = 10_000
_OPERATIONS = 50  # of SQLite's machine between two looks at the clock

TABLES = (
    "study", "proposal", "decision", "trial", "attempt", "metric", "point", "diagnosis", "narrative", "event",
    "action", "call", "turn",
)  # fmt: skip
_FUNCTIONS = frozenset((
    "abs", "avg", "ceil", "ceiling", "coalesce", "count", "cume_dist", "date", "datetime", "dense_rank", "exp",
    "first_value", "floor", "glob", "group_concat", "ifnull", "iif", "instr", "json", "json_array",
    "json_array_length", "json_extract", "json_group_array", "json_group_object", "json_object", "json_type",
    "json_valid", "julianday", "lag", "last_value", "lead", "length", "like", "ln", "log", "log10", "log2", "lower",
    "ltrim", "max", "min", "mod", "nth_value", "ntile", "nullif", "percent_rank", "pow", "power", "quote", "rank",
    "replace", "round", "row_number", "rtrim", "sign", "sqrt", "strftime", "string_agg", "substr", "substring", "sum",
    "time", "total", "trim", "typeof", "unicode", "unixepoch", "upper", "->", "->>",
))  # fmt: skip
# Left out: what makes long values of short ones (printf, zeroblob) and what reaches outside (load_extension).
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: _LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: _LONGEST_SQL,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 50,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


class SqlError(TunewrightError):
    """A query that is not allowed, not understood or too long; one sentence for whoever wrote it."""


@dataclass(frozen=True)
class Rows:
    """What a query gave. `more` says that there were rows beyond the limit."""

    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool

    def text(self, limit: int) -> str:
        """One row a line, columns between bars, at most `limit` characters."""
        lines, left, shown = [" | ".join(self.names)], limit, 0
        for row in self.rows:
            line = " | ".join(_cell(value) for value in row)
            left -= len(line) + 1
            if left < 0:
                break
            lines.append(line)
            shown += 1
        if self.more or shown < len(self.rows):
            total = f"more than {len(self.rows)}" if self.more else str(len(self.rows))
            lines.append(f"({shown} of {total} rows shown; ask for fewer, or for sums of them)")
        return "\n".join(lines if self.rows else [*lines, "(no rows)"])


def query(path: Path, sql: str) -> Rows:
    """The rows of one SELECT on the store at `path`. Raises SqlError for anything else. May take 2 s: not for a loop
    that has other things to do."""
    denied: list[str] = []
    uri = f"file:{quote(os.fsencode(path))}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=MOST_SECONDS, isolation_level=None)) as conn:
            _guard(conn, denied)
            cursor = conn.execute(sql)
            if cursor.description is None:
                raise SqlError("there is no query in it", remedy="Write one SELECT.")
            rows, more = _fetch(cursor)
            return Rows(tuple(column[0] for column in cursor.description), rows, more)
    except sqlite3.Error as error:
        raise _told(error, denied) from None
    except ValueError:  # half of a surrogate pair, or a null character
        raise SqlError("the query holds a character that no text can", remedy="Leave it out.") from None


def _fetch(cursor: sqlite3.Cursor) -> tuple[tuple[tuple[Any, ...], ...], bool]:
    """Rows up to the limits, and whether there are more."""
    rows: list[tuple[Any, ...]] = []
    left = _LONGEST_ANSWER
    for row in cursor:
        left -= sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) == MOST_ROWS or left < 0:
            return tuple(rows), True
        rows.append(row)
    return tuple(rows), False


def _guard(conn: sqlite3.Connection, denied: list[str]) -> None:
    """Puts the limits on `conn`; what the authorizer refuses is added to `denied`."""

    # A READ without a column counts rows, of a table or of the query's own WITH.
    def allow(action: int, first: str | None, second: str | None, _: str | None, __: str | None) -> int:
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            fine, what = first in TABLES or not second, f"table '{first}'"
        elif action == sqlite3.SQLITE_FUNCTION:
            fine, what = str(second).lower() in _FUNCTIONS, f"function '{second}'"
        else:
            fine, what = False, "anything but SELECT"
        if fine:
            return sqlite3.SQLITE_OK
        denied.append(what)
        return sqlite3.SQLITE_DENY

    for limit, value in _LIMITS.items():
        conn.setlimit(limit, value)
    conn.text_factory = lambda raw: raw.decode("utf-8", "replace")
    conn.set_authorizer(allow)
    until = time.monotonic() + MOST_SECONDS
    conn.set_progress_handler(lambda: time.monotonic() > until, _OPERATIONS)


def _told(error: sqlite3.Error, denied: Iterable[str]) -> SqlError:
    refused = next(iter(denied), None)
    if refused is not None:
        remedy = f"One SELECT on the tables {', '.join(TABLES)}, with SQLite's usual functions."
        return SqlError(f"the query may not use {refused}", remedy=remedy)
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
        return SqlError(f"the query took longer than {MOST_SECONDS:g} s", remedy="Ask for less.")
    if isinstance(error, sqlite3.ProgrammingError):
        return SqlError(str(error).rstrip("."), remedy="Write one SELECT.")
    return SqlError(f"SQLite refuses the query: {error}", remedy="Correct it, or use another tool.")


def _cell(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    text = f"{value:.6g}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= _CELL else f"{text[: _CELL - 1]}…"
