"""How a trial ended: from what the kernel, the trainer and the reports say, to exit.json."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainers import rundir
from trainers.contract import Failure, FailureKind, Objective, RunConfig
from trainers.failures import from_exit, objective_failure


@dataclass
class Ending:
    """What the supervisor knows when the trainer's process has ended.

    `reason` is why it was asked to end: stopped, pruned, time, memory, signal (from outside), or
    None when it ended by itself. `told` is the trainer process's own word, see child.run_trainer.
    `starved`: the kernel has just killed a process for lack of memory.
    """

    reason: str | None = None
    killed: bool = False
    starved: bool = False
    code: int | None = None
    signal: int | None = None
    cpu_seconds: float = 0.0
    peak_host_bytes: int = 0
    stderr_tail: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)

    def take_status(self, status: int, usage: Any) -> None:
        """Reads the wait status and resource usage of the ended process."""
        if os.WIFSIGNALED(status):
            self.signal = os.WTERMSIG(status)
        else:
            self.code = os.waitstatus_to_exitcode(status)
        if not self.peak_host_bytes:  # too short to be sampled; ru_maxrss counts shared pages too
            self.peak_host_bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    def add_usage(self, usage: Any) -> None:
        """Counts the CPU time of one of the trial's processes."""
        self.cpu_seconds += usage.ru_utime + usage.ru_stime


def outcome(run_dir: Path, config: RunConfig, ending: Ending, wall_seconds: float) -> dict[str, Any]:
    """The content of exit.json."""
    names, values = _reported(run_dir, config.objective)
    state, cut_short, failure = _judge(config, ending, names, values)
    failure = failure and _with_what_it_held(_of_its_device(failure, config), ending)
    return {
        "format": 1,
        "state": state,
        "cut_short": cut_short,
        "code": ending.code,
        "signal": ending.signal,
        "failure": failure and failure.to_dict(),
        "peak_host_bytes": ending.peak_host_bytes,
        "peak_device_bytes": ending.told.get("peak_device_bytes"),
        "wall_seconds": wall_seconds,
        "cpu_seconds": ending.cpu_seconds,
        "accumulation": config.accumulation,
        "ended_at": time.time(),
    }


def _reported(run_dir: Path, objective: Objective) -> tuple[dict[str, int], list[tuple[int, float]]]:
    """How often each metric was reported, and the objective's (step, value) pairs in order."""
    counts: dict[str, int] = {}
    values: list[tuple[int, float]] = []
    for report in rundir.all_reports(run_dir):
        for name, value in report.metrics.items():
            counts[name] = counts.get(name, 0) + 1
            if name == objective.metric:
                values.append((report.step, value))
    return counts, values


def _judge(
    config: RunConfig, ending: Ending, names: Mapping[str, int], values: list[tuple[int, float]]
) -> tuple[str, bool, Failure | None]:
    """State, whether the time limit ended it, and the failure if there is one."""
    match ending.reason:
        case "stopped" | "pruned":
            return ending.reason, False, None
        case "memory":
            return "failed", False, _over_memory(config, ending)
        case "signal":
            return "failed", False, _ended_from_outside(ending)
        case "time":
            bad = objective_failure(config.objective, values, names)
            if bad is None:
                return "completed", True, None
            if bad.kind is FailureKind.NO_METRIC:
                bad = Failure(
                    kind=FailureKind.TIMEOUT, message=_timeout_message(config, bad), stderr_tail=ending.stderr_tail
                )
            return "failed", True, bad
    failure = _own_failure(ending) or objective_failure(config.objective, values, names, log=ending.stderr_tail)
    return ("completed" if failure is None else "failed"), False, failure


def _own_failure(ending: Ending) -> Failure | None:
    failure = None
    if told := ending.told.get("failure"):
        failure = Failure.from_dict({**told, "stderr_tail": told.get("stderr_tail") or ending.stderr_tail})
    elif ending.signal is not None or ending.code != 0:
        failure = from_exit(ending.code, ending.signal, ending.stderr_tail)
    if failure is not None and ending.starved and _was_killed(failure):
        return _out_of_memory(failure, ending)
    return failure


# What Python's pools and torch's loaders say when one of their processes was killed.
_POOL_KILLED = re.compile(r"SIGKILL|killed by signal: Killed|terminated abruptly")


def _with_what_it_held(failure: Failure, ending: Ending) -> Failure:
    """A failure of memory with what the trial held at its peak, where its own words do not say."""
    device = failure.kind is FailureKind.CUDA_OUT_OF_MEMORY
    peak = ending.told.get("peak_device_bytes") if device else ending.peak_host_bytes
    if not failure.of_memory or not peak or "used_bytes" in failure.details:
        return failure
    return replace(failure, details={**failure.details, "used_bytes": peak})


def _of_its_device(failure: Failure, config: RunConfig) -> Failure:
    """A GPU can only be lost to a trial that was given one: another asked for what it would never have had."""
    if failure.kind is not FailureKind.DEVICE_LOST:
        return failure
    if config.gpus:
        return replace(failure, details={**failure.details, "gpus": list(config.gpus)})
    kind = FailureKind.EXCEPTION if failure.exit_code is None else FailureKind.NONZERO_EXIT
    return replace(failure, kind=kind, message=f"{failure.message} (it was given no GPU)")


def _was_killed(failure: Failure) -> bool:
    """Whether SIGKILL ended it, or one of its own processes."""
    if failure.kind is FailureKind.SIGNAL:
        return failure.signal == signal.SIGKILL
    return failure.kind in (FailureKind.EXCEPTION, FailureKind.NONZERO_EXIT) and bool(
        _POOL_KILLED.search(failure.message)
    )


def _out_of_memory(failure: Failure, ending: Ending) -> Failure:
    used = f" when it held about {ending.peak_host_bytes / 2**30:.2f} GiB" if ending.peak_host_bytes else ""
    return replace(
        failure,
        kind=FailureKind.HOST_OUT_OF_MEMORY,
        message=f"the kernel killed it for lack of memory{used}",
        details={**failure.details, "used_bytes": ending.peak_host_bytes},
    )


def _ended_from_outside(ending: Ending) -> Failure:
    return Failure(
        kind=FailureKind.SIGNAL,
        signal=signal.SIGTERM,
        message="somebody outside sent it SIGTERM: the machine is going down, or it was killed by hand",
        stderr_tail=ending.stderr_tail,
    )


def _timeout_message(config: RunConfig, bad: Failure) -> str:
    seconds = config.limits.seconds
    return f"the time limit of {seconds:g} s ended it before it reported {config.objective.metric}"


def _over_memory(config: RunConfig, ending: Ending) -> Failure:
    limit = config.limits.memory_bytes or 0
    return Failure(
        kind=FailureKind.HOST_OUT_OF_MEMORY,
        message=f"it used {ending.peak_host_bytes / 2**30:.2f} GiB of memory; its limit is {limit / 2**30:.2f} GiB",
        signal=signal.SIGKILL,
        stderr_tail=ending.stderr_tail,
        details={"used_bytes": ending.peak_host_bytes, "limit_bytes": limit},
    )
