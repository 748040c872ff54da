"""Runs real scripts under the script trainer, with a context that keeps what is reported."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from trainers.contract import Failure, Objective, TrialFailed
from trainers.script import ScriptTrainer


@dataclass
class Context:
    """A RunContext in memory. It asks to stop `stop_after` seconds after it was made."""

    run_dir: Path
    options: Mapping[str, Any]
    objective: Objective
    seed: int = 7
    threads: int = 1
    task: str = ""
    device: str = "cpu"
    resume_from: Path | None = None
    accumulation: int = 1
    stop_after: float = float("inf")
    reports: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @property
    def checkpoint_dir(self) -> Path:
        return self.run_dir / "checkpoint"

    @property
    def pruned(self) -> bool:
        return False

    def plan(self, steps: int) -> None:
        pass

    def report(self, step: int, **metrics: float) -> None:
        self.reports.append((step, metrics))

    def should_stop(self) -> bool:
        return time.monotonic() - self.started > self.stop_after

    def out_of_time(self, reserve: float) -> bool:
        return self.seconds_left() <= reserve

    def seconds_left(self) -> float:
        return float("inf")


@dataclass
class Outcome:
    """What a run has left: its reports, and why it failed (None when it did not)."""

    ctx: Context
    failure: Failure | None

    @property
    def reports(self) -> list[tuple[int, dict[str, float]]]:
        return self.ctx.reports

    def curve(self, metric: str) -> list[tuple[int, float]]:
        return [(step, metrics[metric]) for step, metrics in self.reports if metric in metrics]


RunScript = Callable[..., Outcome]


@pytest.fixture
def run_script(tmp_path: Path) -> RunScript:
    """`run_script(source, config, metrics=…, command=…, objective="val_loss", **context)`.

    `source` becomes train.py in the folder the command runs in, tmp_path/"work".
    """
    work, run_dir = tmp_path / "work", tmp_path / "run"
    for folder in (work, run_dir, run_dir / "checkpoint"):
        folder.mkdir(parents=True)

    def run(source: str = "", config: Mapping[str, Any] | None = None, /, **given: Any) -> Outcome:
        (work / "train.py").write_text(source)
        options = {"command": [sys.executable, "train.py"], "cwd": str(work)}
        options |= {key: given.pop(key) for key in ("command", "metrics", "cwd", "env", "params") if key in given}
        objective = Objective(given.pop("objective", "val_loss"))
        ctx = Context(run_dir, options, objective, **given)
        try:
            ScriptTrainer().run(dict(config or {}), ctx)
        except TrialFailed as failed:
            return Outcome(ctx, failed.failure)
        return Outcome(ctx, None)

    return run
