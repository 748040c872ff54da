"""What a model made of each diagnosis. A later explanation replaces the earlier one."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.nouns import Claim, Evidence, Narrative, Trial


def put(store: Store, trial: Trial, narrative: Narrative) -> None:
    with store.transaction() as conn:
        conn.execute(
            "INSERT OR REPLACE INTO narrative (trial_id, body, created) VALUES (?, ?, ?)",
            (trial.id, json.dumps(asdict(narrative), ensure_ascii=False), time.time()),
        )
        events.record(store, trial.study_id, EventKind.EXPLAINED, trial_id=trial.id)


def get(store: Store, trial_id: int) -> Narrative | None:
    row = store.one("SELECT body FROM narrative WHERE trial_id = ?", (trial_id,))
    return None if row is None else _narrative(json.loads(row["body"]))


def all_of(store: Store, study_id: int) -> dict[int, Narrative]:
    """By trial id."""
    sql = "SELECT trial_id, body FROM narrative JOIN trial ON trial.id = trial_id WHERE study_id = ?"
    return {row["trial_id"]: _narrative(json.loads(row["body"])) for row in store.query(sql, (study_id,))}


def _narrative(data: dict[str, Any]) -> Narrative:
    claims = tuple(Claim(text=c["text"], evidence=tuple(Evidence(**e) for e in c["evidence"])) for c in data["claims"])
    return Narrative(**{**data, "claims": claims})
