"""Which choice of a categorical parameter stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from agent.importance import Effect
from agent.importance.drivers import Driver
from agent.importance.words import cited, contrast, holds, median, said
from agent.study.nouns import Trial
from trainers.contract import Objective

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LEVEL, _SHUFFLES = 0.05, 999
_FEW = 2  # trials with a choice below which it is not judged


def of_choices(trials: Sequence[Trial], driver: Driver, objective: Objective) -> Effect | None:
    """The one choice that beats the runner-up, or else the one that all others beat; None where neither is there."""
    applies = ~np.isnan(driver.place)
    place, rest = driver.place[applies], driver.rest[applies]
    having = [t for t, there in zip(trials, applies, strict=True) if there]
    by_mean = sorted(set(place), key=lambda x: (rest[place == x].mean(), x))
    for label, runner_up, worst in ((by_mean[0], by_mean[1], False), (by_mean[-1], by_mean[-2], True)):
        if not _apart(rest[place == label], rest[place == runner_up]):
            continue
        inside = [bool(x == label) for x in place]
        found = contrast(having, inside, objective, worse=worst)
        if not holds(found):
            continue
        mine, others = (found.others, found.better) if worst else (found.better, found.others)
        value = mine[0].params[driver.name]
        told = found.text("with the others", "with it") if worst else found.text("with it", "with the others")
        return Effect(
            parameter=driver.name,
            text=f"{driver.name}: {said(value)} {'did worse than the others' if worst else 'did best'} ({told})",
            matters=True,
            p=driver.p,
            trials=cited(mine, objective),
            choice=value,
            worst=worst,
            inside=median(mine),
            outside=median(others),
        )
    return None


def _apart(a: Floats, b: Floats) -> bool:
    """Whether chance hardly ever sets two groups of scores this far apart."""
    if min(len(a), len(b)) < _FEW:
        return False
    both = np.random.default_rng(0).permuted(np.tile(np.concatenate([a, b]), (_SHUFFLES, 1)), axis=1)
    by_chance = np.abs(both[:, : len(a)].mean(axis=1) - both[:, len(a) :].mean(axis=1))
    return bool(1 + (by_chance >= abs(a.mean() - b.mean()) - 1e-9).sum() <= _LEVEL * (1 + _SHUFFLES))
