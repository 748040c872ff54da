"""Several runs in one process: folders, ends and failures of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.trainers import runs
from trainers import pack, processes, rundir
from trainers.contract import FailureKind, Limits, RunConfig
from trainers.engines import JobStatus
from trainers.engines.local import LocalEngine

FINE, RAISES, DEAF, FATAL, SPOILS = 0.0, 1.0, 1.5, -1.5, -2.0  # of tests/plugin/together_trainer.py
LONG = {"steps": 100_000, "pause": 0.01}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for run_dir in tmp_path.iterdir():
        runs.kill_all(run_dir)


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    engine = LocalEngine()
    yield engine
    engine.close()


def make(folder: Path, *kinds: float, limits: dict[int, Limits] | None = None, **changes: Any) -> list[RunConfig]:
    """A run folder for each kind of trial, numbered from 0."""
    configs = []
    for number, y in enumerate(kinds):
        more = {"trial": number, "trainer": "together", "params": {"x": 1.0, "y": y}, **changes}
        own = (limits or {}).get(number) or changes.get("limits") or Limits(grace=0.5)
        configs.append(runs.make_run(folder / str(number), "fine", **{**more, "limits": own}))
    return configs


def together(folder: Path, *kinds: float, **changes: Any) -> list[dict[str, Any]]:
    """Runs them as a bare node would; how each ended."""
    make(folder, *kinds, **changes)
    pack.describe([folder / str(number) for number in range(len(kinds))])
    subprocess.run([sys.executable, "-m", "trainers.worker", str(folder / "0")], check=False, timeout=60)
    return [runs.ended(folder / str(number)) for number in range(len(kinds))]


def launch(engine: LocalEngine, folder: Path, *kinds: float, **changes: Any) -> list[Path]:
    configs = make(folder, *kinds, **{"options": LONG, **changes})
    run_dirs = [folder / str(number) for number in range(len(kinds))]
    engine.launch_pack(run_dirs, configs)
    return run_dirs


def steps(run_dir: Path) -> list[int]:
    return [report.step for report in rundir.all_reports(run_dir)]


def test_each_trial_of_a_pack_has_the_files_of_a_run(folder: Path) -> None:
    ended = together(folder, FINE, FINE, FINE)
    assert [end["state"] for end in ended] == ["completed"] * 3
    assert [end["together_with"] for end in ended] == [[1, 2], [0, 2], [0, 1]]
    for number in range(3):
        run_dir = folder / str(number)
        assert steps(run_dir) == list(range(20))
        assert {rundir.STARTED, rundir.LOG, rundir.EXIT} <= {path.name for path in run_dir.iterdir()}
        assert rundir.supervisor_of(run_dir)["pid"] == rundir.supervisor_of(folder / "0")["pid"]


def test_usage_is_the_processs_and_stands_in_every_folder(folder: Path) -> None:
    together(folder, FINE, FINE, options={"steps": 5, "pause": 0.1})
    first, second = ((folder / str(number) / rundir.USAGE).read_bytes() for number in range(2))
    assert first == second
    assert b'"host"' in first


def test_cpu_seconds_are_shared_out(folder: Path) -> None:
    ended = together(folder, FINE, FINE, FINE, options={"steps": 4, "burn": 0.1})
    shares = [end["cpu_seconds"] for end in ended]
    assert min(shares) > 0.05
    assert max(shares) < 1.5 * min(shares)
    assert sum(shares) < 2.0


def test_one_trials_own_failure_is_its_own(folder: Path) -> None:
    fine, raises, other = together(folder, FINE, RAISES, FINE)
    assert (fine["state"], other["state"]) == ("completed", "completed")
    assert raises["state"] == "failed"
    assert raises["failure"]["kind"] == FailureKind.EXCEPTION
    assert "own fault" in raises["failure"]["message"]
    assert "together_trainer.py" not in (raises["failure"]["stderr_tail"] or "")
    assert steps(folder / "0") == list(range(20))


@pytest.mark.parametrize(("kind", "said"), [(FATAL, "SIGSEGV"), (SPOILS, "nobody knows")])
def test_what_ends_the_process_is_nobodys_fault(folder: Path, kind: float, said: str) -> None:
    for end in together(folder, FINE, kind, FINE):
        assert end["state"] == "failed"
        assert end["shared_fault"] is True
        assert end["failure"]["kind"] == FailureKind.LOST
        assert end["failure"]["transient"]
        assert said in end["failure"]["message"]


def test_a_trial_that_had_ended_before_the_process_did_keeps_its_end(folder: Path) -> None:
    raises, fatal = together(folder, RAISES, SPOILS)
    assert "own fault" in raises["failure"]["message"]
    assert fatal["shared_fault"]


def test_a_time_limit_ends_its_own_trial_only(folder: Path) -> None:
    limits = {0: Limits(seconds=0.3, grace=5.0), 1: Limits(grace=5.0)}
    short, whole = together(folder, FINE, FINE, limits=limits, options={"steps": 60, "pause": 0.02})
    assert (short["state"], short["cut_short"]) == ("completed", True)
    assert (whole["state"], whole["cut_short"]) == ("completed", False)
    assert len(steps(folder / "0")) < 60 == len(steps(folder / "1"))
    assert short["wall_seconds"] < whole["wall_seconds"]


def test_a_trial_that_does_not_heed_its_limit_is_ended_without_its_neighbours(folder: Path) -> None:
    limits = {0: Limits(seconds=0.2, grace=0.3)}
    deaf, whole = together(folder, DEAF, FINE, limits=limits, options={"steps": 80, "pause": 0.02})
    assert (deaf["state"], deaf["cut_short"]) == ("completed", True)
    assert deaf["wall_seconds"] < 1.2
    assert whole["state"] == "completed"
    assert steps(folder / "1") == list(range(80))


def test_a_stop_ends_its_own_trial_only(engine: LocalEngine, folder: Path) -> None:
    run_dirs = launch(engine, folder, FINE, FINE, FINE)
    for run_dir in run_dirs:
        runs.wait_reports(run_dir)
    engine.stop(run_dirs[0], "enough")  # the first, whose folder says what the pack is
    runs.wait_for(lambda: engine.status(run_dirs[0]) is JobStatus.ENDED)
    assert runs.ended(run_dirs[0])["state"] == "stopped"
    seen = [len(steps(run_dir)) for run_dir in run_dirs[1:]]
    runs.wait_for(lambda: all(len(steps(d)) > n + 5 for d, n in zip(run_dirs[1:], seen, strict=True)))
    for run_dir in run_dirs[1:]:
        engine.stop(run_dir, "enough")
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.ENDED for run_dir in run_dirs))
    assert [runs.ended(run_dir)["state"] for run_dir in run_dirs] == ["stopped"] * 3
    who = rundir.supervisor_of(run_dirs[0])
    runs.wait_for(lambda: not processes.is_alive(who["pid"], who["mark"]))


def test_a_pack_of_which_nobody_heeds_the_stop_is_ended(engine: LocalEngine, folder: Path) -> None:
    run_dirs = launch(engine, folder, DEAF, DEAF)
    for run_dir in run_dirs:
        runs.wait_reports(run_dir)
        engine.stop(run_dir, "enough")
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.ENDED for run_dir in run_dirs))
    who = rundir.supervisor_of(run_dirs[0])
    runs.wait_for(lambda: not processes.is_alive(who["pid"], who["mark"]))
    assert [runs.ended(run_dir)["state"] for run_dir in run_dirs] == ["stopped"] * 2
    assert processes.of_session(who["pid"]) == []


def test_a_killed_supervisor_loses_every_trial_and_leaves_no_process(engine: LocalEngine, folder: Path) -> None:
    run_dirs = launch(engine, folder, FINE, FINE, FINE)
    for run_dir in run_dirs:
        runs.wait_reports(run_dir)
    child = runs.child(run_dirs[0])
    os.kill(runs.supervisor(run_dirs[0]), signal.SIGKILL)
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.LOST for run_dir in run_dirs))
    for run_dir in run_dirs:
        engine.kill(run_dir)
    assert processes.look(child) is None


def test_a_killed_trainer_process_ends_every_trial_as_lost(engine: LocalEngine, folder: Path) -> None:
    run_dirs = launch(engine, folder, FINE, FINE)
    for run_dir in run_dirs:
        runs.wait_reports(run_dir)
    os.kill(runs.child(run_dirs[0]), signal.SIGKILL)
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.ENDED for run_dir in run_dirs))
    assert [runs.ended(run_dir)["failure"]["kind"] for run_dir in run_dirs] == [FailureKind.LOST] * 2
    assert all("SIGKILL" in runs.ended(run_dir)["failure"]["message"] for run_dir in run_dirs)


def test_sigterm_from_outside_ends_all_and_they_are_worth_another_try(engine: LocalEngine, folder: Path) -> None:
    run_dirs = launch(engine, folder, FINE, FINE)
    for run_dir in run_dirs:
        runs.wait_reports(run_dir)
    os.kill(runs.supervisor(run_dirs[0]), signal.SIGTERM)
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.ENDED for run_dir in run_dirs))
    for run_dir in run_dirs:
        end = runs.ended(run_dir)
        assert (end["state"], end["failure"]["kind"]) == ("failed", FailureKind.SIGNAL)
        assert end["failure"]["transient"]


def test_a_run_that_was_fenced_off_stays_out_and_the_others_run(engine: LocalEngine, folder: Path) -> None:
    configs = make(folder, FINE, FINE, FINE)
    run_dirs = [folder / str(number) for number in range(3)]
    assert engine.fence(run_dirs[0])
    engine.launch_pack(run_dirs, configs)
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.ENDED for run_dir in run_dirs[1:]))
    assert engine.status(run_dirs[0]) is JobStatus.LOST
    assert not (run_dirs[0] / rundir.REPORTS).exists()


def test_a_pack_launched_twice_runs_once(engine: LocalEngine, folder: Path) -> None:
    configs = make(folder, FINE, FINE)
    run_dirs = [folder / str(number) for number in range(2)]
    engine.launch_pack(run_dirs, configs)
    engine.launch_pack(run_dirs, configs)
    runs.wait_for(lambda: all(engine.status(run_dir) is JobStatus.ENDED for run_dir in run_dirs))
    time.sleep(0.3)
    assert [steps(run_dir) for run_dir in run_dirs] == [list(range(20))] * 2


def test_too_much_memory_ends_the_process_and_each_is_tried_by_itself(folder: Path) -> None:
    limits = {0: Limits(memory_bytes=1 << 20, grace=0.5)}
    for end in together(folder, FINE, FINE, limits=limits, options=LONG):
        assert end["shared_fault"]
        assert "limit is 0.00 GiB" in end["failure"]["message"]


def test_a_config_that_cannot_be_read_is_left_out(folder: Path) -> None:
    make(folder, FINE, FINE, FINE)
    (folder / "1" / rundir.CONFIG).write_text(json.dumps({"format": 99}))
    pack.describe([folder / str(number) for number in range(3)])
    subprocess.run([sys.executable, "-m", "trainers.worker", str(folder / "0")], check=False, timeout=60)
    assert runs.ended(folder / "0")["together_with"] == [2]
    assert not (folder / "1" / rundir.STARTED).exists()
