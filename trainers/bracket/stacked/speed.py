"""How long a step takes, for one trial by itself and for several as one, on the device at hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from trainers.bracket.stacked.model import evaluate as evaluate_stacked
from trainers.bracket.stacked.train import Pack
from trainers.bracket.train import Run
from trainers.contract import Objective, RunContext
from trainers.space import Config

_WARM, _STEPS = 3, 12  # steps before the clock runs, and under it


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
    """Seconds a step of so many trials takes, with its share of an evaluation; 1 is a trial by itself.

    CPU seconds on a CPU, so that what else runs there does not count.
    """
    torch.set_num_threads(1)
    found = {}
    for size in sizes:
        ctxs: list[RunContext] = [_Unheard(task, options, device, seed) for seed in range(size)]
        found[size] = _alone(config, ctxs[0]) if size == 1 else _stacked(config, ctxs)
    return found


def _alone(config: Config, ctx: RunContext) -> float:
    torch.manual_seed(ctx.seed)
    run = Run({**config, "epochs": _epochs(config)}, ctx)
    batches = run.batches()
    step = _time(lambda: run.learn(next(batches)), ctx.device)
    return step + _time(run.validate, ctx.device, 1, 1) / float(run.evaluate_every)


def _stacked(config: Config, ctxs: Sequence[RunContext]) -> float:
    pack = Pack([{**config, "epochs": _epochs(config)}] * len(ctxs), ctxs)
    named, device = pack.weights.of(range(len(ctxs))), ctxs[0].device
    evaluation = _time(lambda: evaluate_stacked(pack.stacked, named, pack.val), device, 1, 1)
    return _time(pack.learn, device) + evaluation / float(pack.members[0].evaluate_every)


def _epochs(config: Config) -> int:
    """Enough for the steps that are timed, whatever the size of an epoch."""
    return max(int(config["epochs"]), _WARM + _STEPS)


def _time(action: Callable[[], object], device: str, steps: int = _STEPS, warm: int = _WARM) -> float:
    for _ in range(warm):
        action()
    started = _clock(device)
    for _ in range(steps):
        action()
    return (_clock(device) - started) / steps


def _clock(device: str) -> float:
    if device == "cpu":
        return time.process_time()
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()
    return time.monotonic()
