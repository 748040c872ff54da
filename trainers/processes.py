"""Processes by identity: a pid alone may have been given to somebody else since.

Read from /proc where there is one, so that a bare Linux node needs no package; elsewhere psutil.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

RUN_DIR_VARIABLE = "TUNEWRIGHT_RUN_DIR"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
# What the numeric libraries read, when they are first imported, to size their thread pools.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_LINUX = sys.platform == "linux"


class Process(NamedTuple):
    """A process as it was seen. `mark` tells it from a later one with the same pid: on Linux the
    start time in clock ticks since boot, which a changed clock does not move."""

    pid: int
    parent: int
    session: int
    mark: str


def look(pid: int) -> Process | None:
    """The process with this pid; None when there is none, or only a zombie."""
    if not _LINUX:
        return _look_elsewhere(pid)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return Process(pid, int(fields[1]), int(fields[3]), fields[19].decode())


def _look_elsewhere(pid: int) -> Process | None:
    import psutil

    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return Process(pid, process.ppid(), os.getsid(pid), str(process.create_time()))
    return None


def everything() -> list[Process]:
    """Every process there is, zombies left out."""
    if _LINUX:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    else:
        import psutil

        pids = psutil.pids()
    return [found for pid in pids if (found := look(pid)) is not None]


def mark_of(pid: int) -> str | None:
    found = look(pid)
    return None if found is None else found.mark


def is_alive(pid: int, mark: str) -> bool:
    return mark_of(pid) == mark


def descendants(pid: int, table: list[Process] | None = None) -> list[Process]:
    """Children of `pid`, their children, and so on."""
    table = everything() if table is None else table
    family, found = {pid}, list[Process]()
    while new := [p for p in table if p.parent in family and p.pid not in family]:
        found += new
        family |= {p.pid for p in new}
    return found


def of_run(run_dir: str, table: list[Process] | None = None) -> list[Process]:
    """Processes a trial started, wherever they hide: those that inherited its variable (Linux)."""
    wanted = f"{RUN_DIR_VARIABLE}={run_dir}".encode()
    found = []
    for process in everything() if table is None else table:
        with contextlib.suppress(OSError), open(f"/proc/{process.pid}/environ", "rb") as file:
            if wanted in file.read().split(b"\0"):
                found.append(process)
    return found


def of_session(session: int) -> list[Process]:
    """What is left of a session whose leader has ended; none while the leader (or a later
    process with its pid) lives."""
    if look(session) is not None:
        return []
    return [p for p in everything() if p.session == session]


def kill(processes: Iterable[Process], *, hard: bool) -> int:
    """Signals each process that still is the one it was; returns how many there were."""
    count = 0
    for process in processes:
        if process.pid != os.getpid() and is_alive(process.pid, process.mark):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL if hard else signal.SIGTERM)
                count += 1
    return count


def memory_bytes(pid: int) -> int:
    """Memory a process holds for itself. Proportional (PSS) on Linux, since a forked trial shares
    the imports of the process it came from; resident elsewhere; 0 when it has gone."""
    if _LINUX:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(b"Pss:"))
        return 0
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def reap_remains(run_dir: str, session: int | None, patience: float = 5.0) -> None:
    """Kills what is left of a trial whose supervisor has ended, until nothing is."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        left = of_run(run_dir) + (of_session(session) if session else [])
        if not kill(left, hard=True):
            return
        time.sleep(0.02)


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Asks the kernel to kill this process when its parent ends (Linux; elsewhere nothing)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ends, so that none escapes (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
