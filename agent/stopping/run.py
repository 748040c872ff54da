"""What the rules know of a trial, and how far along it is beside the others."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from statistics import median

_SAME = 1 + 1e-9  # of positions: 0.3 × 10 steps are 3
_LATEST = 3  # finite reports whose median is what a trial has come to, where the last one counts


@dataclass(frozen=True, kw_only=True)
class Run:
    """A trial's objective by step, its sign such that smaller is better; nan where it was not finite.

    `total` are the steps it plans, None where nobody knows. `exempt` trials are never stopped. `last` says that a trial
    counts with its last report, not with its best.
    """

    number: int
    steps: Sequence[int]
    losses: Sequence[float]
    total: int | None = None
    completed: bool = False
    paused: bool = False
    exempt: bool = False
    last: bool = False

    @property
    def length(self) -> int | None:
        """Its steps in all: as planned, else as it went where it has completed."""
        if self.total is None and self.completed and self.steps:
            return self.steps[-1]
        return self.total

    @cached_property
    def levels(self) -> Sequence[float]:
        """What it has come to with each report: the best so far, or about the latest; infinity before a finite one."""
        finite = [loss if math.isfinite(loss) else math.inf for loss in self.losses]
        if not self.last:
            return list(accumulate(finite, min))
        windows = ([x for x in finite[: i + 1] if x < math.inf][-_LATEST:] for i in range(len(finite)))
        return [median(window) if window else math.inf for window in windows]

    def level(self, step: float) -> float | None:
        """What it had come to at `step`; None when it has not been there. What completed before its plan's end stays
        as it was."""
        if not self.steps or (self.steps[-1] * _SAME < step and not self.completed):
            return None
        reports = bisect_right(self.steps, step * _SAME)
        return self.levels[reports - 1] if reports else math.inf

    @property
    def now(self) -> float:
        """What it has come to; infinity before a finite report."""
        return self.levels[-1] if self.levels else math.inf


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How trials are laid beside the one that is judged: by share of their own length, or by step.

    `reach` is the end of a trial: 1, or the steps of the longest that completed (0 when none has).
    """

    by_share: bool
    reach: float

    @classmethod
    def of(cls, run: Run, runs: Sequence[Run]) -> Frame:
        if run.length is not None:
            return cls(by_share=True, reach=1.0)
        ends = [other.steps[-1] for other in runs if other.completed and other.steps]
        return cls(by_share=False, reach=float(max(ends, default=0)))

    def position(self, run: Run) -> float:
        """How far a run has come; 0 before its first report."""
        if not run.steps:
            return 0.0
        return run.steps[-1] / max(run.length or 1, 1) if self.by_share else float(run.steps[-1])

    def level(self, run: Run, position: float) -> float | None:
        """What a run had come to at `position`; None when it has not been there, or nobody knows how long it is."""
        if not self.by_share:
            return run.level(position)
        return None if run.length is None else run.level(position * run.length)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether to stop a trial, and why or why not in words."""

    stop: bool
    reason: str
    chance: float | None = None  # that it beats the best, where the rule says so


def going_on(reason: str, chance: float | None = None) -> Verdict:
    return Verdict(stop=False, reason=reason, chance=chance)
