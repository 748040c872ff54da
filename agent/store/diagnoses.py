"""Diagnoses of ended trials."""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.nouns import Diagnosis, Evidence, Trial
from trainers.space import Config, config_key


def put(store: Store, trial: Trial, diagnosis: Diagnosis) -> bool:
    """Stores the trial's diagnosis; False when another front has already stored one."""
    with store.transaction(durable=False) as conn:
        added = conn.execute(
            "INSERT OR IGNORE INTO diagnosis (trial_id, verdict, body, created) VALUES (?, ?, ?, ?)",
            (trial.id, diagnosis.verdict, json.dumps(asdict(diagnosis)), time.time()),
        ).rowcount
        if added:
            events.record(store, trial.study_id, EventKind.DIAGNOSED, trial_id=trial.id, verdict=diagnosis.verdict)
    return bool(added)


def get(store: Store, trial_id: int) -> Diagnosis | None:
    row = store.one("SELECT body FROM diagnosis WHERE trial_id = ?", (trial_id,))
    return None if row is None else _diagnosis(row["body"])


def all_of(store: Store, study_id: int) -> dict[int, Diagnosis]:
    """By trial id."""
    sql = "SELECT trial_id, body FROM diagnosis JOIN trial ON trial.id = trial_id WHERE study_id = ?"
    return {row["trial_id"]: _diagnosis(row["body"]) for row in store.query(sql, (study_id,))}


def suggested(store: Store, study_id: int, params: Config) -> list[int]:
    """Numbers of the trials whose diagnosis suggested exactly `params`, in order."""
    sql = """SELECT number, json_extract(body, '$.suggested_params') AS suggestion
             FROM diagnosis JOIN trial ON trial.id = trial_id
             WHERE study_id = ? AND suggestion IS NOT NULL ORDER BY number"""
    key = config_key(params)
    return [r["number"] for r in store.query(sql, (study_id,)) if config_key(json.loads(r["suggestion"])) == key]


def missing(store: Store, study_id: int) -> list[int]:
    """Ids of ended trials that have no diagnosis yet, in order."""
    sql = """SELECT trial.id FROM trial LEFT JOIN diagnosis ON trial_id = trial.id
             WHERE study_id = ? AND ended_at IS NOT NULL AND trial_id IS NULL ORDER BY trial.number"""
    return [row["id"] for row in store.query(sql, (study_id,))]


def _diagnosis(body: str) -> Diagnosis:
    data = json.loads(body)
    data["evidence"] = tuple(Evidence(**e) for e in data["evidence"])
    return Diagnosis(**data)
