"""Watches over one trial: captures its output, holds it to its limits, and writes how it ended.

One supervisor a trial, in a session of its own, so that neither a closed terminal nor a killed
app or runner reaches it. It forks the process the trainer runs in, and leaves no process behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from trainers import processes, rundir
from trainers.child import deadline_of, run_trainer
from trainers.contract import Failure, FailureKind, Limits, Objective, RunConfig
from trainers.logfile import STDERR_TAIL_BYTES, Log, LogFile, Tail
from trainers.memory import MemoryWatch
from trainers.outcome import Ending, outcome
from trainers.usage import UsageLog

TICK = 0.25  # seconds between looks at the clock and at stop.json; signals and output wake it at once
_SIGN_EVERY = 15.0  # seconds between signs of life, by which a run that vanished is dated
_DEATH_PATIENCE = 20.0  # seconds after SIGKILL; what lives on then hangs in a driver or a network disk
FULL_DISK_PATIENCE = 24 * 3600.0  # how a trial ended is worth waiting a night for


class Asked:
    """Remembers the signals that ask this process to end, from the moment it is made. `wake` can be
    read when there was one, or a child has ended."""

    def __init__(self) -> None:
        self.by: int | None = None
        self.wake, self._writer = os.pipe()
        for fd in (self.wake, self._writer):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.by = number

    def forget(self) -> None:
        """In a forked child: signals are its own again."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.close(self.wake)
        os.close(self._writer)


@dataclass
class Child:
    """The trainer's process and the reading ends of its pipes."""

    pid: int
    stdout: int
    stderr: int
    result: int
    open: set[int] = field(default_factory=set)


def claim(run_dir: Path, **more: Any) -> bool:
    """Makes this process the run's one supervisor; False when there is or was another. `more` goes into the claim."""
    pid = os.getpid()
    who = {"pid": pid, "mark": processes.mark_of(pid), "host": socket.gethostname(), "at": time.time(), **more}
    return rundir.wait_for_space(lambda: rundir.write_json_once(run_dir / rundir.STARTED, who), FULL_DISK_PATIENCE)


def supervise(run_dir: Path, asked: Asked) -> int:
    """Runs the trial of `run_dir` to its end and writes exit.json. Returns the exit code."""
    try:
        config = rundir.read_config(run_dir)
    except (ValueError, TypeError, KeyError) as error:
        return _refuse(run_dir, error)
    processes.adopt_orphans()
    return Supervisor(run_dir, config, asked).run()


def _refuse(run_dir: Path, error: Exception) -> int:
    """Ends a run whose config.json another version wrote, or a foreign hand."""
    config = RunConfig(study="", trial=0, trainer="", params={}, objective=Objective(""))
    message = f"its {rundir.CONFIG} cannot be read ({type(error).__name__}: {error})"
    failure = Failure(kind=FailureKind.BAD_ARGUMENT, message=message)
    write_exit(run_dir, outcome(run_dir, config, Ending(code=1, told={"failure": failure.to_dict()}), 0.0))
    return 1


def write_exit(run_dir: Path, result: dict[str, Any]) -> None:
    """Ends the run; on a full disk, once there is space."""
    try:
        rundir.wait_for_space(lambda: rundir.write_json(run_dir / rundir.EXIT, result), FULL_DISK_PATIENCE)
    except OSError as error:  # the folder is gone, or the disk: nobody is left to read it
        sys.exit(f"tunewright: cannot write {run_dir / rundir.EXIT}: {error}")


class Supervisor:
    """Of one trial in a process of its own."""

    def __init__(self, run_dir: Path, config: RunConfig, asked: Asked) -> None:
        self.run_dir, self.config, self.asked = run_dir, config, asked
        self.limits: Limits = config.limits
        self.log: Log = rundir.wait_for_space(lambda: LogFile(run_dir / rundir.LOG), FULL_DISK_PATIENCE)
        self.tail = Tail(STDERR_TAIL_BYTES)
        self.memory = MemoryWatch(config.limits.memory_bytes)
        self.usage = UsageLog(run_dir, config)
        self.ending = Ending()
        self.told = bytearray()
        self.kill_at: float | None = None
        self.give_up_at: float | None = None
        self.next_stop_look = 0.0
        self.next_sign = 0.0
        self.started = time.monotonic()
        self.deadline = deadline_of(config)

    def run(self) -> int:
        child = self._fork()
        while not self._has_ended(child):
            self._pump(child, TICK)
            self._hold_to_limits(child)
        self.usage.close()
        self._clear_up(child)
        self._conclude()
        return 0

    def _train(self, result_fd: int) -> None:
        """The body of the trainer's process. Never returns."""
        run_trainer(self.run_dir, self.config, self.deadline, result_fd)

    def _fork(self) -> Child:
        (out_r, out_w), (err_r, err_w), (res_r, res_w) = os.pipe(), os.pipe(), os.pipe()
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            processes.die_with_parent(supervisor)
            processes.take_name(processes.run_name(str(self.run_dir)))
            null = os.open(os.devnull, os.O_RDONLY)
            for source, target in ((null, 0), (out_w, 1), (err_w, 2)):
                os.dup2(source, target)
            for fd in (out_r, out_w, err_r, err_w, res_r, null):
                os.close(fd)
            self.asked.forget()
            self._train(res_w)
        for fd in (out_w, err_w, res_w):
            os.close(fd)
        for fd in (out_r, err_r, res_r):
            os.set_blocking(fd, False)
        return Child(pid, out_r, err_r, res_r, {out_r, err_r, res_r})

    def _pump(self, child: Child, timeout: float) -> bool:
        """Moves what the trial has written into the log; whether there was anything."""
        ready, _, _ = select.select([*child.open, self.asked.wake], [], [], timeout)
        for fd in ready:
            chunk = os.read(fd, 1 << 18)
            if fd == self.asked.wake:
                continue
            if not chunk:
                child.open.discard(fd)
                os.close(fd)
            elif fd == child.result:
                self.told += chunk
            else:
                self.log.write(chunk, fd)
                if fd == child.stderr:
                    self.tail.add(chunk)
        self.log.look()
        return bool(ready)

    def _has_ended(self, child: Child) -> bool:
        """Reaps what has ended, adopted orphans too; whether the trainer's process was among it, or never will be."""
        while (reaped := _reap_any()) is not None and reaped[0]:
            if self.usage.owns(reaped[0]):
                continue
            self.ending.add_usage(reaped[2])
            if reaped[0] == child.pid:
                self.ending.take_status(*reaped[1:])
                return True
        if self.give_up_at is not None and time.monotonic() > self.give_up_at:
            self.ending.signal = signal.SIGKILL
            return True
        return False

    # -- limits ------------------------------------------------------------------

    def _hold_to_limits(self, child: Child) -> None:
        now = time.monotonic()
        self._give_sign(now)
        self.usage.look(child.pid, now)
        if self.ending.reason is None:
            if (reason := self._reason_to_end(now)) is not None:
                self._ask_to_end(child, reason)
            elif self.memory.is_over(child.pid, now):
                self.ending.reason = "memory"
                self._kill(child)
        elif self.kill_at is not None and now > self.kill_at:
            self._kill(child)

    def _give_sign(self, now: float) -> None:
        if now > self.next_sign:
            self.next_sign = now + _SIGN_EVERY
            with contextlib.suppress(OSError):  # a full disk, or a deleted folder: the trial matters more
                os.utime(self.run_dir / rundir.STARTED)

    def _reason_to_end(self, now: float) -> str | None:
        if self.asked.by is not None or now > self.next_stop_look:
            self.next_stop_look = now + TICK
            if (reason := stop_reason(self.run_dir)) is not None:
                return reason
        if self.asked.by is not None:  # a person's ctrl-c; else nobody here, so the trial is worth another try
            return "stopped" if self.asked.by == signal.SIGINT else "signal"
        return "time" if now > self.deadline else None

    def _ask_to_end(self, child: Child, reason: str) -> None:
        self.ending.reason = reason
        self.kill_at = time.monotonic() + self.limits.grace
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGTERM)

    def _kill(self, child: Child) -> None:
        """Ends the trainer's process; what it leaves behind will be given no time either."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        self.ending.killed, self.kill_at = True, None
        self.give_up_at = time.monotonic() + _DEATH_PATIENCE

    # -- the end -----------------------------------------------------------------

    def _clear_up(self, child: Child) -> None:
        """Ends every process the trial left behind, gently first, and takes what is still in the pipes."""
        hard_from = time.monotonic() + (0.0 if self.ending.killed else self.limits.grace)
        asked: set[processes.Process] = set()
        while self._has_children() and time.monotonic() < hard_from + _DEATH_PATIENCE:
            left, hard = processes.descendants(os.getpid()), time.monotonic() >= hard_from
            processes.kill((p for p in left if hard or p not in asked), hard=hard)
            asked.update(left)
            self._pump(child, 0.02)
        while child.open and self._pump(child, 0.0):
            pass
        self.log.close()

    def _has_children(self) -> bool:
        """Whether any process of the trial lives: orphans become our own children, so the kernel knows for sure."""
        while (reaped := _reap_any()) is not None and reaped[0]:
            if not self.usage.owns(reaped[0]):
                self.ending.add_usage(reaped[2])
        return reaped is not None

    def _conclude(self) -> None:
        """Gathers what is known of the end, and writes it, and the reports a full disk did not take."""
        told = None
        with contextlib.suppress(ValueError):  # killed in the middle of a word
            told = json.loads(self.told)
        ending = self.ending
        ending.told = told if isinstance(told, dict) else {}
        if ending.reason is None and ending.told.get("ended_early"):  # it saw the request before we did
            self.next_stop_look = 0.0
            ending.reason = self._reason_to_end(time.monotonic()) or "signal"
        if ending.reason is None and ending.told.get("cut_short"):  # it left itself time to evaluate
            ending.reason = "time"
        ending.stderr_tail = self.tail.bytes().decode("utf-8", "replace")
        ending.starved = self.memory.kernel_has_killed()
        ending.peak_host_bytes = self.memory.peak or ending.peak_host_bytes
        if unwritten := str(ending.told.get("unwritten", "")).encode():
            with contextlib.suppress(OSError):  # other than a full disk: these are lost, the rest is not
                rundir.ReportWriter(self.run_dir, unwritten).flush(FULL_DISK_PATIENCE)
        write_exit(self.run_dir, outcome(self.run_dir, self.config, ending, time.monotonic() - self.started))


def stop_reason(run_dir: Path) -> str | None:
    """What stop.json asks for: stopped or pruned; None while nobody asks."""
    with contextlib.suppress(ValueError):  # a foreign hand's
        stop = rundir.read_json(run_dir / rundir.STOP)
        if stop is not None:
            return "pruned" if stop.get("prune") else "stopped"
    return None


def _reap_any() -> tuple[int, int, Any] | None:
    """(pid, wait status, usage) of a child that has ended; pid 0 when none has; None when there are none."""
    try:
        return os.wait4(-1, os.WNOHANG)
    except ChildProcessError:
        return None
