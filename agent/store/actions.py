"""Changes the agent asks for. They wait for a person like proposals, and nothing settles them but a person."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.store.proposals import AlreadyDecidedError
from agent.study.nouns import Action, ActionKind, ProposalState
from trainers.errors import TunewrightError


def _action(row: dict[str, Any]) -> Action:
    kinds = {"kind": ActionKind(row["kind"]), "state": ProposalState(row["state"]), "body": json.loads(row["body"])}
    return Action(**{**row, **kinds})


def ask(store: Store, study_id: int, kind: ActionKind, body: Mapping[str, Any], reason: str) -> Action:
    """Stores a pending action. The same wish, still pending, is not stored twice."""
    for known in pending(store, study_id):
        if known.kind is kind and known.body == dict(body):
            return known
    with store.transaction() as conn:
        row = conn.execute("SELECT coalesce(max(number) + 1, 0) FROM action WHERE study_id = ?", (study_id,)).fetchone()
        cursor = conn.execute(
            "INSERT INTO action (study_id, number, kind, body, reason, state, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (study_id, row[0], str(kind), json.dumps(dict(body)), reason, "pending", time.time()),
        )
        events.record(store, study_id, EventKind.ACTION_ASKED, action=row[0])
    return get(store, int(cursor.lastrowid or 0))


def get(store: Store, action_id: int) -> Action:
    row = store.one("SELECT * FROM action WHERE id = ?", (action_id,))
    if row is None:
        raise TunewrightError(f"there is no action with id {action_id}", where=str(store.path))
    return _action(row)


def pending(store: Store, study_id: int) -> list[Action]:
    """Oldest first."""
    sql = "SELECT * FROM action WHERE study_id = ? AND state = 'pending' ORDER BY number"
    return [_action(row) for row in store.query(sql, (study_id,))]


def settled(store: Store, study_id: int, kind: ActionKind) -> list[Action]:
    """Those of one kind that wait no longer, newest first."""
    sql = "SELECT * FROM action WHERE study_id = ? AND kind = ? AND state != 'pending' ORDER BY number DESC"
    return [_action(row) for row in store.query(sql, (study_id, str(kind)))]


def settle(store: Store, action: Action, state: ProposalState, reason: str = "") -> None:
    """Approves, rejects or expires it. Raises AlreadyDecidedError when it is no longer pending."""
    with store.transaction() as conn:
        changed = conn.execute(
            "UPDATE action SET state = ?, decided_at = ? WHERE id = ? AND state = 'pending'",
            (str(state), time.time(), action.id),
        ).rowcount
        if not changed:
            raise AlreadyDecidedError(f"action {action.number} is already {get(store, action.id).state}")
        events.record(
            store, action.study_id, EventKind.ACTION_SETTLED, action=action.number, state=str(state), reason=reason
        )


def reopen(store: Store, action: Action) -> None:
    """Lets an approved action wait again, because it could not be carried out."""
    with store.transaction() as conn:
        conn.execute("UPDATE action SET state = 'pending', decided_at = NULL WHERE id = ?", (action.id,))
        events.record(store, action.study_id, EventKind.ACTION_ASKED, action=action.number)
