"""How long a step takes, for one trial by itself and for several as one, on the device at hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from trainers.contract import Objective, RunContext
from trainers.informer.spaces import complete
from trainers.informer.stacked.train import Pack
from trainers.informer.train import Run
from trainers.space import Config

_WARM, _STEPS = 5, 10  # steps before the clock runs, and under it
_LONG = 0.25  # CPU seconds: matrix products take most of such a step, and more trials at once would not be faster


class _Unheard:
    """A context for a few steps that nobody follows."""

    run_dir = checkpoint_dir = Path()
    resume_from: Path | None = None
    threads = accumulation = 1
    objective = Objective("")
    pruned = False

    def __init__(self, task: str, options: Mapping[str, Any], device: str, seed: int) -> None:
        self.task, self.options, self.device, self.seed = task, options, device, seed

    def plan(self, steps: int) -> None: ...

    def report(self, step: int, **metrics: float) -> None: ...

    def should_stop(self) -> bool:
        return False

    def out_of_time(self, reserve: float) -> bool:
        return False

    def seconds_left(self) -> float:
        return math.inf


def step_seconds(
    config: Config, task: str, options: Mapping[str, Any], device: str, sizes: Sequence[int]
) -> dict[int, float]:
    """Seconds a step of so many trials takes; 1 is a trial by itself. CPU seconds on a CPU, so that what else runs
    there does not count; there, no size beyond the first whose step is long."""
    torch.set_num_threads(1)
    config = {**complete(config), "epochs": 1000}  # enough for the steps that are timed
    found = {}
    for size in sizes:
        ctxs: list[RunContext] = [_Unheard(task, options, device, seed) for seed in range(size)]
        found[size] = _alone(config, ctxs[0]) if size == 1 else _time(Pack([config] * size, ctxs).learn, device)
        if device == "cpu" and found[size] > _LONG:
            break
    return found


def _alone(config: Config, ctx: RunContext) -> float:
    run = Run(config, ctx)
    batches = run.progress.batches()
    return _time(lambda: run.learn(next(batches)), ctx.device)


def _time(action: Callable[[], object], device: str) -> float:
    for _ in range(_WARM):
        action()
    started = _clock(device)
    for _ in range(_STEPS):
        action()
    return (_clock(device) - started) / _STEPS


def _clock(device: str) -> float:
    if device == "cpu":
        return time.process_time()
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()
    return time.monotonic()
