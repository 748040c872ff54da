"""Watches over several trials that train as one: one process, a run folder each, ends of their own.

What a trial asks for itself – a stop, its time limit – is passed on through its own folder, and ends it alone. What
ends the process is nobody's fault in particular: the trials that have not ended then are run again, each by itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainers import processes, rundir
from trainers.child import deadline_of
from trainers.contract import Failure, FailureKind, RunConfig
from trainers.logfile import LogFile
from trainers.outcome import Ending, outcome
from trainers.pack_child import run_pack
from trainers.supervisor import (
    FULL_DISK_PATIENCE,
    TICK,
    Asked,
    Child,
    Supervisor,
    claim,
    stop_reason,
    supervise,
    write_exit,
)


def describe(run_dirs: Sequence[Path]) -> None:
    """Makes the runs a pack: the first one's folder says which they are. Raises OSError."""
    rundir.write_json(run_dirs[0] / rundir.PACK, {"runs": [str(run_dir.absolute()) for run_dir in run_dirs]})


def supervise_pack(first: Path, asked: Asked) -> int:
    """Claims the runs of the pack that are still to be had, and runs them to their ends. Returns the exit code."""
    run_dirs = [Path(name) for name in (rundir.read_json(first / rundir.PACK) or {}).get("runs", ())]
    names = [run_dir.name for run_dir in run_dirs]
    runs: list[tuple[Path, RunConfig]] = []
    for run_dir in run_dirs:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):  # not ours to run: its runner finds it lost
            config = rundir.read_config(run_dir)
            if claim(run_dir, pack=names):
                runs.append((run_dir, config))
    if len(runs) == 1:
        return supervise(runs[0][0], asked)
    if runs:
        processes.adopt_orphans()
        return PackSupervisor(runs, asked).run()
    return 0


@dataclass
class _Trial:
    """One trial of the pack. `give_up_at` is when it is ended whether or not the trainer has noticed."""

    run_dir: Path
    config: RunConfig
    deadline: float
    ending: Ending = field(default_factory=Ending)
    give_up_at: float | None = None
    over: bool = False


def _log_of(run_dir: Path) -> LogFile:
    return rundir.wait_for_space(lambda: LogFile(run_dir / rundir.LOG), FULL_DISK_PATIENCE)


class _Logs:
    """What the process prints goes into every trial's log."""

    def __init__(self, run_dirs: Sequence[Path]) -> None:
        self._logs = {run_dir: _log_of(run_dir) for run_dir in run_dirs}

    def write(self, chunk: bytes, stream: int = 1) -> None:
        for log in self._logs.values():
            log.write(chunk, stream)

    def look(self) -> None:
        for log in self._logs.values():
            log.look()

    def end(self, run_dir: Path) -> None:
        if (log := self._logs.pop(run_dir, None)) is not None:
            log.close()

    def close(self) -> None:
        for run_dir in list(self._logs):
            self.end(run_dir)


class PackSupervisor(Supervisor):
    """Of several trials in one process. Memory and usage are the process's; they stand in the first one's folder."""

    def __init__(self, runs: Sequence[tuple[Path, RunConfig]], asked: Asked) -> None:
        super().__init__(*runs[0], asked)
        self.log.close()
        self.logs = self.log = _Logs([run_dir for run_dir, _ in runs])
        self.trials = [_Trial(run_dir, config, deadline_of(config)) for run_dir, config in runs]
        self.fault: Failure | None = None
        self._counted_cpu = 0.0
        for run_dir, _ in runs[1:]:
            with contextlib.suppress(OSError):  # a file system without such links: the first folder has it
                os.symlink(os.path.relpath(self.run_dir / rundir.USAGE, run_dir), run_dir / rundir.USAGE)

    def _train(self, result_fd: int) -> None:
        run_pack([(trial.run_dir, trial.config, trial.deadline) for trial in self.trials], result_fd)

    @property
    def _live(self) -> list[_Trial]:
        return [trial for trial in self.trials if not trial.over]

    # -- limits ------------------------------------------------------------------

    def _hold_to_limits(self, child: Child) -> None:
        now = time.monotonic()
        self._count_cpu(child)
        self._take_told()
        self._give_sign(now)
        self.usage.look(child.pid, now)
        if self.ending.reason is None and self.asked.by is not None:  # somebody outside ends the process
            self._ask_to_end(child, "stopped" if self.asked.by == signal.SIGINT else "signal")
            for trial in self._live:
                trial.ending.reason = trial.ending.reason or stop_reason(trial.run_dir) or self.ending.reason
        elif self.ending.reason is None and self.memory.is_over(child.pid, now):
            self.ending.reason = "memory"
            self._kill(child)
        self._hold_each_to_limits(now)
        if not self._live and self.kill_at is None and self.give_up_at is None:
            self.kill_at = now + self.limits.grace  # it has nothing left to do
        if self.kill_at is not None and now > self.kill_at:
            self._kill(child)

    def _hold_each_to_limits(self, now: float) -> None:
        look = now > self.next_stop_look
        if look:
            self.next_stop_look = now + TICK
        for trial in self._live:
            if trial.ending.reason is None:
                reason = stop_reason(trial.run_dir) if look else None
                trial.ending.reason = reason or ("time" if now > trial.deadline else None)
                if trial.ending.reason is not None:
                    trial.give_up_at = now + trial.config.limits.grace
            elif trial.give_up_at is not None and now > trial.give_up_at:
                trial.ending.killed = True
                self._end(trial, {})

    def _give_sign(self, now: float) -> None:
        if now > self.next_sign:
            super()._give_sign(now)
            for trial in self._live:
                with contextlib.suppress(OSError):
                    os.utime(trial.run_dir / rundir.STARTED)

    def _count_cpu(self, child: Child) -> None:
        """What the process has used since the last look is shared out among the trials that were in it."""
        used = processes.cpu_seconds(child.pid)
        if used is not None and (live := self._live):
            for trial in live:
                trial.ending.cpu_seconds += (used - self._counted_cpu) / len(live)
            self._counted_cpu = used

    # -- ends --------------------------------------------------------------------

    def _take_told(self) -> None:
        """Ends the trials of which the process has told: a line each."""
        *lines, rest = bytes(self.told).split(b"\n")
        self.told = bytearray(rest)
        for line in lines:
            told = json.loads(line)
            if told["place"] is None:
                self.fault = Failure.from_dict(told["failure"])
            elif not (trial := self.trials[told["place"]]).over:
                trial.ending.code = 0
                self._end(trial, told)

    def _end(self, trial: _Trial, told: dict[str, Any], **more: Any) -> None:
        """Writes how one trial ended; the others go on."""
        trial.over = True
        ending = trial.ending
        ending.told = told
        if ending.reason is None and told.get("ended_early"):  # it saw the request before we did
            late = time.monotonic() > trial.deadline
            ending.reason = stop_reason(trial.run_dir) or ("time" if late else "signal")
        if ending.reason is None and told.get("cut_short"):  # it left itself time to evaluate
            ending.reason = "time"
        ending.stderr_tail = self.tail.bytes().decode("utf-8", "replace")
        ending.peak_host_bytes = self.memory.peak or self.ending.peak_host_bytes
        if unwritten := str(told.get("unwritten", "")).encode():
            with contextlib.suppress(OSError):
                rundir.ReportWriter(trial.run_dir, unwritten).flush(FULL_DISK_PATIENCE)
        self.logs.end(trial.run_dir)
        result = outcome(trial.run_dir, trial.config, ending, time.monotonic() - self.started)
        together = [other.config.trial for other in self.trials if other is not trial]
        write_exit(trial.run_dir, {**result, "together_with": together, **more})

    def _conclude(self) -> None:
        """Ends whoever has not ended: the process did."""
        self._take_told()
        for trial in self._live:
            trial.ending.code, trial.ending.signal = self.ending.code, self.ending.signal
            if trial.ending.reason is not None:
                self._end(trial, {})
            else:
                failure = self._shared_failure(trial)
                self._end(trial, {"failure": failure.to_dict()}, shared_fault=True)

    def _shared_failure(self, trial: _Trial) -> Failure:
        others = ", ".join(f"t{other.config.trial}" for other in self.trials if other is not trial)
        return Failure(
            kind=FailureKind.LOST,
            message=f"the process it shared with {others} ended: {self._why()}",
            exit_code=self.ending.code,
            signal=self.ending.signal,
            traceback="" if self.fault is None else self.fault.traceback,
            details={} if self.fault is None else dict(self.fault.details),
        )

    def _why(self) -> str:
        if self.ending.reason == "memory":
            limit = (self.limits.memory_bytes or 0) / 2**30
            return f"it used {self.memory.peak / 2**30:.2f} GiB of memory; the limit is {limit:.2f} GiB"
        if self.fault is not None:
            return self.fault.message
        if self.memory.kernel_has_killed():
            return "the kernel killed it for lack of memory"
        number = self.ending.signal
        return signal.Signals(number).name if number is not None else f"exit code {self.ending.code}"
