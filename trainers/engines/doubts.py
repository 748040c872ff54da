"""GPUs on which a trial lost its device: set aside for a while, then used again if the driver still lists them.

The while doubles with every loss, so that a dead GPU takes few trials of a night with it, and a GPU that comes back is
used again. The driver is asked by a thread: one that hangs holds nobody up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

FIRST, LONGEST = 60.0, 1800.0  # seconds


class Doubts:
    """`listed` tells the ids of the GPUs there are, and may take long."""

    def __init__(self, listed: Callable[[], Iterable[str]]) -> None:
        self._listed = listed
        self._losses: dict[str, int] = {}
        self._until: dict[str, float] = {}
        self._asking: threading.Thread | None = None
        self._answer: set[str] | None = None

    def lost(self, gpu: str) -> float:
        """Sets a GPU aside; for how many seconds at least."""
        self._losses[gpu] = self._losses.get(gpu, 0) + 1
        wait: float = min(FIRST * 2 ** (self._losses[gpu] - 1), LONGEST)
        self._until[gpu] = time.monotonic() + wait
        return wait

    def worked(self, gpu: str) -> None:
        """A trial has come to its end on it."""
        self._losses.pop(gpu, None)

    def aside(self) -> set[str]:
        """Those that are set aside now. Cheap; call it often."""
        now = time.monotonic()
        due = {gpu for gpu, until in self._until.items() if now >= until}
        if due and self._answer is not None:
            for gpu in due:
                if gpu in self._answer:
                    del self._until[gpu]
                else:
                    self.lost(gpu)
            self._answer = None
        elif due and (self._asking is None or not self._asking.is_alive()):
            self._asking = threading.Thread(target=self._ask, daemon=True)
            self._asking.start()
        return set(self._until)

    def _ask(self) -> None:
        self._answer = set(self._listed())
