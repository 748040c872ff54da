"""How long steps and evaluations take, to know when the time that is left is what the last evaluations need."""

from __future__ import annotations

import time

_FORWARD = 0.4  # of a training step's time, before an evaluation has been seen: its share, and some more
_MARGIN = 1.3


class Pace:
    """Seconds a window, measured as they pass."""

    def __init__(self) -> None:
        self.evaluation: float | None = None
        self.trained, self.training = 0, 0.0
        self._since = time.monotonic()

    def begin(self) -> None:
        """Training goes on now: what passed before was something else."""
        self._since = time.monotonic()

    def learned(self, windows: int) -> None:
        now = time.monotonic()
        self.trained += windows
        self.training += now - self._since
        self._since = now

    def evaluated(self, windows: int, seconds: float) -> None:
        self.evaluation = max(self.evaluation or 0.0, seconds / windows)
        self.begin()

    def needs(self, windows: int) -> float:
        """Seconds that evaluating so many windows will take, on the safe side; 0 while nothing is known."""
        step = self.training / self.trained if self.trained else 0.0
        return _MARGIN * windows * (step * _FORWARD if self.evaluation is None else self.evaluation)
