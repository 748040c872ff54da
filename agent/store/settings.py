"""Small things a front remembers: drafts, the open study, the last view."""

from __future__ import annotations

import json
from typing import Any

from agent.store.connection import Store


def put(store: Store, scope: str, key: str, value: Any) -> None:
    """Remembers `value` (plain JSON) under (scope, key)."""
    with store.transaction(durable=False) as conn:
        conn.execute(
            "INSERT INTO setting (scope, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (scope, key, json.dumps(value)),
        )


def take(store: Store, scope: str, key: str, default: Any = None) -> Any:
    """What was put under (scope, key), or `default`."""
    row = store.one("SELECT value FROM setting WHERE scope = ? AND key = ?", (scope, key))
    return default if row is None else json.loads(row["value"])
