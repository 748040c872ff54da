"""A person's hints as a prior on the acquisition, which fades with the trials and is let go when they contradict it.

As πBO has it (Hvarfner et al. 2022, "πBO: Augmenting Acquisition Functions with User Beliefs for Bayesian
Optimization"), the acquisition is multiplied by the prior to the power β / n, n being the configs ended since.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from agent.search.draws import at
from agent.search.history import ENOUGH, History
from agent.study.hint import Belief, Hint, beliefs
from trainers.parameters import NumberParameter, Parameter, Value
from trainers.space import Config

_SAID, _EDITED = 8.0, 4.0  # β: what is said counts whole for so many trials
_FADED = 0.1  # an exponent below which nothing is left
_SPREAD = 0.1  # of a range: how widely values are drawn about what was said
_INSIDE, _OUTSIDE = 0.5, 0.2  # densities that count as where the hint said, and as elsewhere
_TRIED = 2  # trials where it said, before the best of all elsewhere contradicts it


@dataclass(frozen=True)
class Held:
    """One belief as it still counts: `exponent` falls from 1."""

    belief: Belief
    hint: Hint
    exponent: float


def held(history: History) -> tuple[Held, ...]:
    """What still counts of the person's hints; of each parameter the latest."""
    latest = {b.name: Held(b, h, _exponent(history, h)) for h in history.hints for b in beliefs(history.space, h)}
    return tuple(one for one in latest.values() if one.exponent >= _FADED and not _contradicted(history, one.belief))


def _exponent(history: History, hint: Hint) -> float:
    since = max(len(history.ended) - hint.ended, 0)
    return min(1.0, (_SAID if hint.said else _EDITED) / max(since, 1))


def _contradicted(history: History, belief: Belief) -> bool:
    """Whether the best trial lies elsewhere although some were tried where the hint said."""
    if len(history.ranking) < ENOUGH:
        return False
    parameter = history.space.parameters[belief.name]
    if belief.density(parameter, history.ranking[0].params) > _OUTSIDE:
        return False
    tried = (t for t in history.completed if belief.density(parameter, t.params) >= _INSIDE)
    return sum(1 for _ in tried) >= _TRIED


def strays(history: History, config: Config) -> bool:
    """Whether `config` lies elsewhere than one of the hints said."""
    parameters = history.space.parameters
    said = (h.belief for h in held(history) if h.hint.said)
    return any(belief.density(parameters[belief.name], config) <= _OUTSIDE for belief in said)


def lean(history: History, beliefs_held: Sequence[Held], config: Config) -> float:
    """The log of the prior at `config`, to the power that is left of it; at most 0."""
    parameters = history.space.parameters
    return sum(h.exponent * math.log(h.belief.density(parameters[h.belief.name], config)) for h in beliefs_held)


def drawn(history: History, beliefs_held: Sequence[Held], config: Config, rng: random.Random) -> Config:
    """`config` with the values that are hinted at drawn from the prior, each as likely as it still counts. It may break
    constraints."""
    moved = {
        h.belief.name: _value(h.belief, history.space.parameters[h.belief.name], rng)
        for h in beliefs_held
        if rng.random() < h.exponent and h.belief.name in config
    }
    return history.space.snap({**config, **moved}) if moved else config


def _value(belief: Belief, parameter: Parameter, rng: random.Random) -> Value:
    if belief.choices or not isinstance(parameter, NumberParameter):
        return rng.choice(belief.choices)
    place = rng.gauss(rng.uniform(belief.low, belief.high), _SPREAD)
    return at(parameter, min(max(place, 0.0), 1.0))
