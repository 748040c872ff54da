"""How much memory of the GPUs a process and its descendants take, as nvidia-smi tells; never waits for it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterable

_QUERY = ["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"]
_EVERY = 2.0  # seconds between questions


class DeviceWatch:
    """`peak` in bytes, None where there is no nvidia-smi or the process used no GPU."""

    def __init__(self) -> None:
        self.peak: int | None = None
        self._there = shutil.which(_QUERY[0]) is not None
        self._asked: subprocess.Popen[str] | None = None
        self._next = 0.0

    def look(self, pids: Iterable[int], now: float) -> None:
        """Takes an answer that has come, and asks again when it is time."""
        if self._asked is not None and self._asked.poll() is not None:
            told = self._asked.communicate()[0]
            self._asked = None
            family, used = set(pids), 0
            for line in told.splitlines():
                with contextlib.suppress(ValueError):
                    pid, megabytes = line.split(",")
                    used += (int(megabytes) << 20) if int(pid) in family else 0
            self.peak = max(self.peak or 0, used) or None
        if self._there and self._asked is None and now >= self._next:
            self._next = now + _EVERY
            self._asked = subprocess.Popen(_QUERY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def close(self) -> None:
        if self._asked is not None:
            self._asked.kill()
            self._asked.communicate()
            self._asked = None
