"""Makes the labelled set: really runs small trainings with a known fault, and keeps their run folders.

python -m tests.agent.diagnosis.make_cases [SPLIT …] [NAME …]
"""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainers import rundir
from trainers.contract import Limits, Objective, RunConfig

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SPLITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
KEPT_LOG = 24 << 10
KEPT_REPORTS = 80 << 10


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One case: what to run, and what is wrong with it: a key of `labelled.VERDICTS`."""

    name: str
    fault: str
    params: dict[str, Any]
    space: dict[str, Any]
    objective: Objective
    command: tuple[str, ...] = ()
    trainer: str = "script"
    task: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    memory_bytes: int | None = None
    peers: tuple[dict[str, Any], ...] = ()  # params of other trials of the same study, run too
    stop_after: float | None = None  # seconds until a stop is asked for
    stop: dict[str, Any] = field(default_factory=dict)
    kill_supervisor_after: float | None = None


def run(spec: Spec, params: dict[str, Any], project: Path, run_dir: Path, number: int) -> None:
    """Runs one trial of the case to its end through the worker."""
    options = {"command": list(spec.command), "cwd": str(project), **spec.options} if spec.command else spec.options
    config = RunConfig(
        study=spec.name, trial=number, trainer=spec.trainer, params=params, objective=spec.objective, task=spec.task,
        options=options, limits=Limits(seconds=spec.seconds, memory_bytes=spec.memory_bytes, grace=1.0),
    )  # fmt: skip
    rundir.create(run_dir, config)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PATH": _path()}
    worker = subprocess.Popen([sys.executable, "-m", "trainers.worker", str(run_dir)], env=environment)
    if spec.stop_after is not None:
        time.sleep(spec.stop_after)
        rundir.write_json(run_dir / rundir.STOP, spec.stop)
    if spec.kill_supervisor_after is not None:
        time.sleep(spec.kill_supervisor_after)
        worker.send_signal(signal.SIGKILL)
    worker.wait()


def _path() -> str:
    """`python` in a command is the interpreter that runs this."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def make(spec: Spec, target: Path) -> None:
    """Runs the case in a temporary folder and keeps its run folder, small and without machine paths."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(HERE / "scripts", project, ignore=shutil.ignore_patterns("__pycache__"))
        peers = [_peer(spec, params, project, Path(folder) / f"peer{i}", i) for i, params in enumerate(spec.peers)]
        run_dir = Path(folder) / "run"
        run(spec, spec.params, project, run_dir, len(peers))
        _keep(run_dir, project, target)
    label = {
        "fault": spec.fault,
        "space": spec.space, "peers": peers,
    }  # fmt: skip
    (target / "label.json").write_text(json.dumps(label, indent=1) + "\n")


def _peer(spec: Spec, params: dict[str, Any], project: Path, run_dir: Path, number: int) -> dict[str, Any]:
    run(spec, params, project, run_dir, number)
    end = rundir.read_json(run_dir / rundir.EXIT) or {}
    values = [
        r.metrics[spec.objective.metric] for r in rundir.all_reports(run_dir) if spec.objective.metric in r.metrics
    ]
    value = spec.objective.value(values)
    return {"number": number, "params": params, "state": end["state"], "value": value, "seconds": end["wall_seconds"]}


def _keep(run_dir: Path, project: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in (rundir.CONFIG, rundir.REPORTS, rundir.LOG, rundir.EXIT, rundir.STOP):
        if (run_dir / name).exists():
            text = (run_dir / name).read_text(errors="replace")
            (target / name).write_text(_scrub(text, run_dir, project))
    for name, most in ((rundir.LOG, KEPT_LOG), (rundir.REPORTS, KEPT_REPORTS)):
        if (target / name).exists():
            _trim(target / name, most)


def _scrub(text: str, run_dir: Path, project: Path) -> str:
    for found, shown in (
        (str(project), "/project"), (str(run_dir), "/project/runs/study/0"), (sys.prefix, "/venv"),
        (str(ROOT), "/tunewright"), (sys.base_prefix, "/usr"),
    ):  # fmt: skip
        text = text.replace(found, shown)
    return re.sub(r"/tmp/tmp\w+", "/project", text)


def _trim(path: Path, most: int) -> None:
    """Drops whole lines from the middle of what is too long."""
    lines = path.read_text().splitlines(keepends=True)
    while sum(map(len, lines)) > most and len(lines) > 60:
        del lines[30:-30:2]
    path.write_text("".join(lines))


def specs(split: str) -> list[Spec]:
    found: list[Spec] = importlib.import_module(f"tests.agent.diagnosis.{split}_cases").CASES
    return found


def main(argv: list[str]) -> None:
    splits = [s for s in argv if s in SPLITS] or list(SPLITS)
    wanted = [name for name in argv if name not in splits]
    for split in splits:
        for spec in specs(split):
            if not wanted or any(spec.name.startswith(w) for w in wanted):
                begun = time.monotonic()
                make(spec, HERE / "cases" / split / spec.name)
                print(f"{split}/{spec.name}  {time.monotonic() - begun:.1f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
