"""The budget of GPU hours: at 80% and at 100% nothing starts by itself until a person says to go on."""

from __future__ import annotations

import time

from agent.llm import budget
from agent.store import trials
from agent.store.connection import Store
from agent.store.studies import Study

_EVERY = 0.5  # seconds between looks


class GpuHours:
    """What a study's trials have used of GPUs. `said` is why they are held back; empty while they are not."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looked = -_EVERY
        self.seconds = 0.0
        self.said = ""

    def look(self, study: Study) -> None:
        """Counts anew, and asks where a person has to be asked; about twice a second."""
        if time.monotonic() - self._looked < _EVERY:
            return
        self._looked = time.monotonic()
        self.seconds = trials.gpu_seconds(self._store, study.id, time.time())
        self.said = budget.ask_for_gpus(self._store, study) if study.spec.budget.gpu_hours is not None else ""
