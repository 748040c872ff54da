"""Processes by identity: a pid alone may have been given to somebody else since.

Read from /proc where there is one, so that a bare Linux node needs no package; elsewhere psutil.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import NamedTuple

RUN_DIR_VARIABLE = "TUNEWRIGHT_RUN_DIR"
_PR_SET_PDEATHSIG, _PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 1, 15, 36
# What the numeric libraries read, when they are first imported, to size their thread pools.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_LINUX = sys.platform == "linux"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# Loaded now: between fork and exec, where prctl is called, loading a library may wait for a lock for ever.
_LIBC = ctypes.CDLL(None, use_errno=True) if _LINUX else None


class Process(NamedTuple):
    """A process as it was seen. `mark` tells it from a later one with the same pid: on Linux the
    start time in clock ticks since boot, which a changed clock does not move."""

    pid: int
    parent: int
    session: int
    mark: str
    name: str = ""


def look(pid: int) -> Process | None:
    """The process with this pid; None when there is none, or only a zombie."""
    if not _LINUX:
        return _look_elsewhere(pid)
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            head, _, tail = file.read().rpartition(b")")
    except (FileNotFoundError, ProcessLookupError, PermissionError):  # the last: another user's, so none of ours
        return None
    fields = tail.split()
    if fields[0] in (b"Z", b"X"):
        return None
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    return Process(pid, int(fields[1]), int(fields[3]), fields[19].decode(), name)


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


def is_alive(pid: int, mark: str | None) -> bool:
    return mark is not None and mark_of(pid) == mark


def descendants(pid: int, table: list[Process] | None = None) -> list[Process]:
    """Children of `pid`, their children, and so on. Costs as much as there are of them where the
    kernel lists children, as much as there are processes elsewhere."""
    if table is None and _LISTS_CHILDREN:
        return _listed_descendants(pid)
    table = everything() if table is None else table
    family, found = {pid}, list[Process]()
    while new := [p for p in table if p.parent in family and p.pid not in family]:
        found += new
        family |= {p.pid for p in new}
    return found


def _listed_descendants(pid: int) -> list[Process]:
    found, waiting, seen = list[Process](), [pid], {pid}
    while waiting:
        for child in _children(waiting.pop()):
            process = look(child) if child not in seen else None
            if process is not None:
                seen.add(child)
                found.append(process)
                waiting.append(child)
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):  # each thread has its own
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                found += map(int, file.read().split())
    return found


_LISTS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def run_name(run_dir: str) -> str:
    """What a trial's process is called; the kernel takes 15 characters, and hands them on to forks."""
    return f"tw-{hashlib.sha1(os.fsencode(run_dir), usedforsecurity=False).hexdigest()[:12]}"


def of_run(run_dir: str, table: list[Process] | None = None) -> list[Process]:
    """Processes a trial started, wherever they hide (Linux): those it forked bear its name, those
    that ran another program since have inherited its variable."""
    wanted, name = os.fsencode(f"{RUN_DIR_VARIABLE}={run_dir}"), run_name(run_dir)
    found = []
    for process in everything() if table is None else table:
        if process.name == name:
            found.append(process)
            continue
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
    the imports of the process it came from; resident elsewhere; 0 when it has gone.

    The kernel walks every page for it: some ms a GiB. `resident_bytes` is never less, and free.
    """
    if _LINUX:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith(b"Pss:"))
        return 0
    return resident_bytes(pid)


def resident_bytes(pid: int) -> int:
    """Memory a process has in RAM, what it shares with others included; 0 when it has gone."""
    if _LINUX:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
        return 0
    import psutil

    with contextlib.suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def cpu_seconds(pid: int) -> float | None:
    """CPU time a process has used, in user and kernel mode; None when it has gone, or where the kernel has no /proc."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS
    return None


def reap_remains(run_dir: str, supervisor: tuple[int, str] | None, patience: float = 5.0) -> None:
    """Kills what is left of a trial whose supervisor (pid, mark) has ended, or was just killed, until nothing is."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        dying = supervisor is not None and is_alive(*supervisor)
        left = of_run(run_dir) + (of_session(supervisor[0]) if supervisor else [])
        if not kill(left, hard=True) and not dying:
            return
        time.sleep(0.02)


def _prctl(option: int, value: int | bytes) -> None:
    if _LIBC is not None:
        argument = ctypes.c_char_p(value) if isinstance(value, bytes) else ctypes.c_ulong(value)
        _LIBC.prctl(option, argument, ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def die_with_parent(parent: int) -> None:
    """Asks the kernel to kill this process when its parent ends (Linux; elsewhere nothing)."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Makes this process the parent of descendants whose own parent ends, so that none escapes (Linux)."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def take_name(name: str) -> None:
    """Calls this process, and those it will fork, `name` (Linux)."""
    _prctl(_PR_SET_NAME, name.encode())
