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
from trainers.contract import Failure, FailureKind, RunConfig, TrialFailed
from trainers.failures import from_exception


def run_trainer(run_dir: Path, config: RunConfig, deadline: float, result_fd: int) -> None:
    """Runs the trial and tells how it went to `result_fd`, as JSON. Never returns, whatever happens.

    What is told: `{failure, peak_device_bytes, ended_early, cut_short, unwritten}`, `ended_early` when the
    trainer had been told to end, `cut_short` when it ended for want of time, `unwritten` the reports that
    a full disk has not yet taken.
    """
    code = 1
    try:
        told = _run(run_dir, config, deadline)
        code = 0 if told["failure"] is None else 1
        flush()
        tell(result_fd, told)
    finally:
        os._exit(code)


def _run(run_dir: Path, config: RunConfig, deadline: float) -> dict[str, Any]:
    failure, ctx = None, None
    try:
        settle_in(run_dir, config)
        ctx = WorkerContext(run_dir, config, deadline)
        catalog.load(config.trainer).run(config.params, ctx)
    except BaseException as error:  # noqa: BLE001 (the boundary: whatever a trainer raises becomes a typed failure)
        failure = None if _is_plain_exit(error) else plain(from_exception(error))
        if failure and failure["traceback"] and not isinstance(error, TrialFailed):  # a script has printed its own
            print_error(failure["traceback"])
    return {
        "failure": failure,
        "peak_device_bytes": peak_device_bytes(),
        "ended_early": ctx is not None and ctx.noticed,
        "cut_short": ctx is not None and ctx.cut_short,
        "unwritten": "" if ctx is None else ctx.close().decode("ascii"),
    }


def _is_plain_exit(error: BaseException) -> bool:
    return isinstance(error, SystemExit) and error.code in (None, 0)


def plain(failure: Failure) -> dict[str, Any]:
    """The failure as JSON. A third party's may hold anything; then its message must do."""
    try:
        data: dict[str, Any] = json.loads(json.dumps(failure.to_dict(), default=str))
        return Failure.from_dict(data).to_dict()
    except Exception:  # noqa: BLE001 (copying a stranger's objects can raise whatever they like)
        return Failure(kind=FailureKind.EXCEPTION, message=str(failure.message)).to_dict()


def settle_in(run_dir: Path, config: RunConfig) -> None:
    """Environment, streams, seeds and the kernel's order of whom to kill first."""
    os.environ[processes.RUN_DIR_VARIABLE] = str(run_dir)
    for name in ("CUDA_VISIBLE_DEVICES", *({"HIP_VISIBLE_DEVICES"} & os.environ.keys())):  # HIP reads its own first
        os.environ[name] = ",".join(config.gpus)
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # numbers as nvidia-smi gives them
    for name in processes.THREAD_VARIABLES:
        os.environ[name] = str(config.threads)
    # By line, so that what is printed is in the log at once, even if the trial is killed next. Opened anew: the
    # streams of this process were made for whatever it was started with, a file perhaps, where now is a pipe.
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
    random.seed(config.seed)
    _offer_to_oom_killer()


def _offer_to_oom_killer() -> None:
    """When memory runs out, the kernel should take the trial, not the terminal it was started from."""
    try:
        Path("/proc/self/oom_score_adj").write_text("800")
    except OSError:
        pass  # not Linux, or not allowed: the kernel's own choice stands


def peak_device_bytes() -> int | None:
    torch: Any = sys.modules.get("torch")
    try:
        if torch is not None and torch.backends.mps.is_available() and (held := torch.mps.driver_allocated_memory()):
            return int(held)  # Metal keeps what it once had, so that the end tells the peak
        if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
            return None
        return int(torch.cuda.max_memory_allocated())
    except (RuntimeError, AttributeError):  # a broken context, or not the real torch: the trial's end matters more
        return None


def print_error(text: str) -> None:
    try:
        print(text, file=sys.stderr)
    except (OSError, ValueError, AttributeError):
        pass  # the trainer closed or replaced it; the failure tells the same


def flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the pipe is gone or was closed by the trainer: nothing left to save
    try:
        ctypes.CDLL(None).fflush(None)  # what C libraries still hold
    except (OSError, AttributeError):
        pass


def tell(fd: int, result: dict[str, Any]) -> None:
    data = json.dumps(result).encode()
    while data:
        data = data[os.write(fd, data) :]


def deadline_of(config: RunConfig) -> float:
    """When the trial's time is up, on the monotonic clock; infinity without a limit."""
    return math.inf if config.limits.seconds is None else time.monotonic() + config.limits.seconds
