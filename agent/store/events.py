"""The journal: what happened, in order. Screens follow it with a cursor (`id > last`)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from agent.store.connection import Store


class EventKind(StrEnum):
    """Past-tense names of all that changes a study."""

    STUDY_CREATED = "study_created"
    STUDY_CHANGED = "study_changed"
    PROPOSED = "proposed"
    DECIDED = "decided"
    TRIAL_QUEUED = "trial_queued"  # another run of the config that was decided on
    TRIAL_STARTED = "trial_started"
    TRIAL_RETRIED = "trial_retried"
    TRIAL_ENDED = "trial_ended"
    STOP_REQUESTED = "stop_requested"
    TRIAL_RESUMED = "trial_resumed"
    DIAGNOSED = "diagnosed"
    REPORTS_SKIPPED = "reports_skipped"
    ADVISED = "advised"
    EXPLAINED = "explained"
    ACTION_ASKED = "action_asked"
    ACTION_SETTLED = "action_settled"
    REWOUND = "rewound"  # the chat, to before the turn `first`


@dataclass(frozen=True)
class Event:
    """One entry of the journal."""

    id: int
    study_id: int
    at: float
    kind: EventKind
    trial_id: int | None
    proposal_id: int | None
    data: dict[str, Any]


def record(
    store: Store,
    study_id: int,
    kind: EventKind,
    *,
    trial_id: int | None = None,
    proposal_id: int | None = None,
    **data: Any,
) -> None:
    """Adds an entry; call it inside the transaction that makes the change."""
    store.conn.execute(
        "INSERT INTO event (study_id, at, kind, trial_id, proposal_id, data) VALUES (?, ?, ?, ?, ?, ?)",
        (study_id, time.time(), str(kind), trial_id, proposal_id, json.dumps(data)),
    )


def since(store: Store, study_id: int, after: int, limit: int = 10_000) -> Iterator[Event]:
    """The study's entries with `id > after`, oldest first."""
    rows = store.query(
        "SELECT * FROM event WHERE study_id = ? AND id > ? ORDER BY id LIMIT ?", (study_id, after, limit)
    )
    for row in rows:
        yield Event(**{**row, "kind": EventKind(row["kind"]), "data": json.loads(row["data"])})


def latest(store: Store, study_id: int, kind: EventKind, key: str, default: Any = None) -> Any:
    """What the newest entry of `kind` that has `key` says under it; `default` where there is none."""
    sql = """SELECT data FROM event WHERE study_id = ? AND kind = ? AND json_type(data, '$.' || ?) IS NOT NULL
             ORDER BY id DESC LIMIT 1"""
    row = store.one(sql, (study_id, str(kind), key))
    return default if row is None else json.loads(row["data"])[key]


def last_id(store: Store, study_id: int) -> int:
    """The newest entry's id, 0 when there is none: where a cursor starts that wants only what is new."""
    row = store.one("SELECT max(id) AS id FROM event WHERE study_id = ?", (study_id,))
    return int(row["id"] or 0) if row else 0


def last_at(store: Store, study_id: int) -> float | None:
    """When the newest entry was made."""
    row = store.one("SELECT at FROM event WHERE study_id = ? ORDER BY id DESC LIMIT 1", (study_id,))
    return float(row["at"]) if row else None
