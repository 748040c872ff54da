"""Renaming, putting away, copying and deleting whole studies."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from agent.store import events, settings, studies
from agent.store.connection import Store
from agent.store.events import EventKind
from agent.store.studies import NameTakenError, Study
from trainers.errors import TunewrightError

_ARCHIVED = "archived"  # the scope of settings that names those put away, by id
_FRONT = "tui"  # where the app keeps what it remembers


@dataclass(frozen=True)
class Holdings:
    """What a study has in the store, and the run folders outside it."""

    trials: int
    points: int
    turns: int
    folders: tuple[Path, ...]

    def words(self, *, runs: bool) -> str:
        """What is lost when the study is deleted, and what stays: `runs` says whether its run folders go too."""
        said = f"{self.trials:,} trials with {self.points:,} reported values and {self.turns:,} turns of chat"
        if not self.folders:
            return said
        folders = f"{len(self.folders):,} run folder{'' if len(self.folders) == 1 else 's'}"
        return f"{said}, {folders} with logs and checkpoints" if runs else f"{said}; {folders} stay"


def archived(store: Store) -> frozenset[int]:
    """Ids of the studies that have been put away."""
    rows = store.query("SELECT key FROM setting WHERE scope = ? AND value = 'true'", (_ARCHIVED,))
    return frozenset(int(row["key"]) for row in rows)


def archive(store: Store, study: Study, *, away: bool = True) -> None:
    """Puts a study away, where lists leave it out, or brings it back. Nothing of it is lost."""
    settings.put(store, _ARCHIVED, str(study.id), away)


def rename(store: Store, study: Study, name: str) -> Study:
    """Its run folders keep the name they have. Raises TunewrightError for a name that is none, NameTakenError for one
    that another study has."""
    name = checked_name(name)
    with store.transaction() as conn:
        if studies.find(store, name) is not None:
            raise NameTakenError(f"a study named '{name}' already exists", remedy="Choose another name.")
        spec = study.spec.replace(name=name)
        conn.execute("UPDATE study SET name = ?, spec = ? WHERE id = ?", (name, json.dumps(spec.to_dict()), study.id))
        conn.execute("DELETE FROM setting WHERE scope = ?", (f"{_FRONT}:{name}",))  # of one that is gone
        conn.execute("UPDATE setting SET scope = ? WHERE scope = ?", (f"{_FRONT}:{name}", f"{_FRONT}:{study.name}"))
        conn.execute(
            "UPDATE setting SET value = ? WHERE scope = ? AND key = 'study' AND value = ?",
            (json.dumps(name), _FRONT, json.dumps(study.name)),
        )
        events.record(store, study.id, EventKind.STUDY_CHANGED, who="person", what=f"the name, from {study.name}")
    return studies.by_id(store, study.id)


def checked_name(name: str) -> str:
    """Raises TunewrightError for a name that cannot be written on one line."""
    if not name.strip() or not name.isprintable():
        raise TunewrightError(f"{name!r} is no name for a study", remedy="Use letters, digits, - and _.")
    return name.strip()


def fork(store: Store, study: Study, name: str) -> Study:
    """A new study of the same space, objective, budget and policy, without trials."""
    return studies.create(store, study.spec.replace(name=checked_name(name)), study.folder)


def holdings(store: Store, study: Study) -> Holdings:
    def count(sql: str) -> int:
        row = store.one(sql, (study.id,))
        return int(row["n"]) if row else 0

    folders = store.query(
        "SELECT run_dir FROM attempt JOIN trial ON trial.id = trial_id WHERE study_id = ? ORDER BY attempt.id",
        (study.id,),
    )
    return Holdings(
        trials=count("SELECT count(*) AS n FROM trial WHERE study_id = ?"),
        points=count(
            "SELECT count(*) AS n FROM point WHERE attempt_id IN"
            " (SELECT attempt.id FROM attempt JOIN trial ON trial.id = trial_id WHERE study_id = ?)"
        ),
        turns=count("SELECT count(*) AS n FROM turn WHERE study_id = ?"),
        folders=tuple(p for row in folders if (p := store.folder / row["run_dir"]).is_dir()),
    )


_TRIALS = "SELECT id FROM trial WHERE study_id = ?"
_DELETED = (
    f"DELETE FROM point WHERE attempt_id IN (SELECT id FROM attempt WHERE trial_id IN ({_TRIALS}))",
    f"DELETE FROM diagnosis WHERE trial_id IN ({_TRIALS})",
    f"DELETE FROM narrative WHERE trial_id IN ({_TRIALS})",
    f"DELETE FROM attempt WHERE trial_id IN ({_TRIALS})",
    "DELETE FROM trial WHERE study_id = ?",
    "DELETE FROM decision WHERE proposal_id IN (SELECT id FROM proposal WHERE study_id = ?)",
    "DELETE FROM proposal WHERE study_id = ?",
    "DELETE FROM turn WHERE study_id = ?",
    "DELETE FROM action WHERE study_id = ?",
    "DELETE FROM event WHERE study_id = ?",
    "UPDATE call SET study_id = NULL WHERE study_id = ?",  # what was spent was spent
    "DELETE FROM study WHERE id = ?",
)


def delete(store: Store, study: Study, *, runs: bool = False) -> Holdings:
    """Deletes a study, and with `runs` its run folders; what it had. Raises TunewrightError while trials of it run."""
    with store.transaction() as conn:
        live = store.one(
            "SELECT count(*) AS n FROM trial WHERE study_id = ? AND state IN ('queued', 'running')", (study.id,)
        )
        if live and live["n"]:
            raise TunewrightError(
                f"{live['n']} of its trials are queued or running",
                where=study.name,
                remedy=f"Stop them first: tunewright stop {study.name} all.",
            )
        had = holdings(store, study)
        for statement in _DELETED:
            conn.execute(statement, (study.id,))
        conn.execute("DELETE FROM setting WHERE scope = ?", (f"{_FRONT}:{study.name}",))
        conn.execute("DELETE FROM setting WHERE scope = ? AND key = ?", (_ARCHIVED, str(study.id)))
    if runs:
        for folder in had.folders:
            shutil.rmtree(folder, ignore_errors=True)
    return had
