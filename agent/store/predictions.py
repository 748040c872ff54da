"""The expected intervals of proposals beside what their trials came to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from agent.store.connection import Store


@dataclass(frozen=True)
class Prediction:
    """One that has been settled by a trial's value. `seconds` is what the trial was expected to take."""

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
       expected_high AS high, value, expected_seconds AS seconds
FROM trial JOIN proposal ON proposal.id = trial.proposal_id
WHERE trial.study_id = ? AND expected_low IS NOT NULL AND proposal.config_key = trial.config_key
  AND trial.state IN ('completed', 'pruned') AND value IS NOT NULL
ORDER BY trial.ended_at, trial.id
"""


def settled(store: Store, study_id: int) -> list[Prediction]:
    """In the order in which the trials ended; of ten thousand trials in some hundredths of a second."""
    found = [Prediction(**row) for row in store.query(_SETTLED, (study_id,))]
    return [p for p in found if math.isfinite(p.value)]


def record(found: Iterable[Prediction], source: str) -> str:
    """`7 of 9 held`, of one source; empty where nothing has been settled."""
    held = [p.held for p in found if p.source == source]
    return f"{sum(held)} of {len(held)} held" if held else ""
