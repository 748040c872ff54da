"""The process in which the trainer itself runs, forked by the supervisor."""

from __future__ import annotations

import ctypes
import json
import math
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from trainers import catalog, processes
from trainers.context import WorkerContext
from trainers.contract import Failure, RunConfig, TrialFailed
from trainers.failures import from_exception


def run_trainer(run_dir: Path, config: RunConfig, deadline: float, result_fd: int) -> None:
    """Runs the trial and writes `{failure, peak_device_bytes}` as JSON to `result_fd`. Never returns."""
    failure: Failure | None = None
    try:
        _settle_in(run_dir, config)
        ctx = WorkerContext(run_dir, config, deadline)
        catalog.load(config.trainer).run(config.params, ctx)
        ctx.close()
    except BaseException as error:  # noqa: BLE001 (the boundary: whatever a trainer raises becomes a typed failure)
        failure = from_exception(error)
        if failure.traceback and not isinstance(error, TrialFailed):  # a script has printed its own
            print(failure.traceback, file=sys.stderr)
    _flush()
    _tell(result_fd, {"failure": failure and failure.to_dict(), "peak_device_bytes": _peak_device_bytes()})
    os._exit(0 if failure is None else 1)


def _settle_in(run_dir: Path, config: RunConfig) -> None:
    """Environment, seeds and the kernel's order of whom to kill first."""
    os.environ[processes.RUN_DIR_VARIABLE] = str(run_dir)
    os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(config.gpus)
    for name in processes.THREAD_VARIABLES:
        os.environ[name] = str(config.threads)
    random.seed(config.seed)
    _offer_to_oom_killer()


def _offer_to_oom_killer() -> None:
    """When memory runs out, the kernel should take the trial, not the terminal it was started from."""
    try:
        Path("/proc/self/oom_score_adj").write_text("800")
    except OSError:
        pass  # not Linux, or not allowed: the kernel's own choice stands


def _peak_device_bytes() -> int | None:
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    return int(torch.cuda.max_memory_allocated())


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # the pipe is gone or was closed by the trainer: nothing left to save
    try:
        ctypes.CDLL(None).fflush(None)  # what C libraries still hold
    except (OSError, AttributeError):
        pass


def _tell(fd: int, result: dict[str, Any]) -> None:
    data = json.dumps(result).encode()
    while data:
        data = data[os.write(fd, data) :]


def deadline_of(config: RunConfig) -> float:
    """When the trial's time is up, on the monotonic clock; infinity without a limit."""
    return math.inf if config.limits.seconds is None else time.monotonic() + config.limits.seconds
