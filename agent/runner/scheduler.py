"""Which queued trial starts next, and with what."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable

from agent.runner.active import Active, activate, free_run_dir, run_config
from agent.store import studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.budget import busy_seconds
from agent.study.nouns import Trial, TrialState
from trainers import catalog, rundir
from trainers.engines import Engine


class Scheduler:
    """Starts queued trials, oldest first, as far as each study's jobs and the engine's resources go."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine

    def start_queued(self, running: Iterable[Active]) -> list[Active]:
        """Claims and launches what fits now."""
        counts = Counter(active.study.id for active in running)
        started = []
        known: dict[int, Study] = {}
        for trial in trials.in_state(self._store, TrialState.QUEUED):
            study = known.setdefault(trial.study_id, studies.by_id(self._store, trial.study_id))
            width = study.spec.engine.width(self._engine.gpus(), _uses_gpu(study))
            if counts[study.id] >= width or self._spent(study):
                continue
            if (active := self._start(study, trial)) is not None:
                counts[study.id] += 1
                started.append(active)
        return started

    def _spent(self, study: Study) -> bool:
        total = study.spec.budget.total_seconds
        return total is not None and busy_seconds(trials.busy_intervals(self._store, study.id, time.time())) >= total

    def _start(self, study: Study, trial: Trial) -> Active | None:
        spec = study.spec.engine
        share = spec.share(self._engine.gpus(), _uses_gpu(study))
        slot = self._engine.reserve(share, spec.threads, force=spec.jobs is not None)
        if slot is None:
            return None
        number = trial.attempts + 1
        run_dir = free_run_dir(self._store.folder, study.name, trial.number, number)
        attempt = trials.claim(self._store, trial.id, run_dir)
        if attempt is None:
            self._engine.release(slot)
            return None
        config = run_config(self._store, study, trial, number, slot, time.time())
        active = activate(self._store, attempt, slot)
        rundir.create(active.run_dir, config)
        trials.set_job(self._store, attempt.id, slot.to_dict())
        self._engine.launch(active.run_dir, config)
        return active


def _uses_gpu(study: Study) -> bool:
    try:
        return bool(getattr(catalog.load(study.spec.trainer), "uses_gpu", True))
    except Exception:  # noqa: BLE001 (a third party's import may raise anything; the trial will, and say so)
        return False
