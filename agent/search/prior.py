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
from agent.search.history import ENOUGH, History, has_value
from agent.study.hint import Belief, Hint, beliefs
from agent.study.nouns import Trial
from trainers.parameters import NumberParameter, Parameter, Value
from trainers.space import Config

_SAID, _EDITED = 8.0, 4.0  # β: what is said counts whole for so many trials
_FADED = 0.1  # an exponent below which nothing is left
_SPREAD = 0.1  # of a range: how widely values are drawn about what was said
_INSIDE, _OUTSIDE = 0.5, 0.2  # densities that count as where the hint said, and as elsewhere
_LASTS = math.ceil(_SAID / _FADED)  # trials after which nothing is left that could be contradicted
_TRIED = 2  # trials where it said, before the best of all elsewhere contradicts it


@dataclass(frozen=True)
class Held:
    """One belief as it still counts: `exponent` falls from 1. At 0 `why` says what ended it."""

    belief: Belief
    hint: Hint
    exponent: float
    why: str = ""


def held(history: History) -> tuple[Held, ...]:
    """What still counts of the person's hints; of each parameter the latest."""
    return tuple(one for one in standing(history) if one.exponent)


def standing(history: History) -> tuple[Held, ...]:
    """Every belief of the person's hints, with what is left of it."""
    every = [(b, h) for h in history.hints for b in beliefs(history.space, h)]
    latest = {b.name: h for b, h in every}
    return tuple(_standing(history, b, h, latest[b.name]) for b, h in every)


def _standing(history: History, belief: Belief, hint: Hint, latest: Hint) -> Held:
    if latest is not hint:
        return Held(belief, hint, 0.0, f"superseded by {words(latest)}")
    if (trial := _contradicted(history, belief, hint)) is not None:
        return Held(belief, hint, 0.0, f"contradicted by t{trial.number}")
    exponent = _exponent(history, hint)
    return Held(belief, hint, exponent) if exponent >= _FADED else Held(belief, hint, 0.0, "faded")


def words(hint: Hint) -> str:
    return f"“{hint.said}”" if hint.said else "edited: " + ", ".join(f"{n}={v}" for n, v in hint.params.items())


def _exponent(history: History, hint: Hint) -> float:
    since = max(len(history.ended) - hint.ended, 0)
    return min(1.0, (_SAID if hint.said else _EDITED) / max(since, 1))


def _contradicted(history: History, belief: Belief, hint: Hint) -> Trial | None:
    """The trial by which the best lay elsewhere although some were tried where the hint said. Only trials that ended
    after it was said speak against it, and are judged in the order in which they ended: what is let go stays so."""
    parameter = history.space.parameters[belief.name]
    before = (t for t in history.by_end[: hint.ended] if has_value(t))
    near = (history.loss(t) for t in before if belief.density(parameter, t.params) > _OUTSIDE)
    least = min(near, default=math.inf)  # of those where it said, or beside that
    elsewhere: Trial | None = None
    tried = completed = 0
    for trial in history.by_end[hint.ended : hint.ended + _LASTS]:
        if not has_value(trial):
            continue
        completed += 1
        density = belief.density(parameter, trial.params)
        tried += density >= _INSIDE
        if density > _OUTSIDE:
            least = min(least, history.loss(trial))
        elif elsewhere is None or history.loss(trial) < history.loss(elsewhere):
            elsewhere = trial
        if completed >= ENOUGH and tried >= _TRIED and elsewhere is not None and history.loss(elsewhere) < least:
            return elsewhere
    return None


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
