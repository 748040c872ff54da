"""How much of a difference between two trials is chance: the one place that says so."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from agent.study.figures import number
from agent.study.nouns import Trial, TrialState
from agent.study.repeats import Repeats, pooled, repeats, telling
from trainers.contract import Objective
from trainers.space import SearchSpace

_NEAR = 0.03  # SearchSpace.distance within which two configs are nearly the same
_LOOKED_AT = 48  # best and latest trials among which such pairs are sought
_PAIRS = 3  # fewer say nothing
_FREE = 3  # degrees of freedom below which a deviation is hardly known
_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776}  # Student's t, 97.5%, by degrees of freedom
_Z = 1.96
_NORMAL = 1.4826  # the standard deviation of a normal over the median of its absolute values


@dataclass(frozen=True)
class Noise:
    """`deviation` is the standard deviation of a trial's value when its config is run again; None when unknown.
    `is_bound` where it was judged from configs nearly the same, whose real difference is in it too. `freedom` counts
    the independent differences it rests on, `rests_on` names them."""

    deviation: float | None = None
    is_bound: bool = False
    rests_on: str = ""
    freedom: int = 0

    @property
    def limit(self) -> float | None:
        """How far two runs of one config lie apart in one case of twenty: what differs by less tells nothing. Wider
        where the deviation itself is known from few runs."""
        return self.between(1, 1)

    def between(self, one: float, other: float) -> float | None:
        """As `limit`, for the means of so many runs of one config and of another."""
        if self.deviation is None:
            return None
        return _telling(self.freedom) * self.deviation * math.sqrt(1 / one + 1 / other)

    @property
    def source(self) -> str:
        """Where the figure comes from, in words."""
        if self.deviation is None:
            return "no config has been run twice and no two are nearly the same"
        if self.is_bound:
            return f"at most, an estimate from {self.rests_on}"
        return f"from {self.rests_on}"

    @property
    def words(self) -> str:
        """`±0.02, from 3 runs of one config`; empty when nothing is known."""
        return self.worded(1, 1)

    def worded(self, one: int, other: int) -> str:
        """The same for two means."""
        limit = self.between(one, other)
        return "" if limit is None else f"±{number(limit, 2)}{' ' if self.is_bound else ', '}{self.source}"


def valued(trials: Sequence[Trial]) -> list[Trial]:
    """Those whose values can be held against each other: they came to their end with a finite one."""
    return [t for t in trials if t.state is TrialState.COMPLETED and t.value is not None and math.isfinite(t.value)]


def noise(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Noise:
    """Measured from configs run more than once, else judged from pairs of neighbours, else unknown. Trials without a
    finite value are passed over."""
    usable = valued(trials)
    return _repeats(usable, objective) or _neighbours(usable, space, objective) or Noise()


def _telling(freedom: int) -> float:
    """In standard errors; Student's t by Cornish and Fisher's expansion."""
    z = _Z + (_Z**3 + _Z) / (4 * max(freedom, 1)) + (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / (96 * max(freedom, 1) ** 2)
    return _T.get(max(freedom, 1), z)


def _repeats(trials: Sequence[Trial], objective: Objective) -> Noise | None:
    """The pooled standard deviation of the runs of one config. Runs of one seed that came out alike to the last digit
    say that the script is deterministic, and nothing of chance."""
    groups = [g for g in repeats(trials) if len(g.values) < 2 or _by_chance(g)]
    repeated = telling(groups, objective)
    if (deviation := pooled(repeated)) is None:
        return None
    free = sum(len(g.values) - 1 for g in repeated)
    count = sum(len(g.values) for g in repeated)
    rests_on = f"{count} runs of {'one config' if len(repeated) == 1 else f'{len(repeated)} configs'}"
    rough = ", so a rough figure" if free < _FREE else ""
    return Noise(deviation, rests_on=rests_on + rough, freedom=free)


def _by_chance(group: Repeats) -> bool:
    return len({t.seed for t in group.counted}) > 1 or len(set(group.values)) > 1


def _neighbours(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Noise | None:
    """From pairs of configs so near that their values should hardly differ."""
    ranked = sorted(trials, key=lambda t: (objective.sign * (t.value or 0.0), t.number))
    latest = sorted(trials, key=lambda t: t.number)[-_LOOKED_AT:]
    chosen = {t.number: t for t in (*ranked[:_LOOKED_AT], *latest)}
    pairs = itertools.combinations(chosen.values(), 2)
    near = [(a, b) for a, b in pairs if space.distance(a.params, b.params) <= _NEAR]
    apart = [abs((a.value or 0.0) - (b.value or 0.0)) for a, b in near if a.params != b.params]
    if len(apart) < _PAIRS:
        return None
    deviation = _NORMAL * statistics.median(apart) / math.sqrt(2)
    freedom = len({t.number for pair in near for t in pair}) - 1
    rests_on = f"{len(apart)} pairs of nearly equal configs"
    return Noise(deviation, is_bound=True, rests_on=rests_on, freedom=freedom)
