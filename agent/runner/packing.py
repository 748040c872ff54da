"""Which queued trials start as one process: those of one shape, where a measurement says that it is faster."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from agent.runner.active import Active
from agent.runner.pack_rates import PackRates, Rates
from agent.store.connection import Store
from agent.store.studies import Study
from agent.study.nouns import Trial
from agent.study.policy import PolicyKind
from trainers import catalog, rundir
from trainers.contract import PackingTrainer
from trainers.engines import Engine

_QUIET = 1.0  # seconds without another trial of the shape after which those that wait start
_LONGEST = 5.0  # seconds a trial waits for others of its shape while they keep coming
_ASKING = (PolicyKind.ASK, PolicyKind.ASK_UNLESS_SAFE)


@dataclass(frozen=True)
class Place:
    """What a study has room for: `free` trials, in processes of which `lanes` can run without taking turns."""

    free: int
    lanes: int
    share: float  # of a GPU, a trial
    threads: int


class Packing:
    """Chooses parties of trials. `waiting` says that some are held back, so that the next look must not be far."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self.rates = PackRates(store, engine)
        self.waiting = False
        self._keys: dict[int, str | None] = {}
        self._most: dict[str, int] = {}  # of shapes whose packs have died: how many of them are tried together

    def party(
        self, study: Study, trial: Trial, queued: Sequence[Trial], running: Sequence[Active], place: Place
    ) -> list[Trial]:
        """Whom `trial` starts with, itself included; nobody while it should wait for others of its shape.

        A trial that ran before goes by itself: should a pack have died with it, it then shows whose fault that was.
        """
        most = _most(study, place)
        if most < 2 or trial.attempts or (key := self._key(study, trial)) is None:
            return [trial]
        if (most := min(most, self._most.get(key, most))) < 2:
            return [trial]
        mates = [other for other in queued if not other.attempts and self._key(study, other) == key]
        beside = sum(self._key(study, active.trial) == key for active in running if active.study.id == study.id)
        if study.spec.engine.pack is not None:
            return self._gathered(mates, most)
        rates = self.rates.known(study.spec.trainer, key, bool(place.share))
        if rates is None:
            return self._unknown(study, key, mates, beside, place)
        return self._gathered_where_it_pays(mates, most, rates, place)

    def ended(self, active: Active) -> None:
        """Learns from how a run ended: where the process of a pack died, half as many are tried next."""
        with contextlib.suppress(ValueError):  # a foreign hand's
            outcome = rundir.read_json(active.run_dir / rundir.EXIT) if active.pack else None
            if outcome and outcome.get("shared_fault") and (key := self._key(active.study, active.trial)):
                together = 1 + len(outcome.get("together_with", ()))
                self._most[key] = min(self._most.get(key, together), max(together // 2, 1))

    def _unknown(self, study: Study, key: str, mates: list[Trial], beside: int, place: Place) -> list[Trial]:
        """Measures once there are two of a shape. Who asked for a trial by hand does not wait for that."""
        if len(mates) + beside < 2:
            return mates[:1]
        spec = study.spec
        asked = {"trainer": spec.trainer, "params": mates[0].params, "task": spec.task, "options": dict(spec.options)}
        measured = self.rates.ask(asked, key, place.free, place.share, place.threads)
        if not measured or spec.policy.kind in _ASKING:
            return mates[:1]
        self.waiting = True
        return []

    def _gathered_where_it_pays(self, mates: list[Trial], most: int, rates: Rates, place: Place) -> list[Trial]:
        most = rates.best(min(most, math.ceil(place.free / place.lanes)))
        if most < 2:
            return mates[:1]
        party = self._gathered(mates, most)
        return party[: rates.best(len(party))] if party else []

    def _gathered(self, mates: list[Trial], most: int) -> list[Trial]:
        """Up to `most` of them; nobody while more may come."""
        now = time.time()
        newest, oldest = max(t.queued_at for t in mates), min(t.queued_at for t in mates)
        if len(mates) < most and 0 <= now - newest < _QUIET and now - oldest < _LONGEST:
            self.waiting = True
            return []
        return mates[:most]

    def _key(self, study: Study, trial: Trial) -> str | None:
        """The trainer's word on the trial's shape; None for one that goes by itself."""
        if trial.id not in self._keys:
            self._keys[trial.id] = _key(study, trial)
        return self._keys[trial.id]


def _most(study: Study, place: Place) -> int:
    """How many may train as one. A time limit a trial is its budget, which shorter steps of its own fill with more of
    them: there only a person's word packs."""
    pack = study.spec.engine.pack
    if pack is not None:
        return min(place.free, pack)
    return 1 if study.spec.budget.trial_seconds is not None else place.free


def packer(study: Study) -> PackingTrainer | None:
    """The study's trainer, if it can train several configs as one."""
    try:
        trainer = catalog.load(study.spec.trainer)
    except Exception:  # noqa: BLE001 (a third party's import may raise anything; the trial will, and say so)
        return None
    return trainer if isinstance(trainer, PackingTrainer) else None


def _key(study: Study, trial: Trial) -> str | None:
    trainer, spec = packer(study), study.spec
    if trainer is None:
        return None
    try:
        return trainer.pack_key(trial.params, spec.task, dict(spec.options))
    except Exception:  # noqa: BLE001 (a bad option, or a third party's fault: the trial will fail on it, and say so)
        return None
