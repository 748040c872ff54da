"""Which seeds the runs of a config take, and how many runs there are."""

from __future__ import annotations

import json

from agent.store.connection import Store
from agent.study.nouns import SPARED

_SEEDS = 2**32
# Seeds that a config has had its run with. One that was stopped, or failed by accident, told nothing of its seed.
_USED = """
SELECT seed FROM trial WHERE study_id = ? AND config_key = ? AND state != 'stopped'
   AND NOT (state = 'failed' AND coalesce(json_extract(failure, '$.transient'), 0))
"""
_SPARE = """
UPDATE trial SET state = 'stopped', ended_at = ?, stop_requested = ?
WHERE study_id = ? AND config_key = ? AND state = 'queued' RETURNING id
"""


def wanted(store: Store, study_id: int) -> tuple[int, int, int | None]:
    """A study's first seed, its runs a config, and how many trials its budget still has; None without a limit."""
    row = store.conn.execute("SELECT spec FROM study WHERE id = ?", (study_id,)).fetchone()
    spec = json.loads(row[0])
    most = spec["budget"]["trials"]
    spent = store.conn.execute("SELECT count(*) FROM trial WHERE study_id = ?", (study_id,)).fetchone()[0]
    return spec["seed"], spec.get("seeds", 1), None if most is None else most - spent


def chosen(store: Store, study_id: int, config_key: str, seeds: int | None) -> list[int]:
    """The seeds of the next `seeds` runs of a config: from the study's own on, those it has not been run with. So two
    configs are run with the same seeds, and what a seed does to all of them cancels out. None: as many as the study
    wants and its budget has left, and never none."""
    first, usual, left = wanted(store, study_id)
    count = seeds or (usual if left is None else max(min(usual, left), 1))
    used = {row[0] for row in store.conn.execute(_USED, (study_id, config_key))}
    free = (seed % _SEEDS for seed in range(first, first + count + len(used)) if seed % _SEEDS not in used)
    return [seed for seed, _ in zip(free, range(count), strict=False)]


def spare(store: Store, study_id: int, config_key: str, reason: str, at: float) -> list[int]:
    """Stops the runs of a config that have not begun. Returns the trials' ids; within the caller's transaction."""
    rows = store.conn.execute(_SPARE, (at, f"{SPARED}{reason}", study_id, config_key)).fetchall()
    return [int(row[0]) for row in rows]
