"""Starting the store's runner when it is needed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from agent.runner.lock import runner_pid

_AGAIN_AFTER = 2.0  # seconds; a runner needs about half a second to take its lock


class RunnerClient:
    """Keeps a runner alive for one store. The runner outlives this process."""

    def __init__(self, store_path: Path) -> None:
        self._store_path = store_path
        self._started = -_AGAIN_AFTER
        self._process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Starts the runner unless it runs. Cheap; call it whenever there is work.

        Two fronts may start one each: the second finds the lock taken and ends.
        """
        if self._process is not None and self._process.poll() is None:
            return
        now = time.monotonic()
        if now - self._started < _AGAIN_AFTER or runner_pid(self._store_path) is not None:
            return
        self._started = now
        log = self._store_path.with_name(self._store_path.name + ".runner.log")
        fd = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "agent.runner", str(self._store_path)],
                stdin=subprocess.DEVNULL,
                stdout=fd,
                stderr=fd,
                start_new_session=True,
            )
        finally:
            os.close(fd)
