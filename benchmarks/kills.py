"""`kill -9` of front, runner and workers at random moments, and what it costs.

`python -m benchmarks.kills [--kills 100] [--seed 0]`. For each target, studies run one after another, two
trials at a time, while the target is killed again and again; then each study is brought to its end
and held against an undisturbed one with the same seed.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from agent.runner.lock import runner_pid
from agent.store import points, studies, trials
from agent.store.connection import Store, open_store
from agent.study.nouns import TrialState
from agent.study.spec import Budget, EngineSpec, StudySpec
from trainers import processes, rundir

TARGETS = ("front", "runner", "worker")
_TRIALS, _STEPS, _PAUSE = 20, 20, 0.01
# Seconds between kills, at most: a front needs about one to start, and should be hit at work as well.
_SPELL = {"front": 2.5, "runner": 0.6, "worker": 0.6, "nobody": 0.6}
_PLUGIN = Path(__file__).resolve().parents[1] / "tests" / "plugin"
_MARK = "TUNEWRIGHT_KILL_TEST"


@dataclass
class Tally:
    """What one target's campaign came to. All but the first four should be 0."""

    kills: int = 0
    studies: int = 0
    trials: int = 0
    retried: int = 0
    lost: int = 0  # acknowledged decisions or reports no longer in the store
    ran_twice: int = 0  # run folders in which a trainer started more than once, or trials with needless attempts
    left_behind: int = 0  # processes alive after the end
    differing: int = 0  # trials unlike the undisturbed study's
    notes: list[str] = field(default_factory=list)


class Campaign:
    """One study under fire."""

    def __init__(self, folder: Path, target: str, rng: random.Random) -> None:
        self.folder, self.target, self.rng = folder, target, rng
        self.store_path, self.ledger = folder / "store.sqlite", folder / "ledger"
        self.mark = uuid.uuid4().hex
        with open_store(self.store_path) as store:
            studies.create(store, _spec(self.ledger), folder)
        self.front: subprocess.Popen[bytes] | None = None
        self.seen: Counter[tuple[str, int]] = Counter()

    def run(self, kills: int) -> tuple[int, Tally]:
        """Kills up to `kills` times while the study runs, then lets it end. Returns kills done and the tally."""
        tally, done = Tally(studies=1, trials=_TRIALS), 0
        with open_store(self.store_path, check=False) as store:
            while not self._finished(store):
                self._ensure_front()
                time.sleep(self.rng.uniform(0.0, _SPELL[self.target]))
                tally.lost += self._lost(store)
                done += done < kills and self._kill(store)
            self._end_front()
            tally.lost += self._lost(store)
            self._count(store, tally)
        tally.kills = done
        tally.left_behind = self._left_behind()
        return done, tally

    def _finished(self, store: Store) -> bool:
        study = studies.get(store, "kills")
        found = trials.all_trials(store, study.id)
        return len(found) == _TRIALS and all(t.state.ended for t in found)

    def _ensure_front(self) -> None:
        if self.front is not None and self.front.poll() is None:
            return
        path = os.pathsep.join([str(_PLUGIN), str(_PLUGIN.parents[1]), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "agent", "run", "kills", "--policy", "auto", "--store", str(self.store_path)]
        with open(self.folder / "front.log", "ab") as log:
            env = {**os.environ, "PYTHONPATH": path, _MARK: self.mark}
            self.front = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _kill(self, store: Store) -> bool:
        pid = self._victim(store)
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            return True
        return False

    def _victim(self, store: Store) -> int | None:
        match self.target:
            case "front":
                return self.front.pid if self.front is not None and self.front.poll() is None else None
            case "runner":
                return runner_pid(self.store_path) or None
            case "worker":
                return self._worker_pid(store)
        return None

    def _worker_pid(self, store: Store) -> int | None:
        """A running trial's supervisor or the process it trains in, at random."""
        found = []
        for attempt in trials.open_attempts(store):
            who = rundir.read_json(store.folder / attempt.run_dir / rundir.STARTED)
            if who and "pid" in who and processes.is_alive(who["pid"], who["mark"]):
                found += [who["pid"], *(p.pid for p in processes.descendants(who["pid"]))]
        return self.rng.choice(found) if found else None

    def _lost(self, store: Store) -> int:
        """How much of what was once in the store no longer is."""
        now: Counter[tuple[str, int]] = Counter()
        for (decision,) in store.conn.execute("SELECT id FROM decision"):
            now["decision", decision] = 1
        for attempt, count in store.conn.execute("SELECT attempt_id, count(*) FROM point GROUP BY attempt_id"):
            now["points", attempt] = count
        missing = sum((self.seen - now).values())
        self.seen = now
        return missing

    def _end_front(self) -> None:
        assert self.front is not None
        try:
            self.front.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.front.kill()

    def _count(self, store: Store, tally: Tally) -> None:
        study = studies.get(store, "kills")
        starts = Counter(self.ledger.read_text().split("\n")[:-1])
        tally.ran_twice += sum(count - 1 for count in starts.values())
        for trial in trials.all_trials(store, study.id):
            began = [a for a in trials.attempts(store, trial.id) if not (a["outcome"] or {}).get("never_started")]
            tally.retried += len(began) - 1
            if self.target != "worker":
                tally.ran_twice += len(began) - 1
            curve = points.curve(store, trial.id, "loss")
            if trial.state is not TrialState.COMPLETED or curve.steps != list(range(_STEPS)):
                tally.lost += 1
                tally.notes.append(f"t{trial.number} {trial.state} {len(curve.steps)} reports")

    def _left_behind(self) -> int:
        """Processes of this campaign that outlive its runner."""
        if pid := runner_pid(self.store_path):
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + 10
        while (left := self._marked()) and time.monotonic() < until:
            time.sleep(0.1)
        processes.kill(left, hard=True)
        return len(left)

    def _marked(self) -> list[processes.Process]:
        wanted = f"{_MARK}={self.mark}".encode()
        found = []
        for process in processes.everything():
            with suppress(OSError), open(f"/proc/{process.pid}/environ", "rb") as file:
                if wanted in file.read().split(b"\0"):
                    found.append(process)
        return found


def _spec(ledger: Path) -> StudySpec:
    from trainers import catalog

    sys.path.insert(0, str(_PLUGIN))
    trainer = catalog.load("quick")
    return StudySpec(
        name="kills",
        trainer="quick",
        task="fine",
        space=trainer.space("fine"),
        objective=trainer.objective("fine"),
        options={"steps": _STEPS, "pause": _PAUSE, "ledger": str(ledger)},
        budget=Budget(trials=_TRIALS),
        engine=EngineSpec(jobs=2, grace_seconds=1.0, retries=1000),
        search="random",
        seed=7,
    )


def _outcome(folder: Path) -> list[tuple[str, float | None]]:
    with open_store(folder / "store.sqlite", check=False) as store:
        found = trials.all_trials(store, studies.get(store, "kills").id)
        return [(repr(t.params), t.value) for t in found]


def campaign(target: str, kills: int, seed: int) -> Tally:
    """Studies under fire until `kills` kills are done, each compared with an undisturbed one."""
    rng = random.Random(f"{target}/{seed}")
    total = Tally()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        calm = Path(folder) / "calm"
        calm.mkdir()
        Campaign(calm, "nobody", rng).run(0)
        while total.kills < kills:
            place = Path(folder) / f"{total.studies}"
            place.mkdir()
            _, tally = Campaign(place, target, rng).run(kills - total.kills)
            tally.differing = sum(a != b for a, b in zip(_outcome(calm), _outcome(place), strict=False))
            for name in (
                "kills",
                "studies",
                "trials",
                "retried",
                "lost",
                "ran_twice",
                "left_behind",
                "differing",
                "notes",
            ):
                setattr(total, name, getattr(total, name) + getattr(tally, name))
    return total


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills")
    parser.add_argument("--kills", type=int, default=100, help="kills for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", choices=TARGETS, action="append")
    options = parser.parse_args()
    print("| target | kills | studies | trials | run again | lost | ran twice | left behind | unlike undisturbed |")
    print("|---|---|---|---|---|---|---|---|---|")
    bad = 0
    for target in options.target or TARGETS:
        t = campaign(target, options.kills, options.seed)
        cells = (t.kills, t.studies, t.trials, t.retried, t.lost, t.ran_twice, t.left_behind, t.differing)
        print(f"| {target} | {' | '.join(str(c) for c in cells)} |", *t.notes, flush=True)
        bad += t.lost + t.ran_twice + t.left_behind + t.differing
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
