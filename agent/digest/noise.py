"""How much of a difference between two trials is chance."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from agent.study.nouns import Trial
from trainers.contract import Objective
from trainers.space import SearchSpace, config_key

_NEAR = 0.03  # SearchSpace.distance within which two configs are nearly the same
_LOOKED_AT = 48  # best and latest trials among which such pairs are sought
_PAIRS = 3  # fewer say nothing
_FREE = 3  # degrees of freedom below which a deviation is hardly known
TELLING = 1.96 * 2**0.5  # standard deviations two runs of one config lie apart in one case of twenty
_NORMAL = 1.4826  # the standard deviation of a normal over the median of its absolute values


@dataclass(frozen=True)
class Noise:
    """`deviation` is the standard deviation of a trial's value when its config is run again; None when unknown.
    `is_bound` where it was judged from configs nearly the same, whose real difference is in it too."""

    deviation: float | None = None
    is_bound: bool = False
    rests_on: str = ""


def noise(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Noise:
    """Measured from configs run more than once, else judged from pairs of neighbours. `trials` have values."""
    return _repeats(trials) or _neighbours(trials, space, objective) or Noise()


def _repeats(trials: Sequence[Trial]) -> Noise | None:
    """The pooled standard deviation of the runs of one config."""
    runs: dict[str, list[float]] = defaultdict(list)
    for trial in trials:
        if trial.value is not None:
            runs[config_key(trial.params)].append(trial.value)
    repeated = [values for values in runs.values() if len(values) > 1]
    if not repeated:
        return None
    free = sum(len(values) - 1 for values in repeated)
    pooled = math.hypot(*(statistics.stdev(values) * math.sqrt(len(values) - 1) for values in repeated)) / math.sqrt(
        free
    )
    count = sum(map(len, repeated))
    rests_on = f"{count} runs of {'one config' if len(repeated) == 1 else f'{len(repeated)} configs'}"
    return Noise(pooled, rests_on=rests_on + (", so a rough figure" if free < _FREE else ""))


def _neighbours(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> Noise | None:
    """From pairs of configs so near that their values should hardly differ."""
    ranked = sorted(trials, key=lambda t: (objective.sign * (t.value or 0.0), t.number))
    chosen = {t.number: t for t in (*ranked[:_LOOKED_AT], *trials[-_LOOKED_AT:])}
    pairs = itertools.combinations(chosen.values(), 2)
    apart = [
        abs(a.value - b.value)
        for a, b in pairs
        if a.value is not None and b.value is not None and space.distance(a.params, b.params) <= _NEAR
    ]
    if len(apart) < _PAIRS:
        return None
    deviation = _NORMAL * statistics.median(apart) / math.sqrt(2)
    return Noise(deviation, is_bound=True, rests_on=f"{len(apart)} pairs of nearly equal configs")
