"""A script under the real worker: from config.json to exit.json."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import psutil

from trainers import rundir
from trainers.contract import Limits, Objective, RunConfig

ROOT = Path(__file__).resolve().parents[3]


def run_worker(tmp_path: Path, source: str, limits: Limits | None = None) -> tuple[dict[str, Any], Path]:
    (tmp_path / "train.py").write_text(textwrap.dedent(source))
    run_dir = tmp_path / "runs" / "s" / "0"
    config = RunConfig(
        study="s",
        trial=0,
        trainer="script",
        params={"lr": 0.1},
        objective=Objective("val_loss"),
        options={"command": [sys.executable, "train.py", "{lr}"], "cwd": str(tmp_path), "params": ["lr"]},
        limits=limits or Limits(),
    )
    rundir.create(run_dir, config)
    subprocess.run([sys.executable, "-m", "trainers.worker", str(run_dir)], cwd=ROOT, check=True, timeout=60)
    return json.loads((run_dir / rundir.EXIT).read_text()), run_dir


def test_reports_and_output_arrive_in_the_run_folder(tmp_path):
    source = """
        import sys
        print("lr is", sys.argv[1])
        for step in range(3):
            print(f"step {step} val_loss={1 / (step + 1)}")
        print("bye", file=sys.stderr)
    """
    ended, run_dir = run_worker(tmp_path, source)
    assert (ended["state"], ended["failure"]) == ("completed", None)
    assert [(r.step, r.metrics["val_loss"]) for r in rundir.all_reports(run_dir)] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]
    log = (run_dir / rundir.LOG).read_text()
    assert "lr is 0.1\n" in log and "bye\n" in log


def test_a_failure_is_typed_and_its_traceback_stands_in_the_log_once(tmp_path):
    ended, run_dir = run_worker(tmp_path, "print('val_loss=1')\nimport no_such_module_anywhere\n")
    assert ended["state"] == "failed"
    assert ended["failure"]["kind"] == "import_error"
    assert ended["failure"]["exit_code"] == 1
    assert (run_dir / rundir.LOG).read_text().count("ModuleNotFoundError") == 1


def test_a_script_that_ignores_sigterm_is_ended_with_its_children_at_its_time_limit(tmp_path):
    source = """
        import os, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "300"], start_new_session=True)
        open("pids", "w").write(f"{os.getpid()} {child.pid}")
        print("val_loss=0.5")
        time.sleep(300)
    """
    begin = time.monotonic()
    ended, _ = run_worker(tmp_path, source, Limits(seconds=2.0, grace=0.5))
    assert time.monotonic() - begin < 30
    assert (ended["state"], ended["cut_short"]) == ("completed", True)
    for pid in (tmp_path / "pids").read_text().split():
        assert not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
