"""The expected intervals of proposals beside what their trials came to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from agent.store.connection import Store


@dataclass(frozen=True)
class Prediction:
    """One that has been settled by a trial's value, or the mean of its proposal's runs once all have ended. `seconds`
    is what a run was expected to take, `trial_id` the last that ended."""

    trial_id: int
    proposal: int  # its number
    source: str
    low: float
    high: float
    value: float
    seconds: float | None

    @property
    def held(self) -> bool:
        return self.low <= self.value <= self.high


# A config that the person changed was not predicted: its trial has another key than its proposal.
_SETTLED = """
SELECT trial.id AS trial_id, proposal.number AS proposal, proposal.source AS source, expected_low AS low,
       expected_high AS high, avg(value) AS value, expected_seconds AS seconds, max(trial.ended_at) AS ended
FROM trial JOIN proposal ON proposal.id = trial.proposal_id
WHERE trial.study_id = ?1 AND expected_low IS NOT NULL AND proposal.config_key = trial.config_key
  AND trial.state = 'completed' AND value IS NOT NULL
  AND proposal_id NOT IN (SELECT proposal_id FROM trial WHERE study_id = ?1 AND state IN ('queued', 'running'))
GROUP BY proposal.id ORDER BY ended, trial.id
"""


def settled(store: Store, study_id: int) -> list[Prediction]:
    """In the order in which the trials ended; of ten thousand trials in some hundredths of a second."""
    rows = store.query(_SETTLED, (study_id,))
    found = [Prediction(**{name: row[name] for name in Prediction.__dataclass_fields__}) for row in rows]
    return [p for p in found if math.isfinite(p.value)]


def record(found: Iterable[Prediction], source: str) -> str:
    """`7 of 9 held`, of one source; empty where nothing has been settled."""
    held = [p.held for p in found if p.source == source]
    return f"{sum(held)} of {len(held)} held" if held else ""
