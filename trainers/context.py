"""RunContext as the worker provides it."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from trainers import rundir
from trainers.contract import Objective, RunConfig

_STOP_FILE_EVERY = 0.25  # seconds between looks at stop.json


class WorkerContext:
    """What the trainer of one trial sees. `deadline` is on the clock of `time.monotonic`.

    `noticed` turns true when the trainer has been told to end: what it does from then on is
    ending early, whoever asked. `cut_short` turns true when it was told that too little time is left.
    """

    def __init__(self, run_dir: Path, config: RunConfig, deadline: float) -> None:
        self.run_dir = run_dir
        self.checkpoint_dir = run_dir / rundir.CHECKPOINT
        self.resume_from = Path(config.resume_from) if config.resume_from else None
        self.seed = config.seed
        self.threads = config.threads
        self.task = config.task
        self.options: Mapping[str, Any] = config.options
        self.objective: Objective = config.objective
        self.accumulation = config.accumulation
        self.noticed = self.cut_short = False
        self._gpus = config.gpus
        self._deadline = deadline
        self._writer = rundir.ReportWriter(run_dir)
        self._stopping = False
        self._looked = 0.0
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask_to_stop()

    def ask_to_stop(self) -> None:
        """From now on `should_stop` says so."""
        self._stopping = True

    @property
    def device(self) -> str:
        """Asked for only by trainers that use torch; the others never import it."""
        return device_of(self._gpus)

    @property
    def pruned(self) -> bool:
        with contextlib.suppress(ValueError):  # a foreign hand's
            return bool((rundir.read_json(self.run_dir / rundir.STOP) or {}).get("prune"))
        return False

    def plan(self, steps: int) -> None:
        with contextlib.suppress(OSError):  # a full disk: trials are then laid side by side by step
            rundir.write_json(self.run_dir / rundir.PLAN, {"steps": int(steps)})

    def report(self, step: int, **metrics: float) -> None:
        self._writer.write(int(step), {name: float(value) for name, value in metrics.items()})

    def should_stop(self) -> bool:
        now = time.monotonic()
        if not self._stopping and now - self._looked > _STOP_FILE_EVERY:
            self._looked = now
            if (self.run_dir / rundir.STOP).exists():  # only ever set: a signal may come between look and assignment
                self._stopping = True
        self.noticed = self.noticed or self._stopping or now > self._deadline
        return self.noticed

    def out_of_time(self, reserve: float) -> bool:
        self.cut_short = self.cut_short or self.seconds_left() <= reserve
        return self.cut_short

    def seconds_left(self) -> float:
        return self._deadline - time.monotonic() if math.isfinite(self._deadline) else math.inf

    def close(self) -> bytes:
        """Ends reporting; returns the lines that a full disk has not yet taken."""
        return self._writer.close()


def device_of(gpus: Sequence[str]) -> str:
    """ "cuda", "mps" or "cpu": what torch has for a process that was given these GPUs. Imports torch."""
    import torch

    if torch.cuda.is_available() and os.environ.get("CUDA_VISIBLE_DEVICES") != "":
        return "cuda"
    return "mps" if torch.backends.mps.is_available() and gpus else "cpu"
