"""The ledger: every call of a model, with what was asked, what came back, and what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from agent.store.connection import Store
from agent.study.nouns import CallRecord

_FIELDS = tuple(f.name for f in fields(CallRecord))
_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Spent:
    """What a study's calls have used. `unpriced` calls have no known cost and are not in `money`."""

    calls: int
    calls_today: int  # in the last 24 hours
    tokens: int
    money: float
    unpriced: int


def begin(
    store: Store,
    study_id: int | None,
    *,
    purpose: str,
    model: str,
    template: str,
    messages: Sequence[Mapping[str, Any]],
    extra: Mapping[str, Any] | None = None,
) -> int:
    """Enters a call that is about to be made; returns its id. What a crash cuts short stays `running`."""
    with store.transaction(durable=False) as conn:
        cursor = conn.execute(
            "INSERT INTO call (study_id, at, purpose, model, template, state, messages, extra)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                study_id or None,  # a draft's calls name no study
                time.time(),
                purpose,
                model,
                template,
                "running",
                json.dumps(list(messages), ensure_ascii=False),
                json.dumps(dict(extra or {})),
            ),
        )
    return int(cursor.lastrowid or 0)


def end(
    store: Store,
    call_id: int,
    *,
    state: str,
    error: str = "",
    reply: str = "",
    prompt_tokens: int | None = None,
    completion_tokens: int | None = None,
    cost: float | None = None,
    seconds: float | None = None,
    first_token_seconds: float | None = None,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Enters how it went; durable, since it may have cost money."""
    row = (state, error, reply, prompt_tokens, completion_tokens, cost, seconds, first_token_seconds)
    with store.transaction() as conn:
        conn.execute(
            "UPDATE call SET state = ?, error = ?, reply = ?, prompt_tokens = ?, completion_tokens = ?, cost = ?,"
            " seconds = ?, first_token_seconds = ?, extra = ? WHERE id = ?",
            (*row, json.dumps(dict(extra or {})), call_id),
        )


def all_of(store: Store, study_id: int | None = None, *, after: int = 0, limit: int = 1_000) -> list[CallRecord]:
    """Calls with `id > after`, oldest first; of one study, or of the whole store."""
    where = "id > ?" if study_id is None else "id > ? AND study_id = ?"
    params = (after,) if study_id is None else (after, study_id)
    rows = store.query(f"SELECT {', '.join(_FIELDS)} FROM call WHERE {where} ORDER BY id LIMIT ?", (*params, limit))
    return [CallRecord(**row) for row in rows]


def text_of(store: Store, call_id: int) -> tuple[list[dict[str, Any]], str]:
    """The messages of a call, and the raw reply."""
    row = store.one("SELECT messages, reply FROM call WHERE id = ?", (call_id,))
    return (json.loads(row["messages"]), row["reply"]) if row else ([], "")


def origin(store: Store, call_id: int) -> tuple[str, dict[str, Any]]:
    """The model a call went to, and what was noted besides its text."""
    row = store.one("SELECT model, extra FROM call WHERE id = ?", (call_id,))
    return (row["model"], json.loads(row["extra"])) if row else ("", {})


@dataclass(frozen=True)
class Marked:
    """A call with a mark of its asker's, and what came of it. One of state `failed` may carry a reply too."""

    id: int
    mark: str
    state: str
    error: str
    reply: str
    extra: Mapping[str, Any]


def last_id(store: Store) -> int:
    """That of the latest call; 0 before the first."""
    row = store.one("SELECT coalesce(max(id), 0) AS n FROM call")
    return int(row["n"]) if row else 0


def marked(store: Store, study_id: int, after: int) -> list[Marked]:
    """The study's calls with `id > after` that carry a mark, oldest first."""
    rows = store.query(
        "SELECT id, json_extract(extra, '$.mark') AS mark, state, error, reply, extra FROM call"
        " WHERE id > ? AND study_id = ? AND mark IS NOT NULL ORDER BY id",
        (after, study_id),
    )
    return [Marked(**{**row, "extra": json.loads(row["extra"])}) for row in rows]


def count(store: Store, study_id: int, purposes: Sequence[str]) -> int:
    """How many calls the study has made for these purposes, failed ones included."""
    places = ", ".join("?" * len(purposes))
    row = store.one(
        f"SELECT count(*) AS n FROM call WHERE study_id = ? AND purpose IN ({places})", (study_id, *purposes)
    )
    return int(row["n"]) if row else 0


def note(store: Store, call_id: int, **notes: Any) -> None:
    """Adds to what was noted of a call."""
    with store.transaction(durable=False) as conn:
        sql = "UPDATE call SET extra = json_patch(extra, ?) WHERE id = ?"
        conn.execute(sql, (json.dumps(notes), call_id))


def spent(store: Store, study_id: int, now: float | None = None) -> Spent:
    """What the study's calls have used so far, failed ones included."""
    since = (time.time() if now is None else now) - _DAY
    row = store.one(
        "SELECT count(*) AS calls, coalesce(sum(at > ?), 0) AS today,"
        " coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0)), 0) AS tokens,"
        " coalesce(sum(cost), 0.0) AS money,"
        " coalesce(sum(cost IS NULL AND state IN ('ok', 'cancelled')), 0) AS unpriced"
        " FROM call WHERE study_id = ?",
        (since, study_id),
    )
    assert row is not None
    return Spent(row["calls"], row["today"], row["tokens"], row["money"], row["unpriced"])
