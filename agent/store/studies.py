"""Studies in the store."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from agent.store import events
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.study.spec import StudySpec
from trainers.contract import Objective
from trainers.errors import TunewrightError, nearest
from trainers.space import SearchSpace

DRAFT = 0  # the id of a study that is not stored yet


@dataclass(frozen=True)
class Study:
    """A stored study. `folder` is where it was created: commands of scripts run there."""

    id: int
    spec: StudySpec
    folder: Path
    created: float

    @property
    def name(self) -> str:
        return self.spec.name


class NameTakenError(TunewrightError):
    """There is a study of that name, perhaps since a moment ago."""


def create(store: Store, spec: StudySpec, folder: Path) -> Study:
    """Stores a new study. Raises NameTakenError when there is one of that name."""
    with store.transaction():
        if find(store, spec.name) is not None:
            raise NameTakenError(
                f"a study named '{spec.name}' already exists", where=str(store.path), remedy="Choose another name."
            )
        row = (spec.name, json.dumps(spec.to_dict()), str(folder), time.time())
        cursor = store.conn.execute("INSERT INTO study (name, spec, folder, created) VALUES (?, ?, ?, ?)", row)
        study_id = int(cursor.lastrowid or 0)
        events.record(store, study_id, EventKind.STUDY_CREATED)
    return get(store, spec.name)


def draft(folder: Path) -> Study:
    """A study before there is one, for what the agent does for it: it is not stored, and its calls name no study."""
    spec = StudySpec(name="", trainer="script", space=SearchSpace(()), objective=Objective(""))
    return Study(DRAFT, spec, folder, time.time())


def update(store: Store, study_id: int, spec: StudySpec, *, who: str, what: str) -> None:
    """Replaces the spec (policy, budget, space edits), with a journal entry saying who changed what."""
    with store.transaction():
        store.conn.execute("UPDATE study SET spec = ? WHERE id = ?", (json.dumps(spec.to_dict()), study_id))
        events.record(store, study_id, EventKind.STUDY_CHANGED, who=who, what=what)


def _study(row: dict[str, object]) -> Study:
    spec = StudySpec.from_dict(json.loads(str(row["spec"])))
    return Study(int(str(row["id"])), spec, Path(str(row["folder"])), float(str(row["created"])))


def find(store: Store, name: str) -> Study | None:
    row = store.one("SELECT * FROM study WHERE name = ?", (name,))
    return _study(row) if row else None


def by_id(store: Store, study_id: int) -> Study:
    row = store.one("SELECT * FROM study WHERE id = ?", (study_id,))
    assert row is not None, f"no study {study_id}"
    return _study(row)


def get(store: Store, name: str) -> Study:
    """Raises TunewrightError naming the nearest study when there is none of that name."""
    study = find(store, name)
    if study is None:
        known = [s.name for s in all_studies(store)]
        remedy = nearest(name, known) or "There are no studies yet; try 'tunewright demo'."
        raise TunewrightError(f"there is no study named '{name}'", where=str(store.path), remedy=remedy)
    return study


def all_studies(store: Store) -> list[Study]:
    """Newest first."""
    return [_study(row) for row in store.query("SELECT * FROM study ORDER BY id DESC")]
