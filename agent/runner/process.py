"""The runner's loop: ingest, settle, stop, start; wait; again."""

from __future__ import annotations

import contextlib
import logging
import signal
import time
from pathlib import Path

from agent.runner.active import Active, activate
from agent.runner.ingest import Ingest
from agent.runner.lock import RunnerLock
from agent.runner.lost_device import look_after_device
from agent.runner.packs import give_back, others_live
from agent.runner.pruning import Pruning
from agent.runner.scheduler import Scheduler
from agent.runner.settle import settle
from agent.store import trials
from agent.store.connection import Store, StoreError, open_store
from trainers.engines import JobStatus, Slot
from trainers.engines.local import LocalEngine

log = logging.getLogger(__name__)

TICK = 0.02  # seconds between looks while trials run
IDLE_TICK = 0.05
IDLE_EXIT = 120.0  # seconds without a queued or running trial after which the runner ends
KILL_AFTER = 10.0  # seconds past the grace period after which a run that was asked to stop is killed from here
STATUS_EVERY = 0.05
COMMIT_EVERY = 0.05  # seconds between group commits of reports


class Runner:
    """Runs the trials of one store. Ending it ends no trial: the next runner adopts them."""

    def __init__(self, store: Store, engine: LocalEngine) -> None:
        self.store, self.engine = store, engine
        self.ingest = Ingest(store)
        self.scheduler = Scheduler(store, engine)
        self.pruning = Pruning(store)
        self.active: dict[int, Active] = {}
        self.ending = False
        self._seen_version: int | None = None
        self._looked = self._committed = 0.0
        self._inode = store.path.stat().st_ino

    def adopt(self) -> None:
        """Takes over what an earlier runner left: running, ended or never started."""
        for attempt in trials.open_attempts(self.store):
            active = activate(self.store, attempt, Slot.from_dict(attempt.job))
            if attempt.id not in self.active:
                self.engine.adopt(active.slot)
                self.active[attempt.id] = active

    def run(self) -> None:
        """Until there has been nothing to do for a while, or a signal asks to end."""
        self.adopt()
        busy_at = time.monotonic()
        while not self.ending and time.monotonic() - busy_at < IDLE_EXIT:
            try:
                worked = self.step()
            except (StoreError, OSError) as error:  # a full disk: everything waits in the run folders for space
                log.warning("%s", error)
                worked = self._recover()
            if worked or self.active:
                busy_at = time.monotonic()
            if not worked:
                time.sleep(TICK if self.active else IDLE_TICK)
        self.scheduler.packing.rates.close()
        self.engine.close()

    def _recover(self) -> bool:
        """After a failed round: nothing is taken as seen, and what was claimed but not launched is adopted."""
        time.sleep(1.0)
        self._seen_version = None
        with contextlib.suppress(StoreError, OSError):
            self.adopt()
        return True

    def step(self) -> bool:
        """One round; whether there was anything to do."""
        now = time.monotonic()
        taken = self._take_in(now)
        acted = bool(taken) and self.pruning.look(self.active.values())
        due = now - self._looked >= STATUS_EVERY
        if due:
            self._looked = now
        ended = self._settle_ended() if due else 0
        changed = self._store_changed() or acted
        if changed:
            self._warm()
            self._pass_on_stops()
        if due:
            self._kill_overdue()
            self.ending |= not self._store_is_there()
        looks_again = due and (self.scheduler.packing.rates.look() or self.scheduler.packing.waiting)
        started = self._start() if changed or ended or looks_again else 0
        return bool(taken or ended or started)

    def _take_in(self, now: float) -> int:
        if now - self._committed < COMMIT_EVERY:
            return 0
        self._committed = now
        return self.ingest.take([active.follow for active in self.active.values()])

    def _store_is_there(self) -> bool:
        """False once the file was deleted or replaced: this runner then has nothing to serve."""
        try:
            return self.store.path.stat().st_ino == self._inode
        except OSError:
            return False

    def _store_changed(self) -> bool:
        """Whether another connection has written since the last look."""
        version = self.store.version()
        changed = version != self._seen_version
        self._seen_version = version
        return changed

    def _settle_ended(self) -> int:
        over = []
        for active in self.active.values():
            status = self.engine.status(active.run_dir)
            if status in (JobStatus.ENDED, JobStatus.LOST):
                over.append((active, status))
        for active, status in over:
            if status is JobStatus.LOST:
                self.engine.kill(active.run_dir)
            while self.ingest.take([active.follow]):
                pass
            self.pruning.look([active], last=True)  # a promotion must be there before the end is seen
            look_after_device(self.store, self.engine, active, settle(self.store, active))
            self.pruning.ended(active)
            self.scheduler.packing.ended(active)
            self.engine.forget(active.run_dir)
            del self.active[active.attempt.id]
            give_back(self.store, self.engine, active, self.active.values())
        return len(over)

    def _pass_on_stops(self) -> None:
        for active in self.active.values():
            if active.stop_asked is None:
                trial = trials.by_id(self.store, active.trial.id)
                if trial.stop_requested is not None:
                    active.stop_asked = time.monotonic()
                    active.pruned = trial.pruning
                    self.engine.stop(active.run_dir, trial.stop_requested, prune=trial.pruning)

    def _kill_overdue(self) -> None:
        for active in self.active.values():
            grace = active.study.spec.engine.grace_seconds + KILL_AFTER
            overdue = active.stop_asked is not None and time.monotonic() - active.stop_asked > grace
            if overdue and not others_live(active, self.active.values()):
                self.engine.kill(active.run_dir)

    def _warm(self) -> None:
        """Gets ready for the trials of studies whose proposals wait for a person."""
        sql = """SELECT DISTINCT json_extract(spec, '$.trainer') AS trainer,
                        json_extract(spec, '$.engine.threads') AS threads
                 FROM study JOIN proposal ON proposal.study_id = study.id WHERE proposal.state = 'pending'"""
        for row in self.store.query(sql):
            self.engine.warm(row["trainer"], row["threads"])

    def _start(self) -> int:
        started = self.scheduler.start_queued(self.active.values())
        for active in started:
            self.active[active.attempt.id] = active
        return len(started)


def main(store_path: Path) -> int:
    """The body of `python -m agent.runner STORE`. 0 also when another runner has the store."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s runner %(process)d %(levelname)s %(message)s")
    lock = RunnerLock(store_path)
    if not lock.acquire():
        return 0
    with open_store(store_path, create=False) as store:
        runner = Runner(store, LocalEngine())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(runner, "ending", True))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        runner.run()
    return 0
