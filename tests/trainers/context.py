"""A RunContext in this process that records what a trainer reports."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainers.contract import TELEMETRY, Objective


class Killed(BaseException):
    """Stands for the signal no program can handle."""


@dataclass(kw_only=True)
class RecordingContext:
    """`seconds` is the time limit. After so many reports `stop_after` asks the trial to stop, `die_after` kills it."""

    run_dir: Path
    objective: Objective
    task: str = ""
    device: str = "cpu"
    seed: int = 0
    threads: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    resume_from: Path | None = None
    accumulation: int = 1
    seconds: float = math.inf
    stop_after: int | None = None
    die_after: int | None = None
    reports: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    asked_after_stop: int = 0
    telemetry: list[dict[str, float]] = field(default_factory=list)  # apart, since no two runs are equally fast
    pruned: bool = False
    planned: int | None = None

    def __post_init__(self) -> None:
        self.checkpoint_dir = self.run_dir / "checkpoint"
        self.checkpoint_dir.mkdir(parents=True)
        self.deadline = time.monotonic() + self.seconds

    def plan(self, steps: int) -> None:
        self.planned = steps

    def report(self, step: int, **metrics: float) -> None:
        json.dumps(metrics)  # the worker writes them so
        self.telemetry.append({name: metrics[name] for name in metrics.keys() & TELEMETRY})
        self.reports.append((step, {name: value for name, value in metrics.items() if name not in TELEMETRY}))
        if self.die_after is not None and len(self.reports) >= self.die_after:
            raise Killed

    def should_stop(self) -> bool:
        stop = self.stop_after is not None and len(self.reports) >= self.stop_after
        stop = stop or time.monotonic() > self.deadline
        self.asked_after_stop += stop
        return stop

    def out_of_time(self, reserve: float) -> bool:
        return self.seconds_left() <= reserve

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def values(self, metric: str) -> list[float]:
        """What was reported of `metric`, in order."""
        return [metrics[metric] for _, metrics in self.reports if metric in metrics]

    def value(self) -> float | None:
        """The trial's value, as its objective defines it."""
        return self.objective.value(self.values(self.objective.metric))
