"""Which queued trial starts next, and with what."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from agent.runner.active import Active, activate, free_run_dir, run_config
from agent.runner.packing import Packing, Place, packer
from agent.runner.packs import job_of, parts
from agent.store import studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.store.trials import Attempt
from agent.study.budget import busy_seconds
from agent.study.nouns import Trial, TrialState
from trainers import catalog, rundir
from trainers.engines import Engine


class Scheduler:
    """Starts queued trials, oldest first, as far as each study's jobs and the engine's resources go; several of one
    shape as one process, where that is faster."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store, self._engine = store, engine
        self.packing = Packing(store, engine)

    def start_queued(self, running: Iterable[Active]) -> list[Active]:
        """Claims and launches what fits now."""
        running = list(running)
        started: list[Active] = []
        known: dict[int, Study] = {}
        queued = {trial.id: trial for trial in trials.in_state(self._store, TrialState.QUEUED)}
        self.packing.waiting = False
        for trial in list(queued.values()):
            if trial.id not in queued:
                continue  # it has started with an earlier one
            study = known.setdefault(trial.study_id, studies.by_id(self._store, trial.study_id))
            place = self._place(study, [a for a in (*running, *started) if a.study.id == study.id])
            if place.free < 1 or self._spent(study):
                continue
            of_study = [other for other in queued.values() if other.study_id == study.id]
            for active in self._start(study, self.packing.party(study, trial, of_study, running, place)):
                del queued[active.trial.id]
                started.append(active)
        return started

    def _place(self, study: Study, running: Sequence[Active]) -> Place:
        """What the study has room for now. On a CPU as many processes are of use as there are threads for them."""
        spec, gpus, uses_gpu = study.spec.engine, self._engine.gpus(), _uses_gpu(study)
        share = spec.share(gpus, uses_gpu)
        width = spec.width(gpus, uses_gpu, packs=packer(study) is not None)
        places = spec.places(gpus, uses_gpu)
        if not share and spec.jobs is not None:
            places = max(1, min(spec.jobs, self._engine.threads() // spec.threads))
        processes = len({active.pack or active.attempt.run_dir for active in running})
        return Place(width - len(running), max(1, places - processes), share, spec.threads)

    def _spent(self, study: Study) -> bool:
        total = study.spec.budget.total_seconds
        return total is not None and busy_seconds(trials.busy_intervals(self._store, study.id, time.time())) >= total

    def _start(self, study: Study, party: Sequence[Trial]) -> list[Active]:
        """Claims and launches the trials of a party, as one process; nobody where there is no room for it."""
        spec = study.spec.engine
        share = spec.share(self._engine.gpus(), _uses_gpu(study))
        slot = self._engine.reserve(share, spec.threads, force=spec.jobs is not None) if party else None
        if slot is None:
            return []
        claimed = [(trial, attempt) for trial in party if (attempt := self._claim(study, trial)) is not None]
        if not claimed:
            self._engine.release(slot)
            return []
        pack = claimed[0][1].run_dir if len(claimed) > 1 else ""
        started, configs = [], []
        for (trial, attempt), part in zip(claimed, parts(slot, len(claimed)), strict=True):
            configs.append(run_config(self._store, study, trial, attempt.number, slot, time.time()))
            started.append(replace(activate(self._store, attempt, part), pack=pack))
            rundir.create(started[-1].run_dir, configs[-1])
            numbers = [other.number for other, _ in claimed if other is not trial]
            trials.set_job(self._store, attempt.id, job_of(part, pack, numbers))
        if pack:
            self._engine.launch_pack([active.run_dir for active in started], configs)
        else:
            self._engine.launch(started[0].run_dir, configs[0])
        return started

    def _claim(self, study: Study, trial: Trial) -> Attempt | None:
        run_dir = free_run_dir(self._store.folder, study.name, trial.number, trial.attempts + 1)
        return trials.claim(self._store, trial.id, run_dir)


def _uses_gpu(study: Study) -> bool:
    try:
        return bool(getattr(catalog.load(study.spec.trainer), "uses_gpu", True))
    except Exception:  # noqa: BLE001 (a third party's import may raise anything; the trial will, and say so)
        return False
