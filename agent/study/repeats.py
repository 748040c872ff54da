"""Runs of one config: what they come to together, and which config is best."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.study.nouns import Trial, TrialState
from trainers.contract import Objective

_MANY = 8  # configs with a value from which on only the better half says how noisy the good ones are
_BACK = 2.0  # standard errors by which a mean is held back


@dataclass(frozen=True)
class Repeats:
    """Every trial of one config, by number."""

    trials: tuple[Trial, ...]

    @property
    def counted(self) -> list[Trial]:
        """Those whose values make the mean: completed with a finite one; only where there is none, pruned."""
        having = [t for t in self.trials if t.value is not None and math.isfinite(t.value)]
        completed = [t for t in having if t.state is TrialState.COMPLETED]
        return completed or [t for t in having if t.state is TrialState.PRUNED]

    @property
    def values(self) -> list[float]:
        return [t.value for t in self.counted if t.value is not None]

    @property
    def open(self) -> bool:
        """Whether a run of it is still queued or running."""
        return any(not t.state.ended for t in self.trials)

    def as_one(self) -> Trial:
        """Its runs as one trial: the first with a value, holding the mean and deviation of all. Without a value, a run
        that is still to end, else the last that failed, else the last."""
        if len(self.trials) == 1:
            return self.trials[0]
        if counted := self.counted:
            values = self.values
            deviation = statistics.stdev(values) if len(values) > 1 else None
            return replace(counted[0], value=statistics.fmean(values), runs=len(values), deviation=deviation)
        going = [t for t in self.trials if not t.state.ended]
        failed = [t for t in self.trials if t.state is TrialState.FAILED]
        return going[0] if going else (failed or self.trials)[-1]


def repeats(trials: Iterable[Trial]) -> list[Repeats]:
    """The trials by config, in order of each config's first."""
    found: dict[str, list[Trial]] = defaultdict(list)
    for trial in sorted(trials, key=lambda t: t.number):
        found[trial.key].append(trial)
    return [Repeats(tuple(group)) for group in found.values()]


def merged(trials: Iterable[Trial]) -> list[Trial]:
    """One trial a config, by number."""
    return sorted((group.as_one() for group in repeats(trials)), key=lambda t: t.number)


def of_config(trial: Trial, trials: Iterable[Trial]) -> Repeats:
    """The runs of `trial`'s config among `trials`."""
    return Repeats(tuple(sorted((t for t in trials if t.key == trial.key), key=lambda t: t.number)))


def telling(groups: Sequence[Repeats], objective: Objective) -> list[Repeats]:
    """Those that were run more than once and say how noisy the configs are that matter: of many, the better half. What
    diverges varies a hundred times as much, what never learns not at all."""
    having = [(objective.sign * statistics.fmean(v), g) for g in groups if (v := g.values)]
    if len(having) >= _MANY:
        middle = statistics.median(loss for loss, _ in having)
        better = [g for loss, g in having if loss <= middle]
        if any(len(g.values) > 1 for g in better):
            having = [pair for pair in having if pair[0] <= middle]
    return [g for _, g in having if len(g.values) > 1]


def pooled(groups: Sequence[Repeats]) -> float | None:
    """The standard deviation of a run about its config's mean, pooled over configs; None without a repeated one."""
    squares = [statistics.variance(g.values) * (len(g.values) - 1) for g in groups if len(g.values) > 1]
    free = sum(len(g.values) - 1 for g in groups if len(g.values) > 1)
    return math.sqrt(sum(squares) / free) if free else None


def best(trials: Iterable[Trial], objective: Objective) -> Trial | None:
    """The first of `ranked`, None where nothing has completed."""
    every = list(trials)
    if len({t.key for t in every}) == len(every):  # nothing was run twice: a long study asks for this at each end
        done = [t for t in every if t.state is TrialState.COMPLETED and t.value is not None and math.isfinite(t.value)]
        return min(done, key=lambda t: (objective.sign * (t.value or 0.0), t.number), default=None)
    return next(iter(ranked(every, objective)), None)


def ranked(trials: Iterable[Trial], objective: Objective) -> list[Trial]:
    """The configs that have completed, each as one trial, by their means; of equals the earlier first.

    Where configs have had unequally many runs, each mean is held back by two of its standard errors, so that a lucky
    draw is not called best over what was confirmed. A config whose runs are still going on waits behind the others
    until it has had as many as the best of them.
    """
    groups = [g for g in repeats(trials) if any(t.state is TrialState.COMPLETED for t in g.counted)]
    chance = pooled(telling(groups, objective)) or 0.0

    def loss(group: Repeats) -> tuple[float, int]:
        values = group.values
        held = _BACK * chance / math.sqrt(len(values))
        return objective.sign * statistics.fmean(values) + held, group.counted[0].number

    whole = [g for g in groups if not g.open]
    needed = len(min(whole, key=loss).values) if whole else 0
    return [g.as_one() for g in sorted(groups, key=lambda g: (g.open and len(g.values) < needed, *loss(g)))]
