"""Runs of the `quick` trainer in real processes, for the tests of worker and engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainers import processes, rundir
from trainers.contract import Limits, Objective, RunConfig


def make_run(run_dir: Path, task: str = "fine", *, limits: Limits | None = None, **changes: Any) -> RunConfig:
    """A run folder for the quick trainer's `task`, with a short grace period unless told otherwise."""
    config = RunConfig(
        study="a study",
        trial=0,
        trainer="quick",
        params={"x": 0.5, "y": 0.5},
        objective=Objective("loss", at="last"),
        task=task,
        limits=limits or Limits(grace=0.5),
    ).replace(**changes)
    rundir.create(run_dir, config)
    return config


def start(run_dir: Path, **popen: Any) -> subprocess.Popen[bytes]:
    """A worker on the folder, as on a bare node."""
    return subprocess.Popen([sys.executable, "-m", "trainers.worker", str(run_dir)], **popen)


def run(run_dir: Path, task: str = "fine", **changes: Any) -> dict[str, Any]:
    """Runs `task` to its end; the content of exit.json."""
    make_run(run_dir, task, **changes)
    worker = start(run_dir)
    worker.wait(60)
    return ended(run_dir)


def ended(run_dir: Path) -> dict[str, Any]:
    found = rundir.read_json(run_dir / rundir.EXIT)
    assert found is not None, (run_dir / rundir.LOG).read_text() if (run_dir / rundir.LOG).exists() else "no log"
    return found


def wait_for(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)
    return value


def wait_reports(run_dir: Path, count: int = 1) -> None:
    """Until the trial has reported that often."""
    wait_for(lambda: len(list(rundir.all_reports(run_dir))) >= count)


def supervisor(run_dir: Path) -> int:
    who = wait_for(lambda: rundir.supervisor_of(run_dir))
    return int(who["pid"])


def child(run_dir: Path) -> int:
    """The pid of the process in which the trainer runs."""
    name = processes.run_name(str(run_dir))
    of_ours = lambda: [p.pid for p in processes.descendants(supervisor(run_dir)) if p.name == name]  # noqa: E731
    return int(wait_for(of_ours)[0])


def living(run_dir: Path) -> list[processes.Process]:
    """Processes of the run, found by each of the marks they bear."""
    return processes.of_run(str(run_dir))


def kill_all(run_dir: Path) -> None:
    """After a test that failed in the middle: leaves nothing behind."""
    who = rundir.supervisor_of(run_dir)
    if who and processes.is_alive(who["pid"], who["mark"]):
        os.kill(who["pid"], signal.SIGKILL)
    processes.reap_remains(str(run_dir), (who["pid"], who["mark"]) if who else None)
