"""A trainer whose trials run as one, and every way in which one of them can misbehave.

A trial's `y` says what it does: see the constants. `options`: `steps`, `pause` and CPU seconds to `burn` between them, and `gain`, how much
faster a pack is per trial than a run by itself (1 where it says nothing).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quick_trainer import QuickTrainer  # type: ignore[import-not-found]

FINE, RAISES, DEAF, FATAL, SPOILS = 0.0, 1.0, 1.5, -1.5, -2.0
TRIGGER = 5  # the step at which it happens


class TogetherTrainer(QuickTrainer):  # type: ignore[misc]
    """Trials whose configs agree in the sign of `x` are of one shape."""

    name = "together"

    def tasks(self) -> tuple[str, ...]:
        return ("fine",)

    def run(self, config: Any, ctx: Any) -> None:
        for _, error in self.run_many([config], [ctx]):
            if error is not None:
                raise error

    def pack_key(self, config: Any, task: str, options: Mapping[str, Any]) -> str | None:
        return "positive" if config["x"] >= 0 else "negative"

    def run_many(self, configs: Sequence[Any], ctxs: Sequence[Any]) -> Iterator[tuple[int, BaseException | None]]:
        live = dict(enumerate(ctxs))
        options = ctxs[0].options
        for step in range(options.get("steps", 20)):
            for place, ctx in list(live.items()):
                error = self._step(step, configs[place]["y"], ctx, len(ctxs))
                if error is not None or (ctx.should_stop() and configs[place]["y"] != DEAF):
                    del live[place]
                    yield place, error
            time.sleep(options.get("pause", 0.0))
            until = time.process_time() + options.get("burn", 0.0)
            while time.process_time() < until:
                pass
        for place in live:
            yield place, None

    def _step(self, step: int, y: float, ctx: Any, together: int) -> Exception | None:
        ctx.report(step, loss=1.0 / (step + 1), together=float(together))
        if step != TRIGGER:
            return None
        if y == FATAL:
            os.kill(os.getpid(), signal.SIGSEGV)
        if y == SPOILS:
            raise RuntimeError("nobody knows whose fault it is")
        return ValueError("this one's own fault") if y == RAISES else None

    def step_seconds(
        self, config: Any, task: str, options: Mapping[str, Any], device: str, sizes: Sequence[int]
    ) -> dict[int, float]:
        print("printing does no harm")
        gain = options.get("gain", 1.0)
        return {size: 0.01 * (size / gain if size > 1 else 1.0) for size in sizes}
