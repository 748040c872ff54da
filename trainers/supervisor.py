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
from typing import Any

from trainers import processes, rundir
from trainers.child import deadline_of, run_trainer
from trainers.contract import RunConfig
from trainers.logfile import STDERR_TAIL_BYTES, LogFile, Tail
from trainers.outcome import Ending, outcome

_TICK = 0.1  # seconds between looks at limits and stop requests
_MEMORY_EVERY = 0.5
_FULL_DISK_PATIENCE = 600.0


@dataclass
class _Child:
    """The trainer's process and the reading ends of its pipes."""

    pid: int
    stdout: int
    stderr: int
    result: int
    open: set[int] = field(default_factory=set)


def claim(run_dir: Path) -> bool:
    """Makes this process the run's one supervisor; False when there is or was another."""
    pid = os.getpid()
    who = {"pid": pid, "mark": processes.mark_of(pid), "host": socket.gethostname(), "at": time.time()}
    return rundir.write_json_once(run_dir / rundir.STARTED, who)


def supervise(run_dir: Path) -> int:
    """Runs the trial of `run_dir` to its end and writes exit.json. Returns the exit code."""
    config = rundir.read_config(run_dir)
    processes.adopt_orphans()
    return _Supervisor(run_dir, config).run()


class _Supervisor:
    def __init__(self, run_dir: Path, config: RunConfig) -> None:
        self.run_dir, self.config = run_dir, config
        self.started = time.monotonic()
        self.deadline = deadline_of(config)
        self.log = LogFile(run_dir / rundir.LOG)
        self.tail = Tail(STDERR_TAIL_BYTES)
        self.ending = Ending()
        self.told = bytearray()
        self.kill_at: float | None = None
        self.memory_looked = 0.0
        self.stop_signalled = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _on_signal(self, *_: object) -> None:
        self.stop_signalled = True

    def run(self) -> int:
        child = self._fork()
        while (status := self._reap(child)) is None:
            self._pump(child, _TICK)
            self._hold_to_limits(child)
        self.ending.take_status(*status)
        self._clear_up(child)
        self._write_exit()
        return 0

    def _fork(self) -> _Child:
        (out_r, out_w), (err_r, err_w), (res_r, res_w) = os.pipe(), os.pipe(), os.pipe()
        supervisor = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            processes.die_with_parent(supervisor)
            null = os.open(os.devnull, os.O_RDONLY)
            for source, target in ((null, 0), (out_w, 1), (err_w, 2)):
                os.dup2(source, target)
            for fd in (out_r, out_w, err_r, err_w, res_r, null):
                os.close(fd)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            run_trainer(self.run_dir, self.config, self.deadline, res_w)
        for fd in (out_w, err_w, res_w):
            os.close(fd)
        for fd in (out_r, err_r, res_r):
            os.set_blocking(fd, False)
        return _Child(pid, out_r, err_r, res_r, {out_r, err_r, res_r})

    def _pump(self, child: _Child, timeout: float) -> bool:
        """Moves what the trial has written into the log; whether there was anything."""
        if not child.open:
            time.sleep(timeout)
            return False
        ready, _, _ = select.select(list(child.open), [], [], timeout)
        for fd in ready:
            chunk = os.read(fd, 1 << 18)
            if not chunk:
                child.open.discard(fd)
                os.close(fd)
            elif fd == child.result:
                self.told += chunk
            else:
                self.log.write(chunk)
                if fd == child.stderr:
                    self.tail.add(chunk)
        return bool(ready)

    @staticmethod
    def _reap(child: _Child) -> tuple[int, Any] | None:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        return (status, usage) if pid else None

    # -- limits ------------------------------------------------------------------

    def _hold_to_limits(self, child: _Child) -> None:
        now = time.monotonic()
        if self.ending.reason is None:
            if (stop := self._stop_request()) is not None:
                self._ask_to_end(child, "pruned" if stop.get("prune") else "stopped")
            elif now > self.deadline:
                self._ask_to_end(child, "time")
            elif self._over_memory(child, now):
                self.ending.reason = "memory"
                self._kill(child)
        elif self.kill_at is not None and now > self.kill_at:
            self.ending.killed = True
            self._kill(child)

    def _stop_request(self) -> dict[str, Any] | None:
        if self.stop_signalled and not (self.run_dir / rundir.STOP).exists():
            return {}
        with contextlib.suppress(ValueError):
            return rundir.read_json(self.run_dir / rundir.STOP)
        return {}

    def _ask_to_end(self, child: _Child, reason: str) -> None:
        self.ending.reason = reason
        self.kill_at = time.monotonic() + self.config.limits.grace
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGTERM)

    def _kill(self, child: _Child) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        self.kill_at = None

    def _over_memory(self, child: _Child, now: float) -> bool:
        if now - self.memory_looked < _MEMORY_EVERY:
            return False
        self.memory_looked = now
        used = sum(map(processes.memory_bytes, [child.pid, *(p.pid for p in processes.descendants(child.pid))]))
        self.ending.peak_host_bytes = max(self.ending.peak_host_bytes, used)
        limit = self.config.limits.memory_bytes
        return limit is not None and used > limit

    # -- the end -----------------------------------------------------------------

    def _clear_up(self, child: _Child) -> None:
        """Ends every process the trial left behind and takes what is still in the pipes."""
        until = time.monotonic() + self.config.limits.grace
        while left := self._left_behind():
            processes.kill(left, hard=self.ending.killed or time.monotonic() > until)
            self._pump(child, 0.05)
            self._collect()
        while child.open and self._pump(child, 0.0):
            pass
        self._collect()
        self.log.close()

    def _left_behind(self) -> list[processes.Process]:
        table = processes.everything()
        left = {*processes.descendants(os.getpid(), table), *processes.of_run(str(self.run_dir), table)}
        return [p for p in left if p.pid != os.getpid()]

    @staticmethod
    def _collect() -> None:
        """Reaps adopted orphans, so that they do not stay as zombies."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _write_exit(self) -> None:
        with contextlib.suppress(ValueError):
            self.ending.told = json.loads(self.told)
        self.ending.stderr_tail = self.tail.bytes().decode("utf-8", "replace")
        result = outcome(self.run_dir, self.config, self.ending, time.monotonic() - self.started)
        until = time.monotonic() + _FULL_DISK_PATIENCE
        while True:
            try:
                return rundir.write_json(self.run_dir / rundir.EXIT, result)
            except OSError as error:  # how a trial ended is worth waiting for; a folder that is gone is not
                if error.errno not in rundir.DISK_FULL or time.monotonic() > until:
                    sys.exit(f"tunewright: cannot write {self.run_dir / rundir.EXIT}: {error}")
                time.sleep(0.5)
