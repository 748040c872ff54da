"""What every engine promises. A test module subclasses EngineConformance and says how to make one."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trainers import runs
from trainers import processes, rundir
from trainers.contract import Limits, RunConfig
from trainers.engines import Engine, JobStatus, Slot


class EngineConformance:
    """`make_engine` gives an engine; called again, one that has forgotten all the first one knew."""

    def make_engine(self) -> Engine:
        raise NotImplementedError

    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        engine = self.make_engine()
        yield engine
        engine.close()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Iterator[Path]:
        yield tmp_path
        for run_dir in tmp_path.iterdir():
            runs.kill_all(run_dir)

    @staticmethod
    def launch(engine: Engine, run_dir: Path, task: str = "fine", **changes: object) -> RunConfig:
        config = runs.make_run(run_dir, task, **changes)
        engine.launch(run_dir, config)
        return config

    @staticmethod
    def wait_status(engine: Engine, run_dir: Path, *wanted: JobStatus) -> JobStatus:
        """Until the status is one of `wanted`; it must never go backwards on the way."""
        order = [JobStatus.LAUNCHING, JobStatus.RUNNING, JobStatus.ENDED, JobStatus.LOST]
        seen = [0]

        def there() -> bool:
            status = engine.status(run_dir)
            assert order.index(status) >= seen[-1]
            seen.append(order.index(status))
            return status in wanted

        runs.wait_for(there)
        return order[seen[-1]]

    def test_a_launched_run_runs_and_ends(self, engine, folder):
        self.launch(engine, folder / "0", options={"pause": 0.02})
        self.wait_status(engine, folder / "0", JobStatus.RUNNING)
        self.wait_status(engine, folder / "0", JobStatus.ENDED)
        assert runs.ended(folder / "0")["state"] == "completed"

    def test_launch_returns_at_once(self, engine, folder):
        configs = {folder / str(n): runs.make_run(folder / str(n)) for n in range(3)}
        began = time.monotonic()
        for run_dir, config in configs.items():
            engine.launch(run_dir, config)
        assert time.monotonic() - began < 2.0
        for run_dir in configs:
            self.wait_status(engine, run_dir, JobStatus.ENDED)

    def test_a_run_launched_twice_runs_once(self, engine, folder):
        config = self.launch(engine, folder / "0")
        engine.launch(folder / "0", config)
        self.wait_status(engine, folder / "0", JobStatus.ENDED)
        time.sleep(0.3)
        assert [r.step for r in rundir.all_reports(folder / "0")] == list(range(20))

    def test_stop_is_gentle_first(self, engine, folder):
        self.launch(engine, folder / "0", "polite", limits=Limits(grace=20.0))
        runs.wait_reports(folder / "0")
        engine.stop(folder / "0", "enough")
        engine.stop(folder / "0", "enough, I said")
        self.wait_status(engine, folder / "0", JobStatus.ENDED)
        assert runs.ended(folder / "0")["state"] == "stopped"
        assert (folder / "0" / rundir.CHECKPOINT / "saved").exists()
        stop = rundir.read_json(folder / "0" / rundir.STOP)
        assert stop is not None and stop["reason"] == "enough"

    def test_a_run_stopped_before_it_started_ends_stopped(self, engine, folder):
        config = runs.make_run(folder / "0", "slow")
        engine.stop(folder / "0", "changed my mind")
        engine.launch(folder / "0", config)
        self.wait_status(engine, folder / "0", JobStatus.ENDED)
        assert runs.ended(folder / "0")["state"] == "stopped"

    @pytest.mark.parametrize("task", ["slow", "deaf", "orphans", "children"])
    def test_kill_ends_it_and_all_it_started(self, engine, folder, task):
        self.launch(engine, folder / "0", task, options={"pause": 60.0}, limits=Limits(grace=60.0))
        runs.child(folder / "0")
        if task != "deaf":
            runs.wait_reports(folder / "0")
        engine.kill(folder / "0")
        assert engine.status(folder / "0") in (JobStatus.LOST, JobStatus.ENDED)
        assert runs.living(folder / "0") == []

    def test_a_run_killed_before_it_started_never_starts(self, engine, folder):
        config = runs.make_run(folder / "0")
        engine.kill(folder / "0")
        engine.launch(folder / "0", config)
        assert self.wait_status(engine, folder / "0", JobStatus.LOST, JobStatus.ENDED) is JobStatus.LOST
        time.sleep(0.3)
        assert not (folder / "0" / rundir.REPORTS).exists()

    def test_an_engine_that_restarts_finds_what_runs(self, engine, folder):
        self.launch(engine, folder / "0", "slow")
        runs.wait_reports(folder / "0")
        later = self.make_engine()
        assert later.status(folder / "0") is JobStatus.RUNNING
        engine.close()
        time.sleep(0.2)
        assert later.status(folder / "0") is JobStatus.RUNNING
        later.stop(folder / "0", "enough")
        self.wait_status(later, folder / "0", JobStatus.ENDED)
        assert runs.ended(folder / "0")["state"] == "stopped"
        later.close()

    def test_an_engine_that_restarts_knows_what_has_ended_and_what_died(self, engine, folder):
        self.launch(engine, folder / "ended")
        self.launch(engine, folder / "died", "slow")
        self.wait_status(engine, folder / "ended", JobStatus.ENDED)
        runs.wait_reports(folder / "died")
        os.kill(runs.supervisor(folder / "died"), signal.SIGKILL)
        later = self.make_engine()
        assert later.status(folder / "ended") is JobStatus.ENDED
        runs.wait_for(lambda: later.status(folder / "died") is JobStatus.LOST)
        later.close()

    def test_what_an_earlier_engine_did_not_start_never_starts(self, engine, folder):
        runs.make_run(folder / "0")
        assert engine.status(folder / "0") is JobStatus.LOST
        config = runs.make_run(folder / "0")
        engine.launch(folder / "0", config)
        assert self.wait_status(engine, folder / "0", JobStatus.LOST, JobStatus.ENDED) is JobStatus.LOST

    def test_a_fence_keeps_out_what_has_not_started_and_nothing_else(self, engine, folder):
        self.launch(engine, folder / "ran")
        self.wait_status(engine, folder / "ran", JobStatus.ENDED)
        assert not engine.fence(folder / "ran")
        assert engine.fence(folder / "never")
        assert not engine.fence(folder / "never")
        assert engine.status(folder / "never") is JobStatus.LOST

    @pytest.mark.parametrize("pause", [0.0, 0.001, 0.003, 0.01, 0.03])
    def test_fence_or_start_but_never_both(self, engine, folder, pause):
        self.launch(engine, folder / "warm")
        self.wait_status(engine, folder / "warm", JobStatus.ENDED)
        self.launch(engine, folder / "0")
        time.sleep(pause)
        fenced = engine.fence(folder / "0")
        runs.wait_for(lambda: engine.status(folder / "0") in (JobStatus.ENDED, JobStatus.LOST))
        time.sleep(0.1)
        assert fenced is (engine.status(folder / "0") is JobStatus.LOST)
        assert fenced is not (folder / "0" / rundir.REPORTS).exists()

    def test_a_claim_that_a_power_cut_left_empty_is_a_lost_run_not_a_crash(self, engine, folder):
        runs.make_run(folder / "0")
        (folder / "0" / rundir.STARTED).write_bytes(b"")
        assert engine.status(folder / "0") is JobStatus.LOST
        engine.kill(folder / "0")

    def test_a_pid_given_to_somebody_else_is_not_the_run(self, engine, folder):
        runs.make_run(folder / "0")
        mine = {"pid": os.getpid(), "mark": "1", "host": "here", "at": 0.0}
        rundir.write_json(folder / "0" / rundir.STARTED, mine)
        assert engine.status(folder / "0") is JobStatus.LOST
        engine.stop(folder / "0", "enough")
        engine.kill(folder / "0")  # and we are still here to say so
        assert processes.look(os.getpid()) is not None

    def test_slots_come_back(self, engine):
        slots: list[Slot] = []
        with contextlib.suppress(StopIteration):
            while (slot := engine.reserve(0.0, 1)) is not None:
                slots.append(slot)
        assert slots
        engine.release(slots.pop())
        again = engine.reserve(0.0, 1)
        assert again is not None
        later = self.make_engine()
        for slot in (*slots, again):
            later.adopt(Slot.from_dict(slot.to_dict()))
        assert later.reserve(0.0, 1) is None
        assert later.reserve(0.0, 1, force=True) is not None
        later.close()

    # -- several runs in one process -----------------------------------------------

    @staticmethod
    def launch_pack(engine: Engine, folder: Path, number: int, **options: object) -> list[Path]:
        run_dirs = [folder / str(n) for n in range(number)]
        params, trainer = {"x": 1.0, "y": 0.0}, "together"
        configs = [
            runs.make_run(d, trial=n, trainer=trainer, params=params, options=options) for n, d in enumerate(run_dirs)
        ]
        engine.launch_pack(run_dirs, configs)
        return run_dirs

    def test_a_pack_runs_and_each_of_its_runs_ends(self, engine, folder):
        for run_dir in (run_dirs := self.launch_pack(engine, folder, 3)):
            self.wait_status(engine, run_dir, JobStatus.ENDED)
            assert [report.metrics["together"] for report in rundir.all_reports(run_dir)] == [3.0] * 20
        assert [runs.ended(run_dir)["state"] for run_dir in run_dirs] == ["completed"] * 3

    def test_a_stop_ends_one_run_of_a_pack(self, engine, folder):
        first, *others = self.launch_pack(engine, folder, 3, steps=100_000, pause=0.01)
        runs.wait_reports(first)
        engine.stop(first, "enough")
        self.wait_status(engine, first, JobStatus.ENDED)
        seen = len(list(rundir.all_reports(others[0])))
        runs.wait_reports(others[0], seen + 5)
        assert [engine.status(run_dir) for run_dir in others] == [JobStatus.RUNNING] * 2

    def test_an_engine_that_restarts_finds_a_pack_and_what_died_of_it(self, engine, folder):
        run_dirs = self.launch_pack(engine, folder, 2, steps=100_000, pause=0.01)
        for run_dir in run_dirs:
            runs.wait_reports(run_dir)
        later = self.make_engine()
        assert [later.status(run_dir) for run_dir in run_dirs] == [JobStatus.RUNNING] * 2
        engine.kill(run_dirs[1])
        runs.wait_for(lambda: all(later.status(run_dir) is JobStatus.LOST for run_dir in run_dirs))
        assert [d for d in run_dirs if runs.living(d)] == []
        later.close()
