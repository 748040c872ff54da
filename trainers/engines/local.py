"""Trials on this machine, forked from warm processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainers import pack, processes, rundir
from trainers.contract import RunConfig
from trainers.engines import JobStatus, Slot, devices
from trainers.engines.doubts import Doubts
from trainers.engines.slots import Slots

_START_PATIENCE = 120.0  # seconds from launch to a first sign; importing torch from a cold disk takes many
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


def usable_cpus() -> int:
    """CPUs this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Launch:
    server: subprocess.Popen[bytes]
    at: float


class LocalEngine:
    """Places trials on this machine's GPUs and CPU threads.

    One fork server per (trainer, threads), started when first needed and again if it dies.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._gpu_ids = [gpu.id for gpu in devices.gpus()]
        self._threads = threads or usable_cpus()
        self._slots = Slots(self._gpu_ids, self._threads)
        self._doubts = Doubts(lambda: (gpu.id for gpu in devices.gpus()))
        self._servers: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self._cold: set[str] = set()
        self._launches: dict[Path, _Launch] = {}

    def gpus(self) -> int:
        return len(self._gpu_ids)

    def threads(self) -> int:
        return self._threads

    def reserve(self, gpus: float, threads: int, *, force: bool = False) -> Slot | None:
        self._slots.aside = self._doubts.aside()
        return self._slots.take(gpus, threads, force=force)

    def lost(self, slot: Slot) -> float:
        return max((self._doubts.lost(gpu) for gpu in slot.gpus), default=0.0)

    def worked(self, slot: Slot) -> None:
        for gpu in slot.gpus:
            self._doubts.worked(gpu)

    def release(self, slot: Slot) -> None:
        self._slots.release(slot)

    def adopt(self, slot: Slot) -> None:
        self._slots.adopt(slot)

    def warm(self, trainer: str, threads: int) -> None:
        server = self._servers.get((trainer, threads))
        if server is not None and server.poll() is None:
            return
        if server is not None and (server.returncode > 0 or -server.returncode in _CRASHES):
            self._cold.add(trainer)  # its imports end the process that does them: each trial shall do so by itself
        self._servers[trainer, threads] = self._start(trainer, threads)

    def _start(self, trainer: str, threads: int) -> subprocess.Popen[bytes]:
        env = {**os.environ, **dict.fromkeys(processes.THREAD_VARIABLES, str(threads))}
        # -P: a person's folder may well hold a trainers/ or a random.py of its own.
        command = [sys.executable, "-P", "-m", "trainers.engines.forkserver"]
        return subprocess.Popen(
            command if trainer in self._cold else [*command, trainer],
            stdin=subprocess.PIPE,
            env=env,
            start_new_session=True,
            bufsize=0,
        )

    def launch(self, run_dir: Path, config: RunConfig) -> None:
        self._start_run(run_dir, config, (run_dir,))

    def launch_pack(self, run_dirs: Sequence[Path], configs: Sequence[RunConfig]) -> None:
        pack.describe(run_dirs)
        self._start_run(run_dirs[0], configs[0], run_dirs)

    def _start_run(self, run_dir: Path, config: RunConfig, run_dirs: Sequence[Path]) -> None:
        self.warm(config.trainer, config.threads)
        server = self._servers[config.trainer, config.threads]
        assert server.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has just died: `status` says so
            server.stdin.write(os.fsencode(run_dir) + b"\0")
        for started in run_dirs:
            self._launches[started] = _Launch(server, time.monotonic())

    def status(self, run_dir: Path) -> JobStatus:
        if (run_dir / rundir.EXIT).exists():
            return JobStatus.ENDED
        who = rundir.supervisor_of(run_dir)
        if who is not None:
            if who and processes.is_alive(who["pid"], who["mark"]):
                return JobStatus.RUNNING
            # It may have ended between the two looks.
            return JobStatus.ENDED if (run_dir / rundir.EXIT).exists() else JobStatus.LOST
        launch = self._launches.get(run_dir)
        if launch is None or launch.server.poll() is not None or time.monotonic() - launch.at > _START_PATIENCE:
            return JobStatus.RUNNING if not self.fence(run_dir) else JobStatus.LOST
        return JobStatus.LAUNCHING

    def fence(self, run_dir: Path) -> bool:
        run_dir.mkdir(parents=True, exist_ok=True)
        return rundir.write_json_once(run_dir / rundir.STARTED, {"abandoned": True})

    def stop(self, run_dir: Path, reason: str, *, prune: bool = False) -> None:
        rundir.write_json_once(run_dir / rundir.STOP, {"reason": reason, "prune": prune})
        if "pack" not in (rundir.supervisor_of(run_dir) or {}):  # there a signal would be for all; it looks by itself
            self._signal(run_dir, signal.SIGTERM)

    def kill(self, run_dir: Path) -> None:
        if self.fence(run_dir):
            return
        self._signal(run_dir, signal.SIGKILL)
        who = rundir.supervisor_of(run_dir)
        processes.reap_remains(str(run_dir), (who["pid"], who["mark"]) if who else None)

    @staticmethod
    def _signal(run_dir: Path, number: signal.Signals) -> None:
        who = rundir.supervisor_of(run_dir)
        if who and processes.is_alive(who["pid"], who["mark"]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(who["pid"], number)

    def forget(self, run_dir: Path) -> None:
        """Drops what is remembered of a run that is over."""
        self._launches.pop(run_dir, None)

    def close(self) -> None:
        for server in self._servers.values():
            if server.stdin is not None:
                server.stdin.close()
