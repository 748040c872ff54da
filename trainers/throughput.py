"""How fast a trial trains: samples a second between two reports, as the metric `samples_per_second`."""

from __future__ import annotations

import time

from trainers.contract import SAMPLES_PER_SECOND


class Throughput:
    """Counts the samples of training steps. Call `begin` when training goes on after something else, as evaluating."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._samples, self._since = 0, time.monotonic()

    def learned(self, samples: int) -> None:
        self._samples += samples

    def take(self) -> dict[str, float]:
        """As a report wants it. Call it once the device has been waited for, as reading a loss back does."""
        rate = self._samples / max(time.monotonic() - self._since, 1e-9)
        self.begin()
        return {SAMPLES_PER_SECOND: rate}
