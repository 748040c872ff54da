"""How much memory a trial holds, and whether the kernel has killed for lack of it."""

from __future__ import annotations

import time
from pathlib import Path

from trainers import processes

_EVERY = 0.5  # seconds between looks
_GROWN = 1.05  # what resident memory must have grown by before it is measured exactly again
_SHARE, _SHARE_AT_LIMIT = 0.02, 0.2  # of the time that exact measuring may take; more where the limit may be passed
_JUST_NOW = 10.0  # seconds; a process that held much takes some of them to die


class MemoryWatch:
    """Follows the memory of a process and its descendants. `peak` is the most seen, in bytes.

    What a process has resident is read each time; what it holds for itself, which takes the kernel
    long for a large one, only where that may be a new peak or too much.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._next = self._next_exact = time.monotonic() + _EVERY / 2
        self._resident_then = 0.0
        self._kills = OomKills()
        self.peak = 0

    def is_over(self, pid: int, now: float) -> bool:
        """Whether the process and its descendants hold more than the limit. Call it often: it looks twice a second."""
        if now < self._next:
            return False
        self._next = now + _EVERY
        self._kills.look(now)
        pids = [pid, *(p.pid for p in processes.descendants(pid))]
        resident = sum(map(processes.resident_bytes, pids))
        suspect = self._limit is not None and resident > self._limit
        if now < self._next_exact or not (suspect or resident > _GROWN * self._resident_then):
            return False
        used = sum(map(processes.memory_bytes, pids))
        self._next_exact = now + (time.monotonic() - now) / (_SHARE_AT_LIMIT if suspect else _SHARE)
        self._resident_then = resident
        self.peak = max(self.peak, used)
        return self._limit is not None and used > self._limit

    def kernel_has_killed(self) -> bool:
        """Whether the kernel has just killed a process for lack of memory, where this one would have been counted."""
        now = time.monotonic()
        self._kills.look(now)
        return now - self._kills.rose_at < _JUST_NOW


class OomKills:
    """The kernel's count of processes it has killed for lack of memory. `rose_at` is when it last
    rose, on the monotonic clock."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._counter = find_counter(root)
        self._seen = self._read()
        self.rose_at = float("-inf")

    def look(self, now: float) -> None:
        count = self._read()
        if count != self._seen:
            self._seen, self.rose_at = count, now

    def _read(self) -> int | None:
        return None if self._counter is None else read_counter(self._counter)


def find_counter(root: Path) -> Path | None:
    """The file that counts the kills in our own control group (version 2 or 1), else in the whole machine."""
    return next((path for path in _candidates(root) if read_counter(path) is not None), None)


def _candidates(root: Path) -> list[Path]:
    found, groups = [], root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, controllers, inside = line.split(":", 2)
        if "memory" in controllers.split(","):
            found += [
                groups / "memory" / inside.lstrip("/") / "memory.oom_control",
                groups / "memory/memory.oom_control",
            ]
        elif not controllers:  # a container sees its own group as the root, or the host's path to it
            found += [groups / inside.lstrip("/") / "memory.events", groups / "memory.events"]
    return [*found, root / "proc/vmstat"]


def read_counter(path: Path) -> int | None:
    """The `oom_kill` line of the file; None without one."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)
