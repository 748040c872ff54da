"""One running attempt, as the runner sees it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from agent.runner.ingest import Follow
from agent.store import studies, trials
from agent.store.connection import Store
from agent.store.studies import Study
from agent.store.trials import Attempt
from agent.study.budget import busy_seconds, seconds_left
from agent.study.nouns import Trial
from trainers import rundir
from trainers.contract import Limits, RunConfig
from trainers.engines import Slot


@dataclass
class Active:
    """An attempt that has not ended. `stop_asked` is when (monotonic) its end was asked for, `pruned` that a rule did;
    `plan_noted` that the store knows how long it means to be."""

    attempt: Attempt
    trial: Trial
    study: Study
    slot: Slot
    follow: Follow
    stop_asked: float | None = None
    pack: str = ""  # the first run folder of the pack it trains in; empty when it trains by itself
    pruned: bool = False
    plan_noted: bool = False

    @property
    def run_dir(self) -> Path:
        return self.follow.run_dir


def free_run_dir(folder: Path, study: str, number: int, attempt: int) -> str:
    """`runs/<study>/<trial>`, with `.<attempt>` after the first; relative to the store's `folder`.

    A folder that is there already is another store's, deleted or moved away: it is left alone.
    """
    slug = re.sub(r"[^\w.-]+", "_", study).strip(".")[:60] or "study"  # a file name takes 255 bytes
    name = f"runs/{slug}/{number}" if attempt == 1 else f"runs/{slug}/{number}.{attempt}"
    for suffix in itertools.count():
        candidate = f"{name}~{suffix}" if suffix else name
        if not (folder / candidate).exists():
            return candidate
    raise AssertionError("unreachable")


def activate(store: Store, attempt: Attempt, slot: Slot) -> Active:
    """Reads what belongs to an open attempt from the store."""
    trial = trials.by_id(store, attempt.trial_id)
    study = studies.by_id(store, trial.study_id)
    run_dir = store.folder / attempt.run_dir
    follow = Follow(attempt.id, trial.id, study.id, study.spec.objective.metric, run_dir, attempt.offset)
    return Active(attempt, trial, study, slot, follow, pack=str(attempt.job.get("pack", "")))


def run_config(store: Store, study: Study, trial: Trial, attempt: int, slot: Slot, now: float) -> RunConfig:
    """Everything the trial needs, as config.json will say it; time limits counted from `now`."""
    spec = study.spec
    spent = busy_seconds(trials.busy_intervals(store, study.id, now))
    limits = Limits(
        seconds=seconds_left(spec.budget, spent),
        memory_bytes=spec.engine.memory_bytes,
        grace=spec.engine.grace_seconds,
    )
    return RunConfig(
        study=study.name,
        trial=trial.number,
        trainer=spec.trainer,
        params=trial.params,
        objective=spec.objective,
        task=spec.task,
        seed=trial.seed,
        attempt=attempt,
        options=dict(spec.options),
        limits=limits,
        threads=slot.threads,
        gpus=slot.gpus,
        resume_from=checkpoint_of(store, trial.id),
        accumulation=trial.accumulation,
    )


def checkpoint_of(store: Store, trial_id: int) -> str | None:
    """The newest non-empty checkpoint folder of a trial's attempts."""
    for earlier in reversed(trials.attempts(store, trial_id)):
        folder = store.folder / earlier["run_dir"] / rundir.CHECKPOINT
        if folder.is_dir() and any(folder.iterdir()):
            return str(folder)
    return None
