"""What can be said of each parameter: where its good values lie, or that it made no difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agent.importance import Effect
from agent.importance.choices import of_choices
from agent.importance.drivers import Driver, drivers
from agent.importance.ranges import of_range
from agent.importance.words import said
from agent.study.nouns import Trial
from trainers.contract import Objective
from trainers.parameters import CategoricalParameter, NumberParameter, Parameter
from trainers.space import SearchSpace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST_TRIALS = 500
_FLAT_FROM = 30  # trials with the parameter
_FLAT_CHANCE = 0.3
_FLAT_SPREAD = 0.5  # of its range, between the tenth and the ninetieth of a hundred trials
_EACH_CHOICE = 4


def findings(trials: Sequence[Trial], space: SearchSpace, objective: Objective) -> list[Effect]:
    """Those that matter, the strongest first, then those that made no difference. Of more than MOST_TRIALS trials an
    even spread by number, and the best, are looked at."""
    if len(trials) > MOST_TRIALS:
        best = min(trials, key=lambda t: objective.sign * (t.value or 0.0))
        spread = [trials[i] for i in np.linspace(0, len(trials) - 1, MOST_TRIALS).round().astype(int)]
        trials = sorted({t.number: t for t in (*spread, best)}.values(), key=lambda t: t.number)
    found = drivers(trials, space, objective)
    told = [_effect(trials, space.parameters[driver.name], driver, objective) for driver in found.drivers]
    if not told:  # a test that found nothing may be one that could find nothing
        return []
    flat = (name for name, p in found.others.items() if p > _FLAT_CHANCE)
    return told + [
        _flat(trials, space.parameters[name], found.others[name])
        for name in flat
        if _widely_tried(space.parameters[name], found.places[name])
    ]


def _effect(trials: Sequence[Trial], parameter: Parameter, driver: Driver, objective: Objective) -> Effect:
    if isinstance(parameter, NumberParameter):
        found = of_range(trials, parameter, driver, objective)
    else:
        found = of_choices(trials, driver, objective)
    if found is not None:
        return found
    text = f"{parameter.name} matters, though no part of what was tried stands out"
    return Effect(parameter=parameter.name, text=text, matters=True, p=driver.p)


def _widely_tried(parameter: Parameter, place: Floats) -> bool:
    applies = place[~np.isnan(place)]
    if len(applies) < _FLAT_FROM:
        return False
    if isinstance(parameter, CategoricalParameter):
        counts = [int((applies == choice).sum()) for choice in set(applies)]
        return len(counts) == len(parameter.choices) and min(counts) >= _EACH_CHOICE
    return bool(np.quantile(applies, 0.9) - np.quantile(applies, 0.1) >= _FLAT_SPREAD)


def _flat(trials: Sequence[Trial], parameter: Parameter, p: float) -> Effect:
    values = [t.params[parameter.name] for t in trials if parameter.name in t.params]
    if isinstance(parameter, CategoricalParameter):
        over = f"among {', '.join(said(choice) for choice in parameter.choices)}"
    else:
        over = f"between {said(min(values))} and {said(max(values))}"
    text = f"{parameter.name} made no measurable difference {over}"
    return Effect(parameter=parameter.name, text=text, matters=False, p=p)
