"""One runner a store: an advisory lock that the kernel lets go of when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

_TRIES = 10


def lock_path(store_path: Path) -> Path:
    return store_path.with_name(store_path.name + ".runner")


class RunnerLock:
    """Held from `acquire` until the process ends."""

    def __init__(self, store_path: Path) -> None:
        self._fd = os.open(lock_path(store_path), os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self) -> bool:
        """Whether this process is the store's runner now. Writes its pid for people to read.

        Tries for a moment: whoever asks `runner_pid` holds the lock, shared, while it looks.
        """
        for _ in range(_TRIES):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
                continue
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)
            return True
        return False


def runner_pid(store_path: Path) -> int | None:
    """The pid of the running runner; None when there is none."""
    try:
        fd = os.open(lock_path(store_path), os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return int(os.pread(fd, 32, 0).strip() or 0)
    finally:
        os.close(fd)
