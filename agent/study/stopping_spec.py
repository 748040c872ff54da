"""When a trial that promises too little is ended before its time."""

from __future__ import annotations

from dataclasses import dataclass

from trainers.space import Config

RULES = ("none", "median", "asha", "curve")


@dataclass(frozen=True, kw_only=True)
class StoppingSpec:
    """`trials` must have completed before any is stopped, and `warmup` of a trial's own length has passed.

    `eta` is asha's reduction factor, `chance` below which curve stops. `steps` says how many steps a trial plans, where
    its trainer does not: a number, or the parameter that gives it.
    """

    rule: str = "none"
    trials: int = 4
    warmup: float = 0.1
    eta: int = 3
    chance: float = 0.05
    steps: str = ""

    @property
    def on(self) -> bool:
        return self.rule != "none"

    def planned(self, params: Config) -> int | None:
        """How many steps `steps` plans for a config; None where it says nothing."""
        told = params.get(self.steps, self.steps)
        try:
            return max(int(float(told)), 1) if told is not None and told != "" else None
        except (ValueError, OverflowError):
            return None
